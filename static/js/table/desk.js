// The table: puts store, outbox, lock and screens together, and decides which of them is in sight.
// Everything runs without a network; the network only empties the queue and fills the reserves.
import { listen } from "./acts.js";
import { After } from "./after.js";
import { Device } from "./device.js";
import { Lists } from "./lists.js";
import { Lock } from "./lock.js";
import { LookUp } from "./lookup.js";
import { Outbox } from "./outbox.js";
import { Photos } from "./photo.js";
import { Screen } from "./screen.js";
import { openStore } from "./store.js";
import { Transport } from "./transport.js";
import { Used } from "./used.js";
import { $, $$, labelOf, language, put, readWords, say, show, tell, wrong } from "./page.js";

const TICK = 15000;
const ROUND = 5 * 60000;

export class Desk extends EventTarget {
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
  sent = new Set();
  #lockedView = null;
  #started = false;
  #person = null;
  #seen = Date.now();

  async boot() {
    readWords();
    this.store = await openStore();
    this.transport = new Transport({ fetch: (path, how) => this.#asked(path, how) });
    this.outbox = new Outbox({ store: this.store, transport: this.transport });
    this.lock = new Lock(this.store);
    this.used = new Used(this.lock);
    this.device = await this.store.get("device");
    this.reserve = (await this.store.get("reserve wanted")) || 100;
    this.screen = new Screen(this);
    this.photos = new Photos(this);
    this.lookUp = new LookUp(this);
    this.lists = new Lists(this);
    this.own = new Device(this);
    this.after = new After(this);
    listen(this);
    this.screen.write({});
    await this.place();
    document.documentElement.dataset.ready = "yes";
    this.persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? null;
    await this.round();
    setInterval(() => this.tick(), TICK);
    setInterval(() => this.round(), ROUND);
  }

  /** Ask the server, in the language of this page; whether it answers is how the network is known. */
  async #asked(path, how) {
    try {
      const answer = await fetch(`${path}?lang=${language()}`, how);
      this.#networkIs(true);
      return answer;
    } catch (error) {
      this.#networkIs(false);
      throw error;
    }
  }

  #networkIs(online) {
    const changed = this.online !== online;
    this.online = online;
    if (changed && this.device && this.lists) this.lists.draw();
  }

  /** Show what this device is ready for: set-up, the lock or the form. */
  async place() {
    this.state = await this.lock.state();
    if (!this.device || this.state === "none" || this.state === "wiped") await this.show("start");
    else await this.show(this.state !== "open" ? "locked" : this.view || "register");
  }

  async show(view) {
    this.view = view;
    const open = this.lock.isOpen;
    $$("[data-view]").forEach((one) => { one.hidden = one.dataset.view !== view; });
    show("[data-strip]", Boolean(this.device));
    show("[data-views]", Boolean(this.device));
    show("[data-do='place']", !open);
    $$("[data-go]").forEach((one) => {
      const here = one.dataset.go === ({ done: "register", conflict: "lists" }[view] || view);
      if (here) one.setAttribute("aria-current", "page");
      else one.removeAttribute("aria-current");
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

  touch() {
    this.#seen = Date.now();
  }

  /** Whether nothing is half typed and no ticket is in sight. */
  get isIdle() {
    return !this.done && !(this.lock.isOpen && this.screen.touched) && !$("dialog[open]");
  }

  // ---------------------------------------------------------------------------- open and locked

  /** The PIN was right, or the device is new: what was typed comes back. */
  async opened() {
    this.#seen = Date.now();
    this.state = "open";
    await this.lookUp.restore();
    await this.used.restore();
    const held = await this.#held();
    await this.photos.restore(held.photos);
    this.screen.write(held.draft || (await this.lock.kept("draft")) || {});
    this.after.sayEditing();
    if (held.done) {
      this.done = held.done;
      this.after.draw();
    }
    await this.go(this.done ? "done" : "register");
    this.round();
  }

  async lockNow() {
    if (!this.lock.isOpen) return;
    await this.screen.saveNow();
    // Held in memory too, encrypted: a disk that is full must neither lose it nor keep the lock open.
    const held = { done: this.done, draft: this.screen.touched ? this.screen.read() : null, photos: this.photos.all };
    this.#lockedView = await this.lock.encrypted("held", held);
    this.lock.close();
    this.outbox.forgetWords();
    this.#forget();
    await this.place();
  }

  /** What was in sight when the screen was locked; nothing when another key has come since. */
  async #held() {
    const held = this.#lockedView;
    this.#lockedView = null;
    return (held && (await this.lock.decrypted("held", held).catch(() => null))) || {};
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
    this.used.forget();
    this.lookUp.clear();
    this.screen.write({});
  }

  async tick() {
    if (this.lock.isOpen && Date.now() - this.#seen > this.lock.idleMinutes * 60000) await this.lockNow();
    if (this.device) await this.lists.draw();
    if (this.bundle) this.lookUp.draw();
    if (this.isIdle) this.dispatchEvent(new Event("idle"));
  }

  /** With a network: who is logged in, reserves, bundle. */
  async round() {
    if (!this.device) return;
    if (!this.#started) {
      this.#started = true;
      this.persisted = await this.outbox.start();
    }
    if ((await this.own.session()) === 200) {
      if (this.#person !== this.session.account) await this.outbox.askAgain();
      this.#person = this.session.account;
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
      const kept = await caches.match(new URL(link.href).pathname, { ignoreVary: true });
      const answer = kept || (await fetch(link.href, { redirect: "error" }));
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
    const scanner = $("#scanner");
    document.body.replaceChildren(...page.body.children);
    keepScanner(scanner);
    readWords();
    this.screen.write(values);
    await this.photos.draw();
    this.after.sayEditing();
    if (this.done) this.after.draw();
    this.lookUp.draw();
    await this.show(this.view);
    $(`.lang a[lang="${language()}"]`)?.focus();
  }
}

/** The scanner's program holds on to its dialog: the one from before stays, with the new words. */
function keepScanner(before) {
  const fresh = $("#scanner");
  if (!before || !fresh) return;
  ["h2", "[data-close]", "[data-word]"].forEach((one) => $$(one, before).forEach((old, place) => { old.textContent = $$(one, fresh)[place].textContent; }));
  fresh.replaceWith(before);
}
