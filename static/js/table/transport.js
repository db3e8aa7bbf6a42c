// What the device asks of the server. Every answer is {status, body}: status 0 where there was none,
// body null where it was not JSON. It decides nothing; the outbox does.

const PATIENCE = 30_000;

export class Transport {
  #fetch;
  #base;
  #clock;
  #timers;
  #patience;
  #csrf = null;

  constructor({ fetch, base = "", clock, timers, patience = PATIENCE } = {}) {
    this.#fetch = fetch || ((...given) => globalThis.fetch(...given));
    this.#base = base;
    this.#clock = clock || (() => Date.now());
    this.#timers = timers || {
      setTimeout: (act, ms) => globalThis.setTimeout(act, ms),
      clearTimeout: (mark) => globalThis.clearTimeout(mark),
    };
    this.#patience = patience;
  }

  // Who is logged in here: 200 {account, site_id, site_name, csrf, time} or 401.
  async session() {
    const answer = await this.#ask("GET", "/table/session.json");
    this.#csrf = answer.status === 200 && answer.body ? (answer.body.csrf ?? null) : null;
    return answer;
  }

  // {id, name}: the identifier is made and kept by the device before it asks.
  async enrol({ id, name }) {
    return this.#send("POST", "/table/devices", JSON.stringify({ id, name }));
  }

  async device(id) {
    return this.#ask("GET", `/table/devices/${id}.json`);
  }

  // {id, codes, selectors}: `id` is of the request, so that asking again gives the same block.
  async reserve(device, { id, codes, selectors }) {
    return this.#send("POST", `/table/devices/${device}/reserve`, JSON.stringify({ id, codes, selectors }));
  }

  async put(row) {
    return this.#send("PUT", `/table/outbox/${row.id}`, row.envelope);
  }

  async bundle() {
    return this.#ask("GET", "/table/bundle.json");
  }

  // A request that changes something carries the session's token; when that is stale, once more.
  async #send(method, path, body) {
    if (this.#csrf === null) {
      const session = await this.session();
      if (this.#csrf === null) return session.status === 200 ? { status: 0, body: null } : session;
    }
    const first = await this.#ask(method, path, body);
    if (first.status !== 400) return first;
    const session = await this.session();
    if (this.#csrf === null) return session.status === 200 ? { status: 0, body: null } : session;
    return this.#ask(method, path, body);
  }

  async #ask(method, path, body) {
    const stop = new AbortController();
    const mark = this.#timers.setTimeout(() => stop.abort(), this.#patience);
    const headers = { Accept: "application/json", "X-Sent-At": new Date(this.#clock()).toISOString() };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      headers["X-CSRFToken"] = this.#csrf;
    }
    const how = { method, headers, body, signal: stop.signal };
    try {
      // A redirect is not our server's answer: a login page or the gate of a public network.
      const rules = { redirect: "error", cache: "no-store", credentials: "same-origin" };
      const answer = await this.#fetch(this.#base + path, { ...how, ...rules });
      const text = await answer.text();
      const wait = Number(answer.headers.get("Retry-After"));
      return { status: answer.status, body: read(text), ...(wait > 0 ? { wait: wait * 1000 } : {}) };
    } catch {
      return { status: 0, body: null };
    } finally {
      this.#timers.clearTimeout(mark);
    }
  }
}

function read(text) {
  try {
    const body = JSON.parse(text);
    return body && typeof body === "object" && !Array.isArray(body) ? body : null;
  } catch {
    return null;
  }
}
