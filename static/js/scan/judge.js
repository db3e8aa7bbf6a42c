// What a scanned text is for the field that asked: taken, or refused with the name of the reason.
// Nothing is guessed at: a text that was garbled by the keyboard is put right only where one reading
// alone gives a whole code, check character included.
import { ALPHABET, LENGTH, readCode, shown } from "../table/codes.js";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LONGEST = 60;
const RETAIL = /^(EAN|UPC|ISBN|ITF|Codabar|DataBar)/;

// What a computer writes when the scanner speaks to a keyboard of another layout. Left the character
// that arrives, right the one that was printed. Only characters that codes have stand here.
export const MIXED_UP = {
  // scanner set to QWERTY, computer on Belgian AZERTY
  "qwerty on azerty (be)": { A: "Q", Z: "W", "?": "M", ",": "M", "é": "2", "É": "2", '"': "3", "'": "4", "§": "6", "è": "7", "È": "7", "!": "8", "ç": "9", "Ç": "9", ")": "-", "°": "-" },
  // scanner set to QWERTY, computer on French AZERTY
  "qwerty on azerty (fr)": { A: "Q", Z: "W", "?": "M", ",": "M", "é": "2", "É": "2", '"': "3", "'": "4", "-": "6", "è": "7", "È": "7", "_": "8", "ç": "9", "Ç": "9", ")": "", "°": "" },
  // scanner set to AZERTY, computer on QWERTY (United States, or United States international)
  "azerty on qwerty (us)": { A: "Q", Z: "W", ":": "M", ";": "M", "@": "2", "#": "3", "$": "4", "^": "6", "&": "7", "*": "8", "(": "9", "=": "-", "+": "-" },
  // scanner set to AZERTY, computer on QWERTY (United Kingdom)
  "azerty on qwerty (uk)": { A: "Q", Z: "W", ":": "M", ";": "M", '"': "2", "£": "3", "$": "4", "^": "6", "&": "7", "*": "8", "(": "9", "=": "-", "+": "-" },
};
const GARBLED = /[éèçàù§£°²³µ!"'()@#$^&*?;:,=]/i;

function bare(text) {
  return String(text).replace(/[\p{Cc}\p{Cf}]/gu, "").trim();
}

// Scanners may send the symbology before the text (]Q1) and signs around it that nobody printed.
function unwrapped(text) {
  return text.replace(/^\][A-Za-z][0-9]/, "").replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
}

// The codes that a garbled text may have been; more than one, and it is not put right.
export function straightened(text) {
  const found = new Set();
  for (const table of Object.values(MIXED_UP)) {
    const plain = Array.from(text.toUpperCase(), (one) => (one in table ? table[one] : one)).join("");
    for (const read of [plain, unwrapped(plain)]) {
      const { code } = readCode(read);
      if (code) found.add(code);
    }
  }
  return Array.from(found);
}

// A code that was typed or rained into a field, as readCode tells it; put right where one reading alone
// is whole, and with the problem "layout" where the keyboard is to blame.
export function understood(text) {
  const read = readCode(text);
  if (read.code) return read;
  const straight = straightened(bare(text));
  if (straight.length === 1) return { code: straight[0] };
  return GARBLED.test(text) ? { problem: "layout" } : read;
}

function timesTwo(element) {
  const next = element << 1;
  return next & 32 ? next ^ 0b100101 : next;
}

// Whether sixteen characters are a ticket of ours: their weighted sum in GF(32) is zero.
export function isTicket(text) {
  const plain = text.toUpperCase().replace(/[\s-]/g, "").replace(/[IL]/g, "1").replace(/O/g, "0");
  if (plain.length !== 16 || Array.from(plain).some((one) => !CROCKFORD.includes(one))) return false;
  // Horner's rule: each step multiplies what stands before by the generator.
  return Array.from(plain).reduce((sum, one) => timesTwo(sum) ^ CROCKFORD.indexOf(one), 0) === 0;
}

function ticketIn(text) {
  const behind = /^[a-z][a-z0-9+.-]*:\/\/[^#]*#([0-9A-Za-z-]{16,24})$/i.exec(text);
  const ticket = behind ? behind[1] : text;
  return isTicket(ticket) ? ticket.toUpperCase().replace(/[\s-]/g, "").match(/.{4}/g).join("-") : "";
}

function looksLikeCode(text, format) {
  const plain = text.toUpperCase().replace(/[\s-]/g, "");
  const ours = plain.length === LENGTH && Array.from(plain).every((one) => ALPHABET.includes(one));
  return ours && /[A-Z]/.test(plain) && !RETAIL.test(format);
}

// takes: "code", "ticket", "outside" in any number; format: the symbology as the camera names it, or "".
export function judge(text, takes, format = "") {
  const plain = bare(text);
  const ticket = ticketIn(plain);
  if (ticket) return takes.includes("ticket") ? { take: ticket, kind: "ticket" } : { refuse: "ticket" };
  // An address may hide a ticket behind its "#": it is neither taken, shown nor sent.
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(plain)) return { refuse: "address" };
  if (takes.includes("code")) {
    for (const read of [plain, unwrapped(plain)]) {
      const { code } = readCode(read);
      if (code && !RETAIL.test(format)) return { take: shown(code), kind: "code", code };
    }
    const straight = straightened(plain);
    if (!format && straight.length === 1) return { take: shown(straight[0]), kind: "code", code: straight[0], mixed: true };
    if (looksLikeCode(plain, format)) return { refuse: "check" };
  }
  if (plain.length > 16 && /^https?/i.test(plain)) return { refuse: "address" };
  if (!format && GARBLED.test(plain)) return { refuse: "layout" };
  if (!takes.includes("outside")) return { refuse: "other" };
  if (!plain || plain.length > LONGEST) return { refuse: "other" };
  return { take: plain, kind: "outside" };
}
