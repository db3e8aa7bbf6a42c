// The queue in sight: the strip above everything, the rows that wait, were refused or conflict, the
// file they can be carried in, and the few decisions that only a person may take.
import { differences } from "./differences.js";
import { $, $$, age, clockTime, icon, labelOf, make, put, say, show, tell, wrong } from "./page.js";

const FEW = 10;

export class Lists {
  #desk;
  #compared = null;
  #forgetting = null;
  #exported = new Set();

  constructor(desk) {
    this.#desk = desk;
  }

  /** Bring strip and lists up to date. */
  async draw() {
    const { outbox, store } = this.#desk;
    const [summary, left, rows] = await Promise.all([outbox.summary(), store.left(), outbox.rows()]);
    this.#strip(summary, left);
    const count = summary.refused + summary.conflicts;
    $$("[data-put='count']").forEach((one) => { one.textContent = count; one.hidden = !count; });
    ["waiting", "refused", "conflict"].forEach((state) => this.#list(state, rows.filter((row) => row.state === state)));
  }

  #strip(summary, left) {
    const { online, session } = this.#desk;
    put("refused", summary.refused);
    put("conflicts", summary.conflicts);
    put("codes", left.codes);
    put("selectors", left.selectors);
    const mark = (name, wanted) => $$(`.waits [data-put="${name}"]`).forEach((one) => one.parentNode.classList.toggle("is-wrong", wanted));
    mark("refused", summary.refused > 0);
    mark("conflicts", summary.conflicts > 0);
    mark("codes", left.codes < FEW);
    mark("selectors", left.selectors < FEW);
    const whole = summary.waiting + summary.refused + summary.conflicts;
    const waits = whole ? say("unsent", { n: whole }) : say("all sent");
    const state = !online ? "off" : session === 401 ? "login" : session === "withdrawn" ? "withdrawn" : "on";
    const oldest = whole && summary.oldest ? say("oldest", { age: age(Date.now() - new Date(summary.oldest)) }) : "";
    put("headline", state === "on" ? waits : `${say(`state ${state}`)} ${waits}`);
    const next = state === "on" ? (left.codes === 0 ? say("codes out") : "") : say(`says ${state}`);
    put("detail", [oldest, left.codes === 0 && state !== "on" ? say("codes out") : next].filter(Boolean).join(" "));
    $$("[data-network]").forEach((one) => { one.dataset.network = state === "on" && (summary.refused || summary.conflicts) ? "look" : state; });
    $$("[data-strip] [data-sign]").forEach((one) => one.setAttribute("href", `/static/icons.svg#i-${{ off: "offline", login: "key", withdrawn: "stop" }[state] || (whole ? "hourglass" : "check")}`));
    show("[data-strip] [data-log-in]", state === "login");
    show("[data-strip] [data-do='send']", state !== "login" && whole > 0);
  }

  #list(state, rows) {
    const place = $(`[data-list="${state}"]`);
    if (!place) return;
    if (state !== "waiting") place.hidden = !rows.length;
    else show($("[data-empty]", place), !rows.length);
    $(".rows", place).replaceChildren(...rows.map((row) => this.#row(row)));
  }

  #row(row) {
    const facts = [say(`kind ${row.kind}`), clockTime(row.recorded_at), row.samples ? say("samples", { n: row.samples }) : ""].filter(Boolean).join(" · ");
    const why = row.answer && row.state === "refused" ? [row.answer.detail, ...row.answer.errors.map((one) => one.message)].filter((one, at, all) => one && all.indexOf(one) === at) : [];
    const button = (act, words, kind = "") => make("button", { class: `btn${kind}`, type: "button", "data-do": act, "data-id": row.id }, words);
    // What opens a record, or throws it away, needs the PIN; sending and carrying away do not.
    const open = this.#desk.lock.isOpen;
    const acts = !open ? [] : { waiting: [], refused: [button("edit", say("open and edit"), " btn--main"), button("again", say("send again"))], conflict: [button("compare", say("compare"), " btn--main")] }[row.state] || [];
    if (open && row.kind !== "visit" && row.state === "refused") acts.shift();
    return make("li", { "data-row": row.id }, make("div", { class: "grow" }, make("strong", { class: "code" }, row.id.slice(0, 8)), " ", make("span", {}, facts), ...why.map((one) => make("p", { class: "error" }, icon("err"), make("span", {}, one)))),
      open ? make("div", { class: "row" }, ...acts, button("forget", say("forget"), " btn--quiet")) : null);
  }

  // ------------------------------------------------------------------------- a file of the queue

  async export() {
    const rows = await this.#desk.outbox.rows();
    const file = await this.#desk.outbox.exportFile();
    const name = `balise-${(this.#desk.device?.name || "table").replace(/[^\w-]+/g, "-")}-${new Date().toISOString().slice(0, 16).replace(/[:T]/g, "-")}.json`;
    const link = make("a", { href: URL.createObjectURL(file), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    rows.forEach((row) => this.#exported.add(row.id));
    tell(say("exported", { n: rows.length }));
    put("import-says", say("exported", { n: rows.length }));
  }

  async import(field) {
    const file = field.files[0];
    field.value = "";
    if (!file) return;
    try {
      const found = await this.#desk.outbox.importFile(await file.text());
      put("import-says", say("imported", found));
    } catch (failed) {
      put("import-says", labelOf(failed.words, say(failed.reason === "file" ? "no queue file" : "not kept")));
    }
  }

  // ------------------------------------------------------------------------------- forgetting

  async forget(id) {
    const row = await this.#desk.store.row(id);
    if (!row || !this.#desk.lock.isOpen) return;
    this.#forgetting = row;
    const box = $("[data-dialog='forget']");
    $("form", box).reset();
    wrong(box, "");
    put("forget-what", `${row.id.slice(0, 8)} · ${say(`kind ${row.kind}`)} · ${clockTime(row.recorded_at)}`);
    box.showModal();
  }

  async forgetNow() {
    const box = $("[data-dialog='forget']"), row = this.#forgetting;
    if (!this.#exported.has(row.id)) return wrong(box, say("export first"));
    if (!$("#f-forget-why").value.trim()) return wrong(box, say("say why"));
    if ($("#f-forget-word").value.trim().toLowerCase() !== row.id.slice(0, 4)) return wrong(box, say("type four"));
    await this.#desk.outbox.forget(row.id, $("#f-forget-why").value.trim());
    await this.#desk.used.release(row.id);
    box.close();
    tell(say("forgotten"));
    return this.draw();
  }

  // -------------------------------------------------------------------- opened by the server again

  /** What the server opened of a row; asked again where this page no longer knows it. */
  async #opened(id) {
    const { outbox, transport, store } = this.#desk;
    const here = outbox.opened(id);
    if (here && (here.ours || here.theirs)) return here;
    const row = await store.row(id);
    if (!row) return null;
    await new Promise((resolve) => {
      const done = async () => {
        const now = await store.row(id);
        if (now && now.state === "waiting" && !now.answer) return;
        outbox.removeEventListener("change", done);
        resolve();
      };
      outbox.addEventListener("change", done);
      outbox.again(id);
      setTimeout(() => { outbox.removeEventListener("change", done); resolve(); }, 15000);
    });
    return outbox.opened(id);
  }

  /** Open a refused visit in the form. */
  async edit(id) {
    const opened = this.#desk.lock.isOpen && (await this.#opened(id));
    const row = await this.#desk.outbox.row(id);
    if (!row || !this.#desk.lock.isOpen) return this.draw();
    if (!opened || !opened.ours) return tell(say("not opened"));
    await this.#desk.after.edit(row, opened.ours);
    return undefined;
  }

  async compare(id) {
    const opened = this.#desk.lock.isOpen && (await this.#opened(id));
    const row = await this.#desk.store.row(id);
    if (!row || !this.#desk.lock.isOpen) return this.draw();
    if (!opened || !opened.ours || !opened.theirs) return tell(say("not opened"));
    this.#compared = { row, ...opened };
    put("compare-what", `${row.id.slice(0, 8)} · ${say(`kind ${row.kind}`)} · ${clockTime(row.recorded_at)}`);
    $("[data-compared]").replaceChildren(...differences(opened.theirs, opened.ours).map(({ name, theirs, ours }) =>
      make("tr", { class: theirs === ours ? null : "clash" }, make("th", { scope: "row" }, name), make("td", {}, theirs || "–"), make("td", {}, ours || "–"))));
    wrong($("[data-view='conflict']"), "");
    this.#desk.go("conflict");
    return undefined;
  }

  async keepTheirs() {
    await this.#desk.outbox.forget(this.#compared.row.id, say("kept theirs"));
    tell(say("kept theirs"));
    return this.#desk.go("lists");
  }

  /** Let the server take what stands here as a correction; then the row is had and leaves the queue. */
  async sendMine() {
    const { transport, store, outbox } = this.#desk;
    const row = await store.row(this.#compared.row.id);
    const place = $("[data-view='conflict']");
    const session = await transport.session();
    if (session.status !== 200) return wrong(place, say(session.status === 401 ? "not opened" : "needs network"));
    const headers = { "Content-Type": "application/json", "X-CSRFToken": session.body.csrf, "X-Sent-At": new Date().toISOString() };
    const answer = await fetch(`/table/outbox/${row.id}/take?lang=${document.documentElement.lang}`, { method: "POST", headers, body: row.envelope, redirect: "error" }).catch(() => null);
    const body = answer && (await answer.json().catch(() => null));
    if (!answer || !answer.ok || !body || body.hash !== row.hash) return wrong(place, (body && body.detail) || say("needs network"));
    await outbox.again(row.id);
    tell(say("sent as correction"));
    return this.#desk.go("lists");
  }
}
