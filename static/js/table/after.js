// After recording: labels and the ticket at once; the ticket is shown once and wiped when it is handed
// over. What was recorded can be corrected while it is still here, and a refused record put right.
import { label, print, ticket } from "./print.js";
import { $, $$, day, make, put, say, show, tell } from "./page.js";

export class After {
  #desk;
  #before = null;

  constructor(desk) {
    this.#desk = desk;
  }

  async recorded({ id, body, values, codes, ticket: shown, replaced = false, warn = "" }) {
    const forms = new Map($$("#t-block").flatMap((one) => [...one.content.querySelectorAll("input[name$='-form']")].map((each) => [each.value, each.parentNode.textContent.trim()]).concat([...one.content.querySelectorAll("select[name$='-form_other'] option")].map((each) => [each.value, each.textContent]))));
    const samples = body.samples.map((one, place) => ({ code: codes[place], form: forms.get(one.form) || one.form, day: day(new Date().toISOString()) }));
    this.#desk.done = { id, samples, body, values: { ...values, samples: values.samples.map((one, place) => ({ ...one, code: codes[place] })) }, ticket: shown, sent: !replaced && this.#desk.sent.has(id), replaced };
    this.#before = null;
    const aside = replaced ? await this.#aside() : null;
    if (aside) {
      await this.#desk.lock.keep("draft", aside);
      this.#desk.done.aside = aside;
    } else await this.#desk.lock.drop("draft");
    await this.#desk.photos.clear(values.samples.map((one) => one.id));
    this.#desk.screen.write({});
    show("[data-editing]", false);
    put("warn", warn);
    show("[data-warn]", Boolean(warn));
    this.draw();
    await this.#desk.go("done");
    tell(say("recorded"));
  }

  draw() {
    const { samples, ticket: shown, sent, replaced } = this.#desk.done;
    put("sent-state", say(sent ? "arrived" : "here only"));
    $$("[data-put='sent-state']").forEach((one) => { one.className = sent ? "chip chip--done" : "chip chip--prov"; });
    show("[data-do='correct']", !sent);
    $("[data-labels]").replaceChildren(...samples.map((one) => make("li", {}, label(one))));
    show("[data-ticket]", Boolean(shown));
    show("[data-ticket-buttons]", Boolean(shown));
    $("[data-ticket]").replaceChildren(...(shown ? ticket(shown, this.address(), samples.length, this.#desk.done.body.language) : []));
    put("ticket-says", say(shown ? "ticket now" : this.#desk.done.handed ? "ticket handed" : replaced ? "ticket as before" : "no ticket"));
  }

  handedOver() {
    this.#desk.done.ticket = "";
    this.#desk.done.handed = true;
    this.draw();
    $("[data-do='next-visit']").focus();
  }

  async next() {
    const aside = this.#desk.done && this.#desk.done.aside;
    this.#desk.done = null;
    ["[data-ticket]", "[data-labels]", "[data-paper]"].forEach((one) => $(one).replaceChildren());
    this.#desk.screen.write(aside || {});
    await this.#desk.go("register");
  }

  async correct() {
    const { id, body, values, ticket: shown } = this.#desk.done;
    this.#before = this.#desk.done;
    this.#desk.screen.write({ ...values, editing: { id, ticket: body.ticket, shown } });
    this.#desk.done = null;
    this.sayEditing();
    await this.#desk.go("register");
  }

  /** Open a refused record in the form: its answers as the server read them, its problems beside them. */
  async edit(row, ours) {
    if (this.#desk.screen.touched && !this.#desk.screen.editing) await this.#desk.lock.keep("aside", this.#desk.screen.read());
    const quick = (one) => (one.sold_as === "unknown" ? { ...one, sold_as: "", sold_as_quick: "unknown" } : one);
    this.#desk.screen.write({ ...ours, samples: (ours.samples || []).map(quick), id: row.id, editing: { id: row.id, ticket: ours.ticket || null, refused: true }, touched: true });
    this.sayEditing();
    await this.#desk.show("register");
    this.#desk.screen.errors((row.answer && row.answer.errors) || [], (row.answer && row.answer.detail) || say("look again"));
  }

  /** The visit that was half typed when a refused record was opened; it is given back once. */
  async #aside() {
    const { lock } = this.#desk;
    const aside = await lock.kept("aside");
    await lock.drop("aside");
    return aside;
  }

  /** Above the form: which record is corrected, also after the lock and a reload. */
  sayEditing() {
    const { editing } = this.#desk.screen;
    if (editing) put("editing", `${say(editing.refused ? "editing refused" : "editing own")} (${editing.id.slice(0, 8)})`);
    show("[data-editing]", Boolean(editing));
  }

  async stopEditing() {
    const aside = await this.#aside();
    await this.#desk.screen.clear();
    if (this.#before) {
      this.#desk.done = { ...this.#before, sent: this.#desk.sent.has(this.#before.id) };
      this.#before = null;
      this.draw();
      await this.#desk.go("done");
      return;
    }
    if (aside) {
      await this.#desk.lock.keep("draft", aside);
      this.#desk.screen.write(aside);
    }
    await this.#desk.go("lists");
  }

  address() {
    return this.#desk.device.public_url || location.origin;
  }

  printLabels() {
    print($("#f-paper").value, this.#desk.done.samples.map(label));
  }

  printTicket() {
    const { ticket: shown, samples } = this.#desk.done;
    print("ticket", [make("div", { class: "ticket" }, ...ticket(shown, this.address(), samples.length, this.#desk.done.body.language))]);
  }
}
