// Which codes this device has put on a sample already: two tubes with one code would be taken for one
// sample, and the server could say so only when it is reached. Kept behind the PIN, like the draft.

const NAME = "used codes";
const MOST = 1000;

export class Used {
  #lock;
  #visits = new Map();

  constructor(lock) {
    this.#lock = lock;
  }

  async restore() {
    this.#visits = new Map((await this.#lock.kept(NAME)) || []);
  }

  forget() {
    this.#visits.clear();
  }

  /** Tell whether a code stands on a sample of another visit. */
  isElsewhere(code, visit) {
    return this.#visits.has(code) && this.#visits.get(code) !== visit;
  }

  async add(codes, visit) {
    codes.forEach((code) => this.#visits.set(code, visit));
    await this.#keep();
  }

  /** A visit was thrown away: the labels of its tubes are free again. */
  async release(visit) {
    for (const [code, of] of this.#visits) if (of === visit) this.#visits.delete(code);
    await this.#keep();
  }

  async #keep() {
    if (this.#lock.isOpen) await this.#lock.keep(NAME, [...this.#visits].slice(-MOST));
  }
}
