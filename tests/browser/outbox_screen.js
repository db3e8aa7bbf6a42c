// A screen for tests: the device's engine with a clock and timers that the test holds in its hand.
import { openStore } from "/static/js/table/store.js";
import { Outbox } from "/static/js/table/outbox.js";
import { makeTicket } from "/static/js/table/tickets.js";
import { Transport } from "/static/js/table/transport.js";

const screen = { events: [], pauses: [], blocked: 0, random: 0.5, skew: 0 };

// `real`: timers that really fire, as on a device; otherwise they are only written down.
// The screen itself is kept by its service worker; this page has none, so it fetches while it can.
const argon2 = import("/static/vendor/argon2.umd.min.js");

screen.begin = async ({ patience = 15000, real = false, skew = 0, random = 0.5 } = {}) => {
  Object.assign(screen, { skew, random });
  await argon2;
  const clock = () => Date.now() + screen.skew;
  screen.store = await openStore("balise-table", { onBlocked: () => (screen.blocked += 1) });
  screen.store.addEventListener("replaced", () => screen.events.push("replaced"));
  screen.transport = new Transport({ clock, patience });
  const timers = {
    setTimeout: (act, ms) => {
      screen.pauses.push(ms);
      return real ? setTimeout(act, ms) : 0;
    },
    clearTimeout: (mark) => clearTimeout(mark),
  };
  const parts = { store: screen.store, transport: screen.transport, clock, timers };
  screen.outbox = new Outbox({ ...parts, random: () => screen.random });
  screen.patient = new Outbox({ ...parts, transport: new Transport({ clock }), channel: null });
  for (const name of ["change", "login", "withdrawn", "sent", "trouble"]) {
    screen.outbox.addEventListener(name, (event) => {
      screen.events.push(name === "sent" ? "sent " + event.detail.id : name);
      if (name === "trouble") screen.trouble = String(event.detail);
    });
  }
  return true;
};

// Enrolment and reserves are no part of a test's faults: they wait as long as a device does.
screen.enrol = async (name = "tablet") => {
  const { status, body } = await screen.patient.enrol(name);
  screen.site = body && body.site_id;
  return status;
};
screen.reserve = async (codes, selectors) => (await screen.patient.reserve(codes, selectors)).status;

// A visit of samples with codes of the device's block, where it has any.
screen.visit = async ({ id = crypto.randomUUID(), samples = 1, note = "", ticket = false } = {}) => {
  const made = [];
  for (let place = 0; place < samples; place += 1) {
    const code = await screen.store.takeCode();
    const told = { form: "powder", sold_as: "MDMA", consent_destroy: true, note };
    made.push({ id: crypto.randomUUID(), code: code || "", ...told });
  }
  const selector = ticket ? await screen.store.takeSelector() : null;
  const { ticket: printed = null, ...uploaded } = selector ? await makeTicket(selector) : {};
  const body = { site_id: screen.site || "site", samples: made, with_ticket: false };
  body.ticket = selector ? uploaded : null;
  return { id, body, printed };
};

screen.record = async (asked = {}) => {
  const { id, body, printed } = await screen.visit(asked);
  const row = await screen.outbox.record("visit", body, { id, samples: body.samples.length });
  const of = (name) => body.samples.map((one) => one[name]);
  return { id: row.id, hash: row.hash, seq: row.seq, codes: of("code"), samples: of("id"), printed };
};

// Record, and say in words why it was not saved.
screen.tryRecord = async (asked = {}) => {
  try {
    await screen.record(asked);
    return null;
  } catch (error) {
    return { name: error.name, reason: error.reason, words: error.words, message: error.message };
  }
};

screen.states = async () => (await screen.outbox.rows()).map((row) => [row.id, row.state]);
screen.ids = async () => (await screen.outbox.rows()).map((row) => row.id);
screen.file = async () => (await screen.outbox.exportFile()).text();

globalThis.table = screen;
