// The form of a visit at the table: samples added and taken away, what the laboratory still lacks,
// the draft that survives, and the record that is written before anything is sent.
import { nested, settled, fill } from "./form.js";
import { understood } from "../scan/judge.js";
import { readCode, shown } from "./codes.js";
import { makeTicket } from "./tickets.js";
import { lackingIn } from "./needs.js";
import { showProblems } from "./problems.js";
import { $, $$, icon, labelOf, make, newId, put, say, show, tell } from "./page.js";

const MOST = 20;
const NOT_COPIED = ["id", "code", "outside_code", "note", "not_a_person"];
const form = () => $("form[data-table]");
const block = (place) => $$("[data-sample]", form())[place];

export class Screen {
  #desk;
  #active = 0;
  #touched = false;
  #saving = 0;
  visitId = newId();
  editing = null;

  constructor(desk) {
    this.#desk = desk;
  }

  get active() {
    return this.#active;
  }

  get touched() {
    return this.#touched;
  }

  read() {
    return { id: this.visitId, active: this.#active, editing: this.editing, touched: this.#touched, ...nested(form()) };
  }

  sample(place = this.#active) {
    return settled(nested(form()).samples[place] || {});
  }

  /** Write a whole visit into the form, its samples one block each. */
  write(values) {
    const samples = values.samples && values.samples.length ? values.samples : [{}];
    this.visitId = values.id || newId();
    this.editing = values.editing || null;
    this.#touched = Boolean(values.touched);
    $("[data-blocks]", form()).replaceChildren(...samples.map((_one, place) => this.#block(place)));
    form().reset();
    samples.forEach((sample, place) => {
      const whole = { ...sample, id: sample.id || newId() };
      const code = whole.code && readCode(whole.code).code;
      fill(block(place), `samples-${place}-`, code ? { ...whole, code: shown(code) } : whole);
    });
    const { samples: _samples, ...visit } = values;
    fill($("aside", form()), "", { language: document.documentElement.lang, ...visit });
    this.#suggest();
    this.errors([]);
    this.show(Math.min(values.active || 0, samples.length - 1));
  }

  #block(place) {
    const held = $("#t-block").content.cloneNode(true).firstElementChild;
    const walk = [held, ...$$("*", held)];
    for (const one of walk) {
      for (const attribute of Array.from(one.attributes)) {
        const value = attribute.value.replaceAll("8887", place).replaceAll("8888", place + 1);
        if (value !== attribute.value) one.setAttribute(attribute.name, value);
      }
    }
    const texts = document.createTreeWalker(held, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll("8888", place + 1);
    // The question about names is asked only when the server has found one.
    const asked = $("input[name$='-not_a_person']", held);
    if (asked) {
      asked.defaultChecked = false;
      show(asked.closest(".note") || asked, false);
      $$("details", held).forEach((fold) => { fold.open = false; });
    }
    return held;
  }

  #suggest() {
    $$("input[name$='-sold_as'], input[name$='-believed']", form()).forEach((one) => one.setAttribute("list", "substances"));
    $$("input[name$='-logo'], input[name$='-logo_back']", form()).forEach((one) => one.setAttribute("list", "logos"));
  }

  /** Show one sample of the visit. */
  show(place, { focus = false } = {}) {
    this.#active = place;
    const all = $$("[data-sample]", form());
    all.forEach((one, at) => { one.hidden = at !== place; });
    $$("button[value^='remove ']", form()).forEach((one) => show(one.closest(".row"), all.length > 1));
    show($("[data-more]"), all.length < MOST);
    this.tell();
    this.#desk.photos.draw();
    this.#desk.lookUp.alike();
    if (focus) ($("input[type='radio'], input:not([type='hidden'])", all[place]) || all[place]).focus();
  }

  /** Say what the laboratory still lacks, and how far each sample is. */
  tell() {
    const answers = nested(form()).samples.map(settled);
    const lacking = answers.map((one) => this.#lacking(one));
    put("register-title", answers.length > 1 ? say("one visit of", { n: answers.length }) : say("one visit"));
    this.#tabs(answers, lacking);
    this.#wanted(lacking);
    const items = lacking.flatMap(({ required }, place) => required.map((one) => this.#link(place, one.field, answers.length > 1 ? `${say("sample", { n: place + 1 })}: ${one.words}` : one.words)));
    const live = $("[data-lacking]", form());
    $("ul", live).replaceChildren(...items);
    live.hidden = !this.#touched || !items.length || !$("[data-errors]", form()).hidden;
  }

  /** What one sample lacks; its wanted answers are named below it. */
  #lacking(answers) {
    const held = this.#desk.photos.has(answers.id);
    return lackingIn({ ...answers, photo: held }, this.#desk.bundle);
  }

  #wanted(lacking) {
    lacking.forEach(({ wanted, tooLittle }, place) => {
      const line = $("[data-live='wanted']", block(place));
      if (!line) return;
      $("span", line).textContent = [wanted.map((one) => one.words).join(", "), ...tooLittle].filter(Boolean).join(". ");
      show(line, this.#touched && (wanted.length > 0 || tooLittle.length > 0));
    });
  }

  #link(place, field, words) {
    return make("li", {}, make("a", { href: `#f-samples-${place}-${field}`, "data-place": place }, words));
  }

  #tabs(answers, lacking) {
    const tabs = $("[data-tabs]", form());
    show(tabs, answers.length > 1);
    tabs.replaceChildren(...answers.map((one, place) => {
      const code = one.code && readCode(one.code).code;
      const name = code ? make("span", { class: "tag" }, shown(code)) : make("strong", {}, say("sample", { n: place + 1 }));
      const { required, wanted } = lacking[place];
      const state = required.length ? [icon("pencil"), say("missing", { n: required.length })] : wanted.length ? [icon("check"), say("wanted", { n: wanted.length })] : [icon("check"), say("complete")];
      return make("button", { type: "button", "data-tab": place, "aria-pressed": String(place === this.#active) }, name, make("small", {}, ...state.flatMap((each) => [each, " "])));
    }));
  }

  /** Show problems beside their fields and in a summary. */
  errors(problems, title = "") {
    if (showProblems(form(), problems, title)) show($("[data-lacking]", form()), false);
  }

  /** An answer was given: its twin is emptied, the draft is kept. */
  changed(field) {
    this.#touched = true;
    const at = field.closest("[data-sample]") || form();
    const name = (field.name || "").replace(/^samples-\d+-/, "");
    const twins = /_(quick|other)$/.test(name) ? [name.slice(0, -6)] : [`${name}_quick`, `${name}_other`];
    if (field.value) {
      twins.forEach((twin) => $$(`[name$="-${twin}"]`, at).forEach((one) => {
        if (one.type === "radio") one.checked = false;
        else if (one !== field) one.value = "";
      }));
    }
    this.tell();
    this.#desk.lookUp.alike();
    if (name.startsWith("consent_")) this.#desk.photos.draw();
    this.save();
  }

  save() {
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.saveNow(), 300);
  }

  async saveNow() {
    clearTimeout(this.#saving);
    if (!this.#desk.lock.isOpen || !form() || !this.#touched) return;
    const { editing, ...values } = this.read();
    // A ticket in sight is never written down, not even behind the PIN.
    const failed = await this.#desk.lock.keep("draft", { ...values, editing: editing && { ...editing, shown: "" } });
    if (failed) tell(labelOf(failed.words, say("not kept")));
  }

  async clear() {
    clearTimeout(this.#saving);
    this.editing = null;
    this.#touched = false;
    await this.#desk.lock.drop("draft");
    await this.#desk.photos.clear(this.read().samples.map((one) => one.id));
    this.write({});
    show("[data-editing]", false);
  }

  /** What a button of the form asks: the same again, another, one away, or to record. */
  async wish(value) {
    if (value === "register" || !value) return this.record();
    const values = this.read();
    const [verb, place] = value.split(" ");
    if (verb === "remove") {
      await this.#desk.photos.clear([values.samples[Number(place)].id]);
      values.samples.splice(Number(place), 1);
      values.active = Math.max(0, Number(place) - 1);
    } else {
      const copied = { ...values.samples[this.#active] };
      NOT_COPIED.forEach((name) => delete copied[name]);
      values.samples.push(verb === "same" ? copied : {});
      values.active = values.samples.length - 1;
    }
    this.write(values);
    this.#touched = true;
    this.show(this.#active, { focus: true });
    tell(say("sample", { n: this.#active + 1 }));
    return this.save();
  }

  #problems(answers) {
    const found = answers.flatMap((one, place) => this.#lacking(one).required.map(({ field, words }) => ({ field: `samples.${place}.${field}`, message: answers.length > 1 ? `${say("sample", { n: place + 1 })}: ${words}` : words })));
    const title = found.length ? say("cannot start") : say("look again");
    const seen = new Set();
    answers.forEach((one, place) => {
      if (!one.code) return;
      const read = understood(one.code);
      const elsewhere = read.code && this.#desk.used.isElsewhere(read.code, this.visitId);
      const words = read.problem ? say(`code ${read.problem}`, read) : seen.has(read.code) ? say("code twice") : elsewhere ? say("code used") : "";
      seen.add(read.code);
      if (words) found.push({ field: `samples.${place}.code`, message: words });
    });
    return { found, title };
  }

  /** Write the visit on this device; only then say that it is recorded. */
  async record() {
    const values = this.read();
    const answers = values.samples.map(settled);
    const { found, title } = this.#problems(answers);
    if (found.length) {
      const place = Number((found[0].field.match(/samples\.(\d+)/) || [0, 0])[1]);
      if (place !== this.#active) this.show(place);
      return this.errors(found, title);
    }
    const button = $("[data-record]");
    if (button.disabled) return undefined;
    button.disabled = true;
    try {
      return await (this.editing ? this.#replace(values, answers) : this.#write(values, answers));
    } catch (error) {
      const words = labelOf(error.words, say(["sent", "sealed"].includes(error.reason) ? `now ${error.reason}` : "not kept"));
      return this.errors([{ field: "", message: words }], say("look again"));
    } finally {
      button.disabled = false;
    }
  }

  #body(values, answers, codes, ticket) {
    const { id: _id, active: _active, editing: _editing, touched: _touched, samples: _samples, ...visit } = values;
    const samples = answers.map((one, place) => ({ ...one, code: codes[place] }));
    return { ...settled(visit), site_id: this.#desk.device.site_id, with_ticket: false, samples, ticket: ticket && { selector: ticket.selector, verifier: ticket.verifier } };
  }

  #noCodes() {
    this.errors([{ field: "samples.0.code", message: say("no codes") }], say("look again"));
  }

  async #codes(answers, taken) {
    const codes = [];
    for (const one of answers) {
      const code = one.code ? understood(one.code).code : await this.#desk.store.takeCode();
      if (!code) return null;
      if (!one.code) taken.push(code);
      codes.push(code);
    }
    return codes;
  }

  /** What comes after the record is on the disk cannot undo it: a photo that does not fit is said. */
  async #recorded(told, answers) {
    await this.#desk.used.add(told.codes, told.id);
    const warn = await this.#desk.photos.record(told.id, answers).then(() => "", (error) => `${say("photo lost")} ${labelOf(error.words, "")}`);
    return this.#desk.after.recorded({ ...told, warn });
  }

  async #write(values, answers) {
    const { store, outbox } = this.#desk;
    const taken = [];
    const selector = await store.takeSelector();
    const use = { codes: taken, selectors: selector ? [selector] : [] };
    const told = { id: values.id, values };
    try {
      told.codes = await this.#codes(answers, taken);
      if (!told.codes) {
        await store.giveBack(use);
        return this.#noCodes();
      }
      const ticket = selector && (await makeTicket(selector));
      told.ticket = ticket ? ticket.ticket : "";
      told.body = this.#body(values, answers, told.codes, ticket);
      await outbox.record("visit", told.body, { id: values.id, samples: told.codes.length });
    } catch (error) {
      await store.giveBack(use).catch(() => {});
      throw error;
    }
    return this.#recorded(told, answers);
  }

  /** A visit that is still here is sealed anew: corrected before it left, or put right after a refusal. */
  async #replace(values, answers) {
    const taken = [];
    const codes = await this.#codes(answers, taken);
    if (!codes) return this.#noCodes();
    const body = { ...this.#body(values, answers, codes, null), ticket: this.editing.ticket };
    // The form holds the whole record, also after the lock or a reload: nothing need be remembered.
    await this.#desk.outbox.replace(this.editing.id, body, { known: true });
    return this.#recorded({ id: values.id, body, values, codes, ticket: this.editing.shown || "", replaced: true }, answers);
  }
}
