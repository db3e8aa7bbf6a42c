// Sealing to the server's public key: what is written to the device cannot be read back on it.
// ECDH P-256 with a key made for this one record, HKDF-SHA256, AES-256-GCM; the clear parts are bound in.

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const PURPOSE = "balise outbox 1";
const text = new TextEncoder();

export function toBase64url(bytes) {
  let binary = "";
  const all = new Uint8Array(bytes);
  for (let start = 0; start < all.length; start += 0x8000) {
    binary += String.fromCharCode(...all.subarray(start, start + 0x8000));
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function fromBase64url(written) {
  const binary = atob(written.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function bytesOf(key) {
  return typeof key === "string" ? fromBase64url(key) : new Uint8Array(key);
}

// Lower-case hexadecimal SHA-256 of bytes, or of a text as UTF-8.
export async function sha256Hex(bytes) {
  const given = typeof bytes === "string" ? text.encode(bytes) : bytes;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", given));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function contentKey(theirs, mine, epk) {
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, mine, 256);
  const base = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: epk, info: text.encode(PURPOSE) };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
}

// Returns {envelope, hash}. The key is 65 raw bytes (or their base64url); the plaintext a string.
export async function seal(rawPublicKey, keyId, { id, kind, device, plaintext }) {
  const theirs = await crypto.subtle.importKey("raw", bytesOf(rawPublicKey), CURVE, false, []);
  const mine = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const epk = new Uint8Array(await crypto.subtle.exportKey("raw", mine.publicKey));
  const key = await contentKey(theirs, mine.privateKey, epk);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bound = text.encode(["1", id, kind, device, keyId].join("|"));
  const how = { name: "AES-GCM", iv, additionalData: bound };
  const ct = await crypto.subtle.encrypt(how, key, text.encode(plaintext));
  const clear = { v: 1, id, kind, device, key: keyId };
  const sealed = { epk: toBase64url(epk), iv: toBase64url(iv), ct: toBase64url(ct) };
  const envelope = JSON.stringify({ ...clear, ...sealed });
  return { envelope, hash: await sha256Hex(envelope) };
}

// Tell whether the server signed this bundle: ECDSA P-256 with SHA-256 over the payload's bytes.
export async function verifyBundle(rawKey, { payload, signature }) {
  try {
    const curve = { name: "ECDSA", namedCurve: "P-256" };
    const key = await crypto.subtle.importKey("raw", bytesOf(rawKey), curve, false, ["verify"]);
    const how = { name: "ECDSA", hash: "SHA-256" };
    return await crypto.subtle.verify(how, key, fromBase64url(signature), text.encode(payload));
  } catch {
    return false;
  }
}
