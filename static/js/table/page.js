// What the modules of the table write with: the words of the page's language, and elements.
// Nothing is ever written as markup, always as text.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => Array.from(root.querySelectorAll(selector));

let words = {};

export function readWords() {
  words = JSON.parse($("#words").textContent);
}

export function language() {
  return document.documentElement.lang || "fr";
}

/** Return a sentence of the page with its values in the places {name}. */
export function say(key, values = {}) {
  const sentence = words[key] === undefined ? key : words[key];
  return typeof sentence === "string" ? sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole)) : sentence;
}

/** Return the words of a label in the page's language; an unknown one stands as it is. */
export function labelOf(labels, otherwise = "") {
  if (typeof labels === "string") return labels;
  return (labels && (labels[language()] || labels.en || labels.fr)) || otherwise;
}

export function put(name, text, root = document) {
  $$(`[data-put="${name}"]`, root).forEach((one) => { if (one.textContent !== String(text)) one.textContent = text; });
}

export function show(what, shown = true) {
  (typeof what === "string" ? $$(what) : [what]).forEach((one) => { if (one) one.hidden = !shown; });
}

/** Make an element; attributes with false or null are left out, children are text or elements. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => {
    if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  });
  made.append(...children.filter((one) => one !== null && one !== undefined && one !== ""));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children);
  return made;
}

export function icon(name, kind = "") {
  return drawn("svg", { class: `ico${kind}`, "aria-hidden": "true" }, drawn("use", { href: `/static/icons.svg#i-${name}` }));
}

const WIDE = { warning: " ico--2", red: " ico--3" };

/** A level as the visual system shows it: cones and word. */
export function level(code) {
  return make("span", { class: `lv lv--${code}` }, icon(`lv-${code}`, ` ico--fill${WIDE[code] || ""}`), say(`level ${code}`));
}

export function number(value) {
  const text = String(value);
  return language() === "en" ? text : text.replace(".", ",");
}

export function day(iso) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return String(iso);
  return new Intl.DateTimeFormat(`${language()}-BE`.replace("en-BE", "en-GB"), { day: "numeric", month: "short", year: "numeric" }).format(at);
}

export function clockTime(iso) {
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  const how = today ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(`${language()}-BE`.replace("en-BE", "en-GB"), how).format(at);
}

/** Say an age in words: minutes, hours, days. */
export function age(milliseconds) {
  const minutes = Math.max(0, Math.round(milliseconds / 60000));
  if (minutes < 1) return say("age now");
  if (minutes < 100) return say("age minutes", { n: minutes });
  if (minutes < 48 * 60) return say("age hours", { n: Math.round(minutes / 60) });
  return say("age days", { n: Math.round(minutes / 1440) });
}

/** Tell those who do not see the screen. */
export function tell(sentence) {
  const place = $("[data-said]");
  if (place) place.textContent = sentence;
}

/** Show what is wrong inside a form or view, or nothing. */
export function wrong(root, sentence) {
  const place = $("[data-wrong]", root);
  if (!place) return;
  place.hidden = !sentence;
  put("wrong", sentence || "", place);
}

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
