// The table: puts store, outbox, lock and screens together, and decides which of them is in sight.
// Everything runs without a network; the network only empties the queue and fills the reserves.
import { Device } from "./device.js";
import { Lists } from "./lists.js";
import { Lock } from "./lock.js";
import { LookUp } from "./lookup.js";
import { Outbox } from "./outbox.js";
import { Photos } from "./photo.js";
import { label, print, shownCode, ticket } from "./print.js";
import { fill } from "./form.js";
import { Screen } from "./screen.js";
import { openStore } from "./store.js";
import { Transport } from "./transport.js";
import { $, $$, day, labelOf, language, make, put, readWords, say, show, tell, wrong } from "./page.js";

const TICK = 15000;
const ROUND = 5 * 60000;
const OPEN_VIEWS = ["register", "done", "look-up", "lists", "conflict", "device"];

class Desk {
  online = navigator.onLine;
  session = null;
  device = null;
  bundle = null;
  unsigned = false;
  state = "none";
  view = "";
  done = null;
  persisted = null;
  reserve = 100;
  #lockedView = null;
  #seen = Date.now();
  #asideDraft = null;

  async boot() {
    readWords();
    this.store = await openStore();
    this.transport = new Transport();
    this.outbox = new Outbox({ store: this.store, transport: this.transport });
    this.lock = new Lock(this.store);
    this.device = await this.store.get("device");
    this.reserve = (await this.store.get("reserve wanted")) || 100;
    this.screen = new Screen(this);
    this.photos = new Photos(this);
    this.lookUp = new LookUp(this);
    this.lists = new Lists(this);
    this.own = new Device(this);
    this.#listen();
    this.screen.write({});
    await this.place();
    document.documentElement.dataset.ready = "yes";
    this.persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? null;
    if (this.device) this.persisted = await this.outbox.start();
    await this.round();
    setInterval(() => this.#tick(), TICK);
    setInterval(() => this.round(), ROUND);
  }

  /** Show what this device is ready for: set-up, the lock or the form. */
  async place() {
    this.state = await this.lock.state();
    if (!this.device || this.state === "none" || this.state === "wiped") await this.show("start");
    else await this.show(this.state === "open" ? this.view || "register" : "locked");
  }

  async show(view) {
    this.view = view;
    const open = this.lock.isOpen;
    $$("[data-view]").forEach((one) => { one.hidden = one.dataset.view !== view; });
    show("[data-strip]", Boolean(this.device));
    show("[data-views]", Boolean(this.device) && (open || view === "locked" || view === "lists"));
    $$("[data-go]").forEach((one) => {
      one.toggleAttribute("aria-current", one.dataset.go === view || (one.dataset.go === "register" && view === "done") || (one.dataset.go === "lists" && view === "conflict"));
      if (one.hasAttribute("aria-current")) one.setAttribute("aria-current", "page");
      one.hidden = !open && one.dataset.go !== "lists";
    });
    show("[data-do='lock']", open);
    show("[data-where]", Boolean(this.device));
    put("site", this.device ? this.device.site_name : "");
    put("device", this.device ? this.device.name : "");
    $$("[data-log-in]").forEach((one) => { one.href = `/log-in?next=${encodeURIComponent(`/table/${language()}`)}`; });
    if (view === "start") await this.own.start();
    if (view === "device") await this.own.draw();
    if (this.device) await this.lists.draw();
    if (view === "locked") $("#f-unlock-pin").focus();
  }

  async go(view) {
    await this.show(view === "register" && this.done ? "done" : view);
    $(`[data-view="${this.view}"] h1`)?.focus();
    window.scrollTo(0, 0);
  }

  // ---------------------------------------------------------------------------- open and locked

  /** The PIN was right, or the device is new: what was typed comes back. */
  async opened() {
    this.#seen = Date.now();
    this.state = "open";
    await this.lookUp.restore();
    await this.photos.restore();
    const draft = await this.lock.kept("draft");
    this.screen.write(draft || {});
    show("[data-editing]", Boolean(this.screen.editing));
    if (this.#lockedView && this.#lockedView.done) {
      this.done = await this.lock.decrypted("done", this.#lockedView.done);
      this.drawDone();
    }
    const view = this.done ? "done" : "register";
    this.#lockedView = null;
    await this.go(view);
    this.round();
  }

  async lockNow() {
    if (!this.lock.isOpen) return;
    await this.screen.saveNow();
    this.#lockedView = { done: this.done ? await this.lock.encrypted("done", this.done) : null };
    this.lock.close();
    this.outbox.forgetWords();
    this.#forget();
    await this.place();
  }

  async wiped() {
    this.#lockedView = null;
    this.outbox.forgetWords();
    this.#forget();
    await this.place();
  }

  /** Take everything readable out of memory and off the page. */
  #forget() {
    this.done = null;
    $$("dialog[open]").forEach((one) => one.close());
    ["[data-ticket]", "[data-labels]", "[data-paper]", "[data-compared]", "[data-measuring]"].forEach((one) => $$(one).forEach((each) => each.replaceChildren()));
    this.photos.forget();
    this.lookUp.clear();
    this.screen.write({});
  }

  async #tick() {
    if (this.lock.isOpen && Date.now() - this.#seen > this.lock.idleMinutes * 60000) await this.lockNow();
    if (this.device) await this.lists.draw();
    if (this.bundle) this.lookUp.draw();
  }

  /** With a network: who is logged in, reserves, bundle. */
  async round() {
    if (!this.device) return;
    if ((await this.own.session()) === 200) {
      await this.own.fill();
      await this.lookUp.fetch();
      const { status, body } = await this.transport.device(this.device.id);
      if (status === 200 && body && body.withdrawn) this.session = "withdrawn";
    }
    await this.lists.draw();
  }

  async send() {
    await this.own.session();
    await this.outbox.wake("button");
    await this.lists.draw();
    await this.own.fill();
  }

  // ----------------------------------------------------------------------------- after recording

  async recorded({ id, body, values, codes, ticket: shown, replaced = false }) {
    const forms = new Map($$("#t-block").flatMap((one) => [...one.content.querySelectorAll("input[name$='-form']")].map((each) => [each.value, each.parentNode.textContent.trim()]).concat([...one.content.querySelectorAll("select[name$='-form_other'] option")].map((each) => [each.value, each.textContent]))));
    const samples = body.samples.map((one, place) => ({ code: codes[place], form: forms.get(one.form) || one.form, day: day(new Date().toISOString()) }));
    this.done = { id, samples, body, values: { ...values, samples: values.samples.map((one, place) => ({ ...one, code: codes[place] })) }, ticket: shown, sent: false, replaced };
    if (this.#asideDraft && replaced) {
      await this.lock.keep("draft", this.#asideDraft);
      this.done.aside = this.#asideDraft;
      this.#asideDraft = null;
    } else await this.lock.drop("draft");
    await this.photos.clear();
    this.screen.write({});
    show("[data-editing]", false);
    this.drawDone();
    await this.go("done");
    tell(say("recorded"));
  }

  drawDone() {
    const { samples, ticket: shown, sent, replaced } = this.done;
    put("sent-state", say(sent ? "arrived" : "here only"));
    $$("[data-put='sent-state']").forEach((one) => { one.className = sent ? "chip chip--done" : "chip chip--prov"; });
    show("[data-do='correct']", !sent);
    $("[data-labels]").replaceChildren(...samples.map((one) => make("li", {}, label(one))));
    show("[data-ticket]", Boolean(shown));
    show("[data-ticket-buttons]", Boolean(shown));
    $("[data-ticket]").replaceChildren(...(shown ? ticket(shown, this.device.public_url || location.origin, samples.length) : []));
    put("ticket-says", say(shown ? "ticket now" : this.done.handed ? "ticket handed" : replaced ? "ticket as before" : "no ticket"));
  }

  handedOver() {
    this.done.ticket = "";
    this.done.handed = true;
    this.drawDone();
    $("[data-do='next-visit']").focus();
  }

  async nextVisit() {
    const aside = this.done && this.done.aside;
    this.done = null;
    ["[data-ticket]", "[data-labels]", "[data-paper]"].forEach((one) => $(one).replaceChildren());
    this.screen.write(aside || {});
    await this.go("register");
  }

  async correct() {
    const { id, body, values, ticket: shown } = this.done;
    this.screen.write({ ...values, editing: { id, ticket: body.ticket, shown } });
    this.done = null;
    this.#editingSays(id, say("editing own"));
    await this.go("register");
  }

  /** Open a refused record in the form: its answers as the server read them, its problems beside them. */
  async edit(row, ours) {
    this.#asideDraft = this.screen.read();
    const quick = (one) => (one.sold_as === "unknown" ? { ...one, sold_as: "", sold_as_quick: "unknown" } : one);
    this.screen.write({ ...ours, samples: (ours.samples || []).map(quick), id: row.id, editing: { id: row.id, ticket: ours.ticket || null }, touched: true });
    this.#editingSays(row.id, say("editing refused"));
    await this.show("register");
    this.screen.errors((row.answer && row.answer.errors) || [], (row.answer && row.answer.detail) || say("look again"));
  }

  #editingSays(id, words) {
    put("editing", `${words} (${id.slice(0, 8)})`);
    show("[data-editing]");
  }

  async stopEditing() {
    const aside = this.#asideDraft;
    this.#asideDraft = null;
    await this.screen.clear();
    if (aside) this.screen.write(aside);
    await this.go("lists");
  }

  /** Correct a sample that the server holds with the answers that stand here, through its own page. */
  async correctSample(sample) {
    const address = `/samples/${sample.id}`;
    try {
      const answer = await fetch(address, { redirect: "error", cache: "no-store" });
      if (!answer.ok) return say("not corrected", { code: shownCode(sample.code || "") });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const form = page.querySelector("form:has([name='row_version'])");
      const held = document.adoptNode(form);
      fill(held, "", sample);
      const sent = await fetch(address, { method: "POST", redirect: "manual", body: new URLSearchParams(new FormData(held)) });
      return sent.type === "opaqueredirect" ? "" : say("not corrected", { code: shownCode(sample.code || "") });
    } catch (noNetwork) {
      return say("needs network");
    }
  }

  async notAccepted() {
    const box = $("[data-dialog='not-accepted']");
    const reason = $("#f-refusal-reason").value;
    if (!reason) return wrong(box, say("choose reason"));
    try {
      await this.outbox.record("not accepted", { site_id: this.device.site_id, reason, form: $("#f-refusal-form").value });
    } catch (error) {
      return wrong(box, labelOf(error.words, say("not kept")));
    }
    box.close();
    tell(say("refusal recorded"));
    return this.lists.draw();
  }

  /** The same page in another language, without losing what is open here. */
  async speak(link) {
    let page;
    try {
      const answer = await fetch(link.href, { redirect: "error" });
      if (!answer.ok) throw new Error("no page");
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch (notKept) {
      await this.screen.saveNow();
      location.assign(link.href);
      return;
    }
    const values = this.screen.read();
    document.documentElement.lang = page.documentElement.lang;
    document.title = page.title;
    history.replaceState(null, "", link.href);
    document.body.replaceChildren(...page.body.children);
    readWords();
    this.screen.write(values);
    await this.photos.draw();
    if (this.done) this.drawDone();
    this.lookUp.draw();
    await this.show(this.view);
    $(`.lang a[lang="${language()}"]`)?.focus();
  }

  // -------------------------------------------------------------------------------- what is done

  #acts = {
    "lock": () => this.lockNow(),
    "send": () => this.send(),
    "export": () => this.lists.export(),
    "edit": (one) => this.lists.edit(one.dataset.id),
    "again": async (one) => { await this.outbox.again(one.dataset.id); },
    "compare": (one) => this.lists.compare(one.dataset.id),
    "keep-theirs": () => this.lists.keepTheirs(),
    "send-mine": () => this.lists.sendMine(),
    "keep-both": () => this.go("lists"),
    "forget": (one) => this.lists.forget(one.dataset.id),
    "not-accepted": () => { const box = $("[data-dialog='not-accepted']"); $("form", box).reset(); wrong(box, ""); box.showModal(); },
    "close": (one) => one.closest("dialog").close(),
    "measure": (one) => this.photos.measure(one.dataset.id),
    "measure-next": () => this.photos.next(),
    "remove-photo": (one) => this.photos.remove(one.dataset.id),
    "print-labels": () => print($("#f-paper").value, this.done.samples.map(label)),
    "print-ticket": () => print("ticket", [make("div", { class: "ticket" }, ...ticket(this.done.ticket, this.device.public_url || location.origin, this.done.samples.length))]),
    "handed-over": () => this.handedOver(),
    "next-visit": () => this.nextVisit(),
    "correct": () => this.correct(),
    "stop-editing": () => this.stopEditing(),
    "top-up": () => this.own.fill({ force: true }).then(() => this.lists.draw()),
    "persist": () => this.own.persist().then(() => this.own.draw()),
    "install": () => this.own.install(),
    "refresh": () => this.lookUp.fetch({ force: true }),
  };

  #listen() {
    const busy = async (button, act) => {
      if (button.disabled) return;
      const words = $("span", button), said = words && words.textContent;
      button.disabled = true;
      if (button.dataset.busy && words) words.textContent = button.dataset.busy;
      try {
        await act();
      } finally {
        button.disabled = false;
        if (button.dataset.busy && words) words.textContent = said;
      }
    };
    document.addEventListener("click", (event) => {
      const act = event.target.closest("[data-do]"), way = event.target.closest("[data-go]"), tab = event.target.closest("[data-tab]");
      const language = event.target.closest(".lang a[hreflang]"), problem = event.target.closest("a[data-place]");
      if (act) this.#acts[act.dataset.do](act);
      else if (way) this.go(way.dataset.go);
      else if (tab) { this.screen.show(Number(tab.dataset.tab), { focus: true }); this.screen.save(); }
      else if (language) { event.preventDefault(); this.speak(language); }
      else if (problem && problem.dataset.place !== String(this.screen.active)) this.screen.show(Number(problem.dataset.place));
      if (problem) {
        event.preventDefault();
        const at = document.getElementById(problem.hash.slice(1));
        for (let fold = at && at.closest("details"); fold; fold = fold.parentNode.closest("details")) fold.open = true;
        if (at) { at.focus(); at.scrollIntoView({ block: "center" }); }
      }
    });
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (form.closest(".topbar")) return;
      event.preventDefault();
      if (form.matches("[data-table]")) this.screen.wish(event.submitter ? event.submitter.value : "register");
      else if (form.matches("[data-unlock]")) busy($("button", form), () => this.own.unlock(form));
      else if (form.matches("[data-set-up]")) busy($("button", form), () => this.own.setUp(form));
      else if (form.matches("[data-refusal]")) this.notAccepted();
      else if (form.matches("[data-forget]")) this.lists.forgetNow();
    });
    document.addEventListener("input", (event) => {
      if (event.target.closest("form[data-table]") && event.target.type !== "file") this.screen.changed(event.target);
      if (event.target.closest("[data-search]")) this.lookUp.search();
    });
    document.addEventListener("change", async (event) => {
      const one = event.target;
      if (one.matches("[data-photo]")) this.photos.add(one);
      else if (one.matches("[data-import]")) { await this.lists.import(one); await this.lists.draw(); }
      else if (one.id === "f-idle") await this.lock.setIdle(Number(one.value));
      else if (one.id === "f-reserve") { this.reserve = Number(one.value); await this.store.set("reserve wanted", this.reserve); await this.own.fill(); }
    });
    document.addEventListener("keydown", (event) => {
      this.#seen = Date.now();
      // A scanner ends a code with Enter: go on to the next answer instead of recording.
      if (event.key !== "Enter" || !event.target.matches("form[data-table] input[name$='-code']")) return;
      event.preventDefault();
      $("input[type='radio']", event.target.closest("[data-sample]"))?.focus();
    });
    document.addEventListener("pointerdown", () => { this.#seen = Date.now(); });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") this.#tick().then(() => this.round()); else this.screen.saveNow(); });
    window.addEventListener("online", () => { this.online = true; this.round(); });
    window.addEventListener("offline", () => { this.online = false; this.lists.draw(); });
    window.addEventListener("pagehide", () => this.screen.saveNow());
    this.outbox.addEventListener("change", () => this.lists.draw());
    this.outbox.addEventListener("login", () => { this.session = 401; this.lists.draw(); });
    this.outbox.addEventListener("withdrawn", () => { this.session = "withdrawn"; this.lists.draw(); });
    this.outbox.addEventListener("sent", (event) => {
      this.online = true;
      if (this.done && this.done.id === event.detail.id) { this.done.sent = true; this.drawDone(); }
    });
  }
}

const missing = ["indexedDB", "BroadcastChannel"].find((name) => !(name in window)) || (!crypto.subtle && "crypto") || (!navigator.locks && "locks");
if (missing) {
  readWords();
  show("[data-view='broken']");
  put("why", say(crypto.subtle ? "too old" : "not secure"));
} else {
  const desk = new Desk();
  desk.boot().catch((error) => {
    show("[data-view='broken']");
    put("why", labelOf(error.words, say("too old")));
    throw error;
  });
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/table/worker.js", { scope: "/table" }).catch(() => {});
}
