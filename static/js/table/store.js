// The device's store: the queue of sealed records, the reserved codes and selectors, and a few facts.
// Every method is one transaction, written through to the disk before it resolves, or not at all.
import { deleteDB, openDB } from "../../vendor/idb.js";

export const VERSION = 2;
const WORDS = {
  full: {
    en: "This device is full: the record was not saved. What you typed is still here. Send or export the queue, then save again.",
    fr: "Cet appareil est plein : l’enregistrement n’a pas été gardé. Ce que vous avez tapé est toujours là. Envoyez ou exportez la file, puis enregistrez de nouveau.",
    nl: "Dit toestel is vol: de registratie is niet bewaard. Wat je typte, staat er nog. Verstuur of exporteer de wachtrij en bewaar daarna opnieuw.",
  },
  newer: {
    en: "A newer version of this screen is in use on this device. Open the page again; what was saved is still here.",
    fr: "Une version plus récente de cet écran est utilisée sur cet appareil. Rouvrez la page ; ce qui a été enregistré est toujours là.",
    nl: "Op dit toestel is een nieuwere versie van dit scherm in gebruik. Open de pagina opnieuw; wat bewaard is, staat er nog.",
  },
  twice: {
    en: "This record was already saved on this device.",
    fr: "Cet enregistrement a déjà été gardé sur cet appareil.",
    nl: "Deze registratie is al op dit toestel bewaard.",
  },
  broken: {
    en: "This device could not save the record. What you typed is still here: try again.",
    fr: "Cet appareil n’a pas pu garder l’enregistrement. Ce que vous avez tapé est toujours là : réessayez.",
    nl: "Dit toestel kon de registratie niet bewaren. Wat je typte, staat er nog: probeer opnieuw.",
  },
};
const REASONS = { QuotaExceededError: "full", VersionError: "newer", ConstraintError: "twice" };

// Why nothing was saved: `reason` for the program, `words` for people, in three languages.
export class StoreError extends Error {
  constructor(reason, cause) {
    super(WORDS[reason].en, { cause });
    this.name = reason === "full" ? "QuotaError" : "StoreError";
    this.reason = reason;
    this.words = WORDS[reason];
  }
}

export class QuotaError extends StoreError {
  constructor(cause) {
    super("full", cause);
  }
}

function inWords(error) {
  if (error instanceof StoreError) return error;
  const reason = REASONS[error && error.name] || "broken";
  return reason === "full" ? new QuotaError(error) : new StoreError(reason, error);
}

// Version 1: a row held its envelope, and neither the number of samples nor a state.
function makeVersionOne(db) {
  const rows = db.createObjectStore("rows", { keyPath: "seq", autoIncrement: true });
  rows.createIndex("id", "id", { unique: true });
  db.createObjectStore("facts");
  db.createObjectStore("codes", { keyPath: "code" });
  db.createObjectStore("selectors", { keyPath: "selector" });
}

// Version 2: envelopes stand apart, so that counting a long queue does not read its photographs.
async function makeVersionTwo(db, tx) {
  const rows = tx.objectStore("rows");
  rows.createIndex("recorded_at", "recorded_at");
  rows.createIndex("standing", ["state", "seq"]);
  rows.createIndex("opens", "opens", { multiEntry: true });
  const envelopes = db.createObjectStore("envelopes");
  for (let at = await rows.openCursor(); at; at = await at.continue()) {
    const { envelope, ...light } = at.value;
    // What is sealed cannot be counted: a visit holds one sample at least.
    const told = { state: "waiting", answer: null, samples: light.kind === "visit" ? 1 : 0 };
    await envelopes.put(envelope, light.id);
    await at.update({ tries: 0, next_at: 0, faults: 0, opens: [], needs: null, ...told, ...light });
  }
  for (const name of ["codes", "selectors"]) {
    const pool = tx.objectStore(name);
    pool.createIndex("held", "held");
    for (let at = await pool.openCursor(); at; at = await at.continue()) {
      await at.update({ ...at.value, held: 0 });
    }
  }
}

async function upgrade(db, from, _to, tx) {
  if (from < 1) makeVersionOne(db);
  if (from < 2) await makeVersionTwo(db, tx);
}

// Events: "blocked" (another tab must close first), "replaced" (another tab needs a newer version).
export class Store extends EventTarget {
  #name;
  #opening = null;
  #onBlocked;

  constructor(name, onBlocked) {
    super();
    this.#name = name;
    this.#onBlocked = onBlocked;
  }

  get name() {
    return this.#name;
  }

  async open() {
    try {
      await this.#connection();
    } catch (error) {
      throw inWords(error);
    }
    return this;
  }

  #connection() {
    if (this.#opening) return this.#opening;
    const forgotten = () => {
      this.#opening = null;
    };
    this.#opening = openDB(this.#name, VERSION, {
      upgrade,
      blocked: () => {
        this.#onBlocked();
        this.dispatchEvent(new Event("blocked"));
      },
      blocking: (_present, _wanted, event) => {
        // Transactions under way end first; the next act of this tab opens again, or says why not.
        event.target.close();
        forgotten();
        this.dispatchEvent(new Event("replaced"));
      },
      terminated: forgotten,
    });
    this.#opening.catch(forgotten);
    return this.#opening;
  }

  async #turn(stores, mode, work) {
    let tx;
    try {
      tx = (await this.#connection()).transaction(stores, mode, { durability: "strict" });
    } catch (error) {
      if (!error || error.name !== "InvalidStateError") throw inWords(error);
      this.#opening = null;
      try {
        tx = (await this.#connection()).transaction(stores, mode, { durability: "strict" });
      } catch (again) {
        throw inWords(again);
      }
    }
    const done = tx.done.then(
      () => null,
      (error) => error
    );
    try {
      const value = await work((name) => tx.objectStore(name));
      const failed = await done;
      if (failed) throw failed;
      return value;
    } catch (error) {
      try {
        tx.abort();
      } catch {
        // It has ended already.
      }
      const failed = await done;
      // The transaction's own reason (a full disk) says more than "aborted".
      const aborted = error && error.name === "AbortError";
      throw inWords(aborted && failed ? tx.error || failed : error);
    }
  }

  // The row with its place in the queue; the codes and selectors it uses leave the pool with it.
  async putRow(row, { codes = [], selectors = [] } = {}) {
    const { envelope, seq: _old, ...light } = row;
    const whole = { opens: [], needs: null, faults: 0, tries: 0, next_at: 0, ...light };
    return this.#turn(["rows", "envelopes", "codes", "selectors"], "readwrite", async (of) => {
      const seq = await of("rows").add(whole);
      await of("envelopes").add(envelope, row.id);
      for (const code of codes) await of("codes").delete(code);
      for (const selector of selectors) await of("selectors").delete(selector);
      return { ...whole, seq, envelope };
    });
  }

  // All rows in their order, without envelopes unless they are asked for.
  async rows({ envelopes = false } = {}) {
    return this.#turn(["rows", "envelopes"], "readonly", async (of) => {
      const found = await of("rows").getAll();
      if (!envelopes) return found;
      const whole = [];
      for (const row of found) whole.push({ ...row, envelope: await of("envelopes").get(row.id) });
      return whole;
    });
  }

  async row(id) {
    return this.#turn(["rows", "envelopes"], "readonly", async (of) => {
      const found = await of("rows").index("id").get(id);
      return found ? { ...found, envelope: await of("envelopes").get(id) } : null;
    });
  }

  // `unless` guards against a row that was sealed anew meanwhile: nothing happens to another hash.
  async deleteRow(id, { hash = null, forgotten = null } = {}) {
    return this.#turn(["rows", "envelopes", "facts"], "readwrite", async (of) => {
      const found = await of("rows").index("id").get(id);
      if (!found || (hash && found.hash !== hash)) return false;
      await of("rows").delete(found.seq);
      await of("envelopes").delete(id);
      if (forgotten) {
        const before = (await of("facts").get("forgotten")) || [];
        await of("facts").put([...before, forgotten].slice(-200), "forgotten");
      }
      return true;
    });
  }

  async updateRow(id, changes, { hash = null, codes = [], selectors = [] } = {}) {
    return this.#turn(["rows", "envelopes", "codes", "selectors"], "readwrite", async (of) => {
      const found = await of("rows").index("id").get(id);
      if (!found || (hash && found.hash !== hash)) return null;
      const { envelope, seq: _seq, id: _id, ...light } = changes;
      const changed = { ...found, ...light };
      await of("rows").put(changed);
      if (envelope !== undefined) await of("envelopes").put(envelope, id);
      for (const code of codes) await of("codes").delete(code);
      for (const selector of selectors) await of("selectors").delete(selector);
      return { ...changed, envelope: await of("envelopes").get(id) };
    });
  }

  // The row to send next: first in, first out; a row that the server failed at three times lets the
  // others pass, and a row about a visit waits until that visit has left the queue.
  async head() {
    return this.#turn(["rows", "envelopes"], "readonly", async (of) => {
      const rows = of("rows");
      const range = IDBKeyRange.bound(["waiting"], ["waiting", []]);
      let best = null;
      for (let at = await rows.index("standing").openCursor(range); at; at = await at.continue()) {
        const row = at.value;
        const set = Math.floor(row.faults / 3);
        if (best && set >= Math.floor(best.faults / 3)) continue;
        if (row.needs && (await rows.index("opens").getKey(row.needs)) !== undefined) continue;
        best = row;
        if (set === 0) break;
      }
      return best ? { ...best, envelope: await of("envelopes").get(best.id) } : null;
    });
  }

  // How much is unsent, and since when.
  async summary() {
    return this.#turn("rows", "readonly", async (of) => {
      const found = await of("rows").getAll();
      const count = (state) => found.filter((row) => row.state === state).length;
      const oldest = await of("rows").index("recorded_at").openCursor();
      return {
        waiting: count("waiting"),
        refused: count("refused"),
        conflicts: count("conflict"),
        samples: found.reduce((sum, row) => sum + (row.samples || 0), 0),
        oldest: oldest ? oldest.value.recorded_at : null,
      };
    });
  }

  async get(key) {
    return this.#turn("facts", "readonly", async (of) => (await of("facts").get(key)) ?? null);
  }

  async set(key, value) {
    await this.#turn("facts", "readwrite", (of) => of("facts").put(value, key));
  }

  async del(key) {
    await this.#turn("facts", "readwrite", (of) => of("facts").delete(key));
  }

  // A taken code is held for the form that shows it; it leaves the pool with the row that uses it.
  async takeCode() {
    return this.#take("codes", "code");
  }

  async takeSelector() {
    return this.#take("selectors", "selector");
  }

  async #take(pool, field) {
    return this.#turn(pool, "readwrite", async (of) => {
      const at = await of(pool).index("held").openCursor(0);
      if (!at) return null;
      await at.update({ ...at.value, held: 1 });
      return at.value[field];
    });
  }

  // Give back what nobody has seen: a form that was closed before its code was shown.
  async giveBack({ codes = [], selectors = [] }) {
    await this.#turn(["codes", "selectors"], "readwrite", async (of) => {
      for (const code of codes) if (await of("codes").get(code)) await of("codes").put({ code, held: 0 });
      for (const selector of selectors) {
        if (await of("selectors").get(selector)) await of("selectors").put({ selector, held: 0 });
      }
    });
  }

  async addCodes(list) {
    await this.#turn("codes", "readwrite", async (of) => {
      for (const code of list) await of("codes").put({ code, held: 0 });
    });
  }

  async addSelectors(list) {
    await this.#turn("selectors", "readwrite", async (of) => {
      for (const selector of list) await of("selectors").put({ selector, held: 0 });
    });
  }

  // A block arrives once: the request that asked for it ends in the same transaction.
  async addReserved(request, { codes, selectors }) {
    return this.#turn(["codes", "selectors", "facts"], "readwrite", async (of) => {
      const asked = await of("facts").get("reserving");
      if (!asked || asked.id !== request) return false;
      for (const code of codes) await of("codes").put({ code, held: 0 });
      for (const selector of selectors) await of("selectors").put({ selector, held: 0 });
      await of("facts").delete("reserving");
      return true;
    });
  }

  // What is free: neither used nor held by an open form.
  async left() {
    return this.#turn(["codes", "selectors"], "readonly", async (of) => ({
      codes: await of("codes").index("held").count(0),
      selectors: await of("selectors").index("held").count(0),
    }));
  }

  async close() {
    const db = await this.#connection();
    this.#opening = null;
    db.close();
  }

  // Everything of this device's store, gone. Export first.
  async wipe() {
    await this.close();
    await deleteDB(this.#name);
  }
}

// Open the device's store; `onBlocked` is told while a tab with an older version must close first.
export async function openStore(name = "balise-table", { onBlocked = () => {} } = {}) {
  return new Store(name, onBlocked).open();
}
