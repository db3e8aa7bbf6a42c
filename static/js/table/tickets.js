// The visitor's ticket, made on the device: the secret is shown once and kept nowhere. What goes to
// the server is the selector and the argon2id verifier of the secret, as lims/intake/tickets.py checks it.
import { product } from "./codes.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SELECTOR_LENGTH = 5;
const SECRET_LENGTH = 10;
const GF32 = 0b100101;
// The same cost as HASHER in lims/intake/tickets.py (OWASP: 19 MiB, two passes, one lane).
const COST = { parallelism: 1, iterations: 2, memorySize: 19456, hashLength: 32, outputType: "encoded" };

// The weighted sum in GF(32), the check character's own weight being 1.
export function ticketCheck(characters) {
  let total = 0;
  let weight = 2;
  for (const character of [...characters].reverse()) {
    total ^= product(weight, ALPHABET.indexOf(character), GF32);
    weight = product(weight, 2, GF32);
  }
  return ALPHABET[total];
}

async function argon2id(options) {
  // Loaded at the first ticket, so that the screen does not wait for it.
  if (!globalThis.hashwasm) await import("../../vendor/argon2.umd.min.js");
  return globalThis.hashwasm.argon2id(options);
}

// Returns {ticket: "XXXX-XXXX-XXXX-XXXX", selector, verifier}; the selector comes from the server's block.
export async function makeTicket(selector) {
  if (selector.length !== SELECTOR_LENGTH || [...selector].some((one) => !ALPHABET.includes(one))) {
    throw new RangeError("A selector has five characters of the ticket's alphabet.");
  }
  // 256 is a multiple of 32: five bits of a byte favour no character.
  const places = crypto.getRandomValues(new Uint8Array(SECRET_LENGTH));
  const secret = Array.from(places, (place) => ALPHABET[place & 31]).join("");
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const verifier = await argon2id({ ...COST, password: secret, salt });
  const whole = selector + secret + ticketCheck(selector + secret);
  return { ticket: whole.match(/.{4}/g).join("-"), selector, verifier };
}
