// The outbox: record first, send later. A record is sealed and written to the disk before it counts as
// saved; it leaves the device only when the server has named it and its hash. First in, first out, one
// on its way over all tabs; whatever is refused or unclear stays.
import { seal, sha256Hex } from "./sealing.js";
import { VERDICT, judge } from "./verdicts.js";

const LOCK = "balise-outbox";
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 300_000;
// Records whose words one tab still knows: enough to correct the last visits, not a festival's photographs.
const MOST_WORDS = 40;
const PRESSING = new Set(["load", "online", "visibility", "button", "login"]);

// Why the outbox did not do what was asked; `reason` is for the program.
export class OutboxError extends Error {
  constructor(reason, message) {
    super(message);
    this.name = "OutboxError";
    this.reason = reason;
  }
}

// What a record names: the samples it opens the way for, what it waits for, and what it uses up.
function tiesOf(kind, body) {
  const samples = kind === "visit" ? body.samples || [] : [];
  return {
    opens: samples.map((sample) => sample.id).filter(Boolean),
    needs: kind === "photo" ? body.sample_id || null : null,
    used: {
      codes: samples.map((sample) => sample.code).filter(Boolean),
      selectors: kind === "visit" && body.ticket ? [body.ticket.selector] : [],
    },
  };
}

export class Outbox extends EventTarget {
  #store;
  #transport;
  #clock;
  #random;
  #locks;
  #timers;
  #channel;
  #plain = new Map();
  #opened = new Map();
  #told = new Map();
  #mark = null;
  #waiting = null;
  #undo = [];

  constructor({ store, transport, clock, random, locks, timers, channel } = {}) {
    super();
    this.#store = store;
    this.#transport = transport;
    this.#clock = clock || (() => Date.now());
    this.#random = random || Math.random;
    this.#locks = locks || globalThis.navigator.locks;
    this.#timers = timers || {
      setTimeout: (act, ms) => globalThis.setTimeout(act, ms),
      clearTimeout: (mark) => globalThis.clearTimeout(mark),
    };
    this.#channel = channel === undefined ? new BroadcastChannel(store.name) : channel;
    if (this.#channel) this.#channel.onmessage = () => this.dispatchEvent(new Event("change"));
  }

  // Ask the browser to keep the store, listen to the network and the screen, and send what waits.
  async start(page = globalThis) {
    const listen = (target, name, act) => {
      target.addEventListener(name, act);
      this.#undo.push(() => target.removeEventListener(name, act));
    };
    listen(page, "online", () => this.wake("online"));
    listen(page.document, "visibilitychange", () => {
      if (page.document.visibilityState === "visible") this.wake("visibility");
    });
    const storage = page.navigator.storage;
    const kept = storage && storage.persist ? await storage.persist().catch(() => false) : false;
    this.wake("load");
    return kept;
  }

  stop() {
    this.#undo.splice(0).forEach((act) => act());
    this.#timers.clearTimeout(this.#mark);
    if (this.#channel) this.#channel.close();
  }

  // ------------------------------------------------------------------------------- the device

  // Enrol this device once; the identifier is kept before it is sent, so that a lost answer harms nothing.
  async enrol(name) {
    const id = (await this.#store.get("device-id")) || crypto.randomUUID();
    await this.#store.set("device-id", id);
    const answer = await this.#transport.enrol({ id, name });
    if ((answer.status === 201 || answer.status === 200) && answer.body && answer.body.id === id) {
      await this.#store.set("device", answer.body);
      this.#changed();
    }
    return answer;
  }

  // Reserve codes and selectors; asked again under the same name until the answer has been kept.
  async reserve(codes, selectors) {
    return this.#locks.request(LOCK + "-reserve", async () => {
      const device = await this.#device();
      let asked = await this.#store.get("reserving");
      if (!asked) {
        asked = { id: crypto.randomUUID(), codes, selectors };
        await this.#store.set("reserving", asked);
      }
      const answer = await this.#transport.reserve(device.id, asked);
      const { status, body } = answer;
      if ((status === 200 || status === 201) && body && Array.isArray(body.codes)) {
        await this.#store.addReserved(asked.id, { codes: body.codes, selectors: body.selectors || [] });
        this.#changed();
      } else if (status === 422 || status === 404 || status === 409) {
        await this.#store.del("reserving");
      }
      return answer;
    });
  }

  async #device() {
    const device = await this.#store.get("device");
    if (!device) throw new OutboxError("not enrolled", "This device is not enrolled yet.");
    return device;
  }

  // -------------------------------------------------------------------------------- recording

  // Seal a record and write it to the disk; resolves only then. Rejects with words and saves nothing.
  async record(kind, body, { id = crypto.randomUUID(), samples = 0 } = {}) {
    const recorded_at = new Date(this.#clock()).toISOString();
    const told = { id, kind, recorded_at, samples, state: "waiting", answer: null };
    const { used, ...ties } = tiesOf(kind, body);
    const sealed = await this.#sealed(told, body);
    const row = await this.#store.putRow({ ...told, ...sealed, ...ties }, used);
    this.#remember(id, body);
    this.#changed();
    this.wake("record");
    return row;
  }

  // Seal an unsent record anew, while its words are still known here (`known`: the asker holds them
  // all); waits until nothing is on its way.
  async replace(id, body, { known = false } = {}) {
    return this.#locks.request(LOCK, async () => {
      const row = await this.#store.row(id);
      if (!row) throw new OutboxError("sent", "This record has been sent: correct it on its own page.");
      if (!known && !this.#plain.has(id) && !this.#opened.has(id)) {
        throw new OutboxError("sealed", "This record is sealed and cannot be opened on this device.");
      }
      const { used, ...ties } = tiesOf(row.kind, body);
      const sealed = await this.#sealed(row, body);
      const fresh = { state: "waiting", answer: null, tries: 0, next_at: 0, faults: 0 };
      const samples = row.kind === "visit" ? (body.samples || []).length : row.samples;
      const changed = await this.#store.updateRow(id, { ...sealed, ...ties, ...fresh, samples }, used);
      this.#remember(id, body);
      this.#opened.delete(id);
      return changed;
    }).then((changed) => {
      this.#changed();
      this.wake("record");
      return changed;
    });
  }

  async #sealed({ id, kind, recorded_at }, body) {
    const device = await this.#device();
    const plaintext = JSON.stringify({ recorded_at, body });
    const to = device.seal_key;
    return seal(to.raw, to.id, { id, kind, device: device.id, plaintext });
  }

  #remember(id, body) {
    this.#plain.delete(id);
    this.#plain.set(id, structuredClone(body));
    const oldest = this.#plain.keys().next().value;
    if (this.#plain.size > MOST_WORDS) this.#plain.delete(oldest);
  }

  // What was typed, while this tab still knows it; null afterwards.
  plain(id) {
    return this.#plain.get(id) || (this.#opened.get(id) || {}).ours || null;
  }

  // What the server opened of a refused or conflicting record, in memory only: `ours` was recorded
  // here, `theirs` is what the server has.
  opened(id) {
    return this.#opened.get(id) || null;
  }

  // Forget everything readable: for the lock of the screen.
  forgetWords() {
    this.#plain.clear();
    this.#opened.clear();
    this.#told.clear();
  }

  // ---------------------------------------------------------------------------------- sending

  // Send what waits. A press, a network that came back or a page that was opened does not wait for
  // the pause after a failure; the timer and a new record do. Resolves when this round has ended.
  wake(reason = "button") {
    this.#timers.clearTimeout(this.#mark);
    const pressing = PRESSING.has(reason);
    // One round waits at most: it will see everything that is written until it begins.
    if (this.#waiting && (this.#waiting.pressing || !pressing)) return this.#waiting.round;
    const turn = { pressing };
    turn.round = this.#locks
      .request(LOCK, () => {
        if (this.#waiting === turn) this.#waiting = null;
        return this.#drain(pressing);
      })
      .catch((error) => {
        // The store failed, not the network: nothing is lost, and it is said.
        this.dispatchEvent(new CustomEvent("trouble", { detail: error }));
        this.#later(LONGEST_WAIT);
      });
    this.#waiting = turn;
    return turn.round;
  }

  async #drain(pressing) {
    let first = pressing;
    for (;;) {
      const pause = await this.#pause();
      const row = await this.#store.head();
      if (!row) return;
      if (!first && pause.left > 0) {
        this.#later(pause.left);
        return;
      }
      first = false;
      const goes_on = await this.#sendOne(row, pause.failures);
      this.#changed();
      if (!goes_on) return;
    }
  }

  // The pause is shared by all tabs. A clock that was set back must not make it longer than it can be.
  async #pause() {
    const { until = 0, failures = 0 } = (await this.#store.get("pause")) || {};
    const left = until - this.#clock();
    return { failures, left: left > 0 && left <= LONGEST_WAIT ? left : 0 };
  }

  async #sendOne(row, failures) {
    const answer = await this.#transport.put(row);
    const { verdict, told } = judge(row, answer, await this.#store.get("device-id"));
    if (verdict === VERDICT.SENT) return this.#sent(row, answer.body.result ?? null);
    if (verdict === VERDICT.REFUSED || verdict === VERDICT.CONFLICT) {
      return this.#kept(row, verdict, told, answer.body || {});
    }
    await this.#store.updateRow(row.id, { answer: this.#noted(row.id, told) }, { hash: row.hash });
    if (verdict === VERDICT.LOGIN || verdict === VERDICT.WITHDRAWN) {
      this.dispatchEvent(new Event(verdict));
      this.#later(LONGEST_WAIT);
      return false;
    }
    await this.#tryLater(row, failures, answer);
    return false;
  }

  async #sent(row, result) {
    await this.#store.deleteRow(row.id, { hash: row.hash });
    this.#plain.delete(row.id);
    this.#opened.delete(row.id);
    this.#told.delete(row.id);
    await this.#ended();
    this.dispatchEvent(new CustomEvent("sent", { detail: { id: row.id, result } }));
    return true;
  }

  async #kept(row, state, told, body) {
    // The server says "ours" of what it has; here it is the other way round.
    const ours = bodyOf(body.theirs ?? body.opened ?? null);
    this.#opened.set(row.id, { ours, theirs: bodyOf(body.ours ?? null) });
    const changes = { state, answer: this.#noted(row.id, told), tries: row.tries + 1 };
    await this.#store.updateRow(row.id, changes, { hash: row.hash });
    await this.#ended();
    return true;
  }

  // The server's sentences may repeat what was typed: they stay in memory, and only the names of the
  // fields go to the disk.
  #noted(id, told) {
    this.#told.set(id, told);
    const errors = told.errors.map((one) => ({ field: String(one.field || ""), message: "" }));
    return { status: told.status, detail: "", errors };
  }

  async #ended() {
    if (await this.#store.get("pause")) await this.#store.del("pause");
  }

  // Back off: full jitter under 1 s, 2 s, 4 s … 5 min; never sooner than the server asked for.
  async #tryLater(row, failures, answer) {
    const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures, 30));
    const asked = Math.min(answer.wait || 0, LONGEST_WAIT);
    const ms = Math.max(asked, Math.round(this.#random() * most));
    const until = this.#clock() + ms;
    await this.#store.set("pause", { until, failures: failures + 1 });
    // Only an answer counts against a row: without one it is the network's fault.
    const faults = answer.status >= 500 || answer.status === 400 ? row.faults + 1 : row.faults;
    const changes = { tries: row.tries + 1, next_at: until, faults };
    await this.#store.updateRow(row.id, changes, { hash: row.hash });
    this.#later(ms);
  }

  #later(ms) {
    this.#timers.clearTimeout(this.#mark);
    this.#mark = this.#timers.setTimeout(() => this.wake("timer"), Math.max(ms, 1));
  }

  // Put a refused or conflicting record back in its place and ask the server again.
  async again(id) {
    const fresh = { state: "waiting", answer: null, next_at: 0, faults: 0 };
    const row = await this.#store.updateRow(id, fresh);
    this.#changed();
    if (row) this.wake("button");
    return row;
  }

  // Somebody else has logged in: what the person before was not allowed is asked again, in its place.
  async askAgain() {
    const forbidden = (await this.#store.rows()).filter((row) => row.state === "refused" && row.answer && row.answer.status === 403);
    for (const row of forbidden) await this.#store.updateRow(row.id, { state: "waiting", answer: null, next_at: 0, faults: 0 });
    if (!forbidden.length) return;
    this.#changed();
    this.wake("login");
  }

  // ------------------------------------------------------------------------- looking, carrying

  async summary() {
    return this.#store.summary();
  }

  async rows() {
    return (await this.#store.rows()).map((row) => this.#worded(row));
  }

  async row(id) {
    const row = await this.#store.row(id);
    return row && this.#worded(row);
  }

  // A row with the server's sentences, where this page still knows them; `again` asks anew.
  #worded(row) {
    return row.answer && this.#told.has(row.id) ? { ...row, answer: this.#told.get(row.id) } : row;
  }

  // The whole queue as a file: sealed as it stands here, to be sent from any enrolled device.
  async exportFile() {
    const rows = await this.#store.rows({ envelopes: true });
    const device = await this.#store.get("device");
    const carry = ({ seq, id, kind, recorded_at, hash, envelope }) => ({ seq, id, kind, recorded_at, hash, envelope });
    const whole = { balise_outbox: 1, device: device ? device.id : null, rows: rows.map(carry) };
    return new Blob([JSON.stringify(whole)], { type: "application/json" });
  }

  // Take in the queue of a file. Returns {taken, present, wrong}; nothing here is overwritten.
  async importFile(text) {
    const found = { taken: 0, present: 0, wrong: 0 };
    for (const one of await readFile(text)) {
      const here = one && (await this.#store.row(one.id));
      if (!one || (here && here.hash !== one.hash)) found.wrong += 1;
      else if (here) found.present += 1;
      else found[await this.#takeIn(one)] += 1;
    }
    this.#changed();
    this.wake("button");
    return found;
  }

  async #takeIn(row) {
    try {
      await this.#store.putRow({ ...row, state: "waiting", answer: null });
      return "taken";
    } catch (error) {
      if (error.reason !== "twice") throw error;
      return "present";
    }
  }

  // Throw a record away: only by a person who has confirmed it. What stays is that it was done, and why.
  async forget(id, reason) {
    return this.#locks.request(LOCK, async () => {
      const row = await this.#store.row(id);
      if (!row) return false;
      const at = new Date(this.#clock()).toISOString();
      const note = { id, hash: row.hash, at, reason: String(reason || "").slice(0, 120) };
      await this.#store.deleteRow(id, { forgotten: note });
      this.#plain.delete(id);
      this.#opened.delete(id);
      this.#told.delete(id);
      this.#changed();
      return true;
    });
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
    if (this.#channel) this.#channel.postMessage("change");
  }
}

// The server opens what was sealed: the record itself, or the record with the device's clock.
function bodyOf(opened) {
  return opened && opened.body && opened.recorded_at ? opened.body : opened;
}

async function readFile(text) {
  let whole;
  try {
    whole = JSON.parse(text);
  } catch {
    whole = null;
  }
  if (!whole || whole.balise_outbox !== 1 || !Array.isArray(whole.rows)) {
    throw new OutboxError("file", "This file does not hold a queue of Balise.");
  }
  const rows = [];
  for (const row of whole.rows) rows.push(await readRow(row));
  return rows;
}

// A row of a file counts only when its envelope is the one that was hashed and names the row.
async function readRow(row) {
  try {
    const { id, kind, recorded_at, hash, envelope } = row;
    const clear = JSON.parse(envelope);
    if (clear.id !== id || clear.kind !== kind || (await sha256Hex(envelope)) !== hash) return null;
    return { id, kind, recorded_at: String(recorded_at), hash, envelope, samples: kind === "visit" ? 1 : 0 };
  } catch {
    return null;
  }
}
