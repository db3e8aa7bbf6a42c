// The PIN of the device. It wraps a key that encrypts what stays readable here: the draft of a
// visit, its photos, the look-up bundle. The outbox needs no PIN: its rows are sealed to the server.
// The PIN keeps a passer-by out; who copies the storage can try PINs by machine (docs/offline.md).

export const ROUNDS = 600000;
export const MOST_TRIES = 10;
export const SHORTEST = 6;
const FACT = "lock";
const encoder = new TextEncoder();

async function keyOfPin(pin, salt, rounds) {
  const raw = await crypto.subtle.importKey("raw", encoder.encode(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, raw, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

const random = (length) => crypto.getRandomValues(new Uint8Array(length));

export class Lock {
  #store;
  #key = null;
  #fact = null;

  constructor(store) {
    this.#store = store;
  }

  /** Read what is kept: "none" before set-up, "wiped" after ten wrong PINs, else "locked" or "open". */
  async state() {
    this.#fact = (await this.#store.get(FACT)) || null;
    if (!this.#fact) return "none";
    if (!this.#fact.wrapped) return "wiped";
    return this.#key ? "open" : "locked";
  }

  get isOpen() {
    return this.#key !== null;
  }

  get idleMinutes() {
    return (this.#fact && this.#fact.idle) || 5;
  }

  /** Make a new key under a PIN; what an earlier key kept is dropped. */
  async make(pin) {
    await this.wipe();
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
    const salt = random(16), iv = random(12);
    const wrapped = await crypto.subtle.wrapKey("raw", key, await keyOfPin(pin, salt, ROUNDS), { name: "AES-GCM", iv });
    await this.#change({ salt, iv, wrapped, rounds: ROUNDS, tries: 0, names: [] });
    this.#key = await this.#unwrapped(pin);
  }

  async #unwrapped(pin) {
    const { salt, iv, wrapped, rounds } = this.#fact;
    const how = { name: "AES-GCM", iv };
    return crypto.subtle.unwrapKey("raw", wrapped, await keyOfPin(pin, salt, rounds), how, { name: "AES-GCM" }, false, ["encrypt", "decrypt"]);
  }

  /** Open with a PIN: {open} when it is right, else {left} tries; the tenth wrong one wipes. */
  async open(pin) {
    return navigator.locks.request("balise-pin", async () => {
      if ((await this.state()) === "wiped") return { open: false, left: 0 };
      // The try is counted before it is made, so that closing the page does not give it back.
      const tries = this.#fact.tries + 1;
      await this.#change({ tries });
      try {
        this.#key = await this.#unwrapped(pin);
      } catch (wrongPin) {
        if (tries >= MOST_TRIES) await this.wipe();
        return { open: false, left: Math.max(0, MOST_TRIES - tries) };
      }
      await this.#change({ tries: 0 });
      return { open: true, left: MOST_TRIES };
    });
  }

  close() {
    this.#key = null;
  }

  /** Drop the wrapped key and everything under it; the outbox is not touched. */
  async wipe() {
    this.#key = null;
    await this.state();
    for (const name of (this.#fact && this.#fact.names) || []) await this.#store.del(`kept ${name}`);
    if (this.#fact) await this.#change({ wrapped: null, names: [] });
  }

  async setIdle(minutes) {
    await this.#change({ idle: minutes });
  }

  async #change(changes) {
    this.#fact = { ...(await this.#store.get(FACT)), ...changes };
    await this.#store.set(FACT, this.#fact);
  }

  async encrypted(name, value) {
    const iv = random(12);
    const how = { name: "AES-GCM", iv, additionalData: encoder.encode(name) };
    return { iv, ct: await crypto.subtle.encrypt(how, this.#key, encoder.encode(JSON.stringify(value))) };
  }

  async decrypted(name, { iv, ct }) {
    const how = { name: "AES-GCM", iv, additionalData: encoder.encode(name) };
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, this.#key, ct)));
  }

  /** Keep a value under a name, encrypted. A disk that fails stops nothing: its error is returned. */
  async keep(name, value) {
    if (!this.#key) return null;
    try {
      const sealed = await this.encrypted(name, value);
      if (!this.#fact.names.includes(name)) await this.#change({ names: [...this.#fact.names, name] });
      await this.#store.set(`kept ${name}`, sealed);
      return null;
    } catch (error) {
      return error;
    }
  }

  /** Return what is kept under a name, or null. */
  async kept(name) {
    const sealed = this.#key && (await this.#store.get(`kept ${name}`));
    if (!sealed) return null;
    try {
      return await this.decrypted(name, sealed);
    } catch (otherKey) {
      return null;
    }
  }

  /** Keep a value no more; like keep, it returns what the disk said. */
  async drop(name) {
    try {
      await this.#store.del(`kept ${name}`);
      if (this.#fact && this.#fact.names.includes(name)) await this.#change({ names: this.#fact.names.filter((one) => one !== name) });
      return null;
    } catch (error) {
      return error;
    }
  }
}
