// The device itself: first use (log in, name, PIN, enrol, keys, bundle, reserves), filling the
// reserves up, what the browser promises to keep, installing.
import { SHORTEST } from "./lock.js";
import { $, $$, labelOf, make, put, say, show } from "./page.js";

const LOW = 0.5;

export class Device {
  #desk;
  #prompt = null;
  #filling = false;

  constructor(desk) {
    this.#desk = desk;
    window.addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.#prompt = event;
      show("[data-do='install']");
    });
  }

  /** Ask who is logged in; without a network or a login, say what that means. */
  async session() {
    const { status, body } = await this.#desk.transport.session();
    this.#desk.online = status !== 0;
    if (status === 200) {
      this.#desk.session = body;
      const device = this.#desk.device;
      if (device && body.public_url && device.public_url !== body.public_url) {
        this.#desk.device = { ...device, public_url: body.public_url };
        await this.#desk.store.set("device", this.#desk.device);
      }
    } else if (status === 401) this.#desk.session = 401;
    return status;
  }

  /** The first screen: log in, then name and PIN. */
  async start() {
    show("[data-wiped]", this.#desk.state === "wiped");
    const status = await this.session();
    const ready = status === 200;
    show("[data-step='log-in']", !ready);
    show("[data-step='device']", ready);
    put("start-says", say(status === 0 ? "start offline" : "start log in"));
    if (!ready) return;
    put("enrol-site", say("enrol site", { site: this.#desk.session.site_name || "–" }));
    if (this.#desk.device) $("#f-device-name").value = this.#desk.device.name;
  }

  #problems(form) {
    const name = $("#f-device-name", form).value.trim(), pin = $("#f-pin", form).value;
    const found = [];
    if (!name) found.push(["device-name", say("name missing")]);
    if (!new RegExp(`^\\d{${SHORTEST},}$`).test(pin)) found.push(["pin", say("pin short", { n: SHORTEST })]);
    else if (/^(\d)\1+$/.test(pin) || "01234567890123456789".includes(pin) || "98765432109876543210".includes(pin)) found.push(["pin", say("pin easy")]);
    else if (pin !== $("#f-pin-again", form).value) found.push(["pin-again", say("pin differs")]);
    return found;
  }

  #errors(form, found, title = say("look again")) {
    const summary = $("[data-errors]", form);
    $$("input", form).forEach((one) => one.removeAttribute("aria-invalid"));
    found.forEach(([name]) => $(`#f-${name}`, form)?.setAttribute("aria-invalid", "true"));
    put("errors-title", title, summary);
    $("ul", summary).replaceChildren(...found.map(([name, words]) => make("li", {}, name ? make("a", { href: `#f-${name}` }, words) : words)));
    summary.hidden = !found.length;
    if (found.length) summary.focus();
  }

  /** Name, PIN, enrol, reserves, bundle: then it works without a network. */
  async setUp(form) {
    const found = this.#problems(form);
    this.#errors(form, found);
    if (found.length) return;
    const { outbox, lock, store } = this.#desk;
    const pin = $("#f-pin", form).value;
    const answer = await outbox.enrol($("#f-device-name", form).value.trim());
    if (![200, 201].includes(answer.status)) {
      this.#errors(form, [["", (answer.body && answer.body.detail) || say("not enrolled", { status: answer.status })]]);
      return;
    }
    this.#desk.device = { ...answer.body, public_url: this.#desk.session.public_url || answer.body.public_url || "" };
    await store.set("device", this.#desk.device);
    await lock.make(pin);
    form.reset();
    this.#desk.persisted = await this.persist();
    await this.fill({ force: true });
    await this.#desk.lookUp.fetch({ force: true });
    await this.#desk.opened();
  }

  async persist() {
    const storage = navigator.storage;
    if (!storage || !storage.persist) return null;
    const kept = (await storage.persisted().catch(() => false)) || (await storage.persist().catch(() => false));
    this.#desk.persisted = kept;
    return kept;
  }

  get wanted() {
    return Number(this.#desk.reserve) || 100;
  }

  /** Fill the reserves up when they are low and there is a network. */
  async fill({ force = false } = {}) {
    const { store, outbox, device } = this.#desk;
    if (!device || this.#filling) return;
    const left = await store.left();
    const wanted = this.wanted, low = wanted * LOW;
    const lacking = { codes: Math.max(0, wanted - left.codes), selectors: Math.max(0, wanted - left.selectors) };
    if (!(force || left.codes < low || left.selectors < low) || !(lacking.codes || lacking.selectors)) {
      if (force) put("reserve-says", say("reserve full"));
      return;
    }
    this.#filling = true;
    try {
      const { status, body } = await outbox.reserve(lacking.codes, lacking.selectors);
      const done = status === 200 || status === 201;
      put("reserve-says", done ? say("reserve filled") : (body && body.detail) || say(status === 0 ? "needs network" : "reserve refused"));
    } finally {
      this.#filling = false;
    }
  }

  async draw() {
    const { device, session, lock, persisted } = this.#desk;
    if (!device) return;
    put("device-name", device.name);
    put("device-site", device.site_name);
    put("device-account", session && session.account ? session.account : say("nobody"));
    put("device-kept", say(persisted === null ? "kept unknown" : persisted ? "kept yes" : "kept no"));
    put("device-kept-says", say(persisted ? "kept yes says" : "kept no says"));
    show("[data-do='persist']", persisted === false);
    show("[data-do='install']", this.#prompt !== null);
    $("#f-idle").value = String(lock.idleMinutes);
    $("#f-reserve").value = String(this.wanted);
  }

  async install() {
    if (!this.#prompt) return;
    this.#prompt.prompt();
    await this.#prompt.userChoice;
    this.#prompt = null;
    show("[data-do='install']", false);
  }

  /** Try a PIN; says how many tries are left, and what happened after the last. */
  async unlock(form) {
    const field = $("#f-unlock-pin", form);
    const pin = field.value;
    field.value = "";
    if (!pin) return field.focus();
    const { open, left, failed } = await this.#desk.lock.open(pin).catch((error) => ({ open: false, failed: error }));
    if (failed) {
      // The try could not be counted: no PIN opens then, and why is said.
      put("wrong", labelOf(failed.words, say("not kept")), form);
      show($("[data-wrong]", form));
      return undefined;
    }
    if (open) {
      put("wrong", "", form);
      show($("[data-wrong]", form), false);
      return this.#desk.opened();
    }
    if (left === 0) return this.#desk.wiped();
    put("wrong", say("pin wrong", { n: left }), form);
    show($("[data-wrong]", form));
    field.focus();
    return undefined;
  }
}
