// Sample codes as the device reads them: the twin of lims/foundation/codes.py, character by character.
// A code that is misread is refused with its reason; it is never guessed at.

export const ALPHABET = "2346789BCDFGHJKMPQRTVWXY";
export const LENGTH = 8;
const LONGEST_TYPED = 80;
const GF8 = 0b1011;
const NOISE = /[\p{Z}\p{Pd}\p{Pc}\p{Cc}\p{Cf}−·]/gu;

// Multiply two elements of a field of characteristic 2 given by its polynomial.
export function product(one, other, modulus) {
  const top = 1 << (31 - Math.clz32(modulus));
  let result = 0;
  while (other) {
    if (other & 1) result ^= one;
    other >>= 1;
    one <<= 1;
    if (one & top) one ^= modulus;
  }
  return result;
}

// 24 = 3 · 8: each character is a pair in GF(3) × GF(8), and both weighted sums must be zero.
function isWhole(code) {
  let inThree = 0;
  let inEight = 0;
  let weightThree = 1;
  let weightEight = 1;
  for (const character of code) {
    const place = ALPHABET.indexOf(character);
    inThree = (inThree + weightThree * Math.floor(place / 8)) % 3;
    inEight ^= product(weightEight, place % 8, GF8);
    weightThree = (weightThree * 2) % 3;
    weightEight = product(weightEight, 2, GF8);
  }
  return inThree === 0 && inEight === 0;
}

// The one character that completes seven others to a sample code.
export function checkCharacter(seven) {
  return [...ALPHABET].find((character) => isWhole(seven + character));
}

// Returns {code}, or {problem, character?}: "letter" (no code has it), "length" or "check".
export function readCode(text) {
  if ([...text].length > LONGEST_TYPED) return { problem: "length" };
  const code = text.normalize("NFKC").toUpperCase().replace(NOISE, "");
  const stranger = [...code].find((character) => !ALPHABET.includes(character));
  if (stranger !== undefined) return { problem: "letter", character: stranger };
  if (code.length !== LENGTH) return { problem: "length" };
  return isWhole(code) ? { code } : { problem: "check" };
}

// A sample code as people read it: XXXX-XXXX.
export function shown(code) {
  return code.slice(0, 4) + "-" + code.slice(4);
}
