// Where a scan goes: the fields of this page that ask for a code, what is said beside them, and what
// the Enter of a scanner does there. A page may take a scan itself by listening to "balise:scan".
import { judge } from "./judge.js";

const TWICE = 2000;
const KEPT = "balise-scan";
const GOES = "input:not([type=hidden]):not([type=submit]):not([type=file]), select, textarea, button[type=submit]";
const queues = new WeakMap();
let last = { text: "", at: 0 };

export const SCANNED = "input[data-scans], textarea[data-scans]";

export function takes(field) {
  return (field.dataset.scans || "code").split(" ");
}

// What stands in a folded part has a place in the page, but nobody sees it and it takes no focus.
function isShown(element) {
  const seen = element.checkVisibility ? element.checkVisibility() : true;
  return seen && !element.disabled && !element.readOnly && element.getClientRects().length > 0;
}

// The field that a scan goes to when the cursor is nowhere: the one marked as main, or the first.
export function mainField() {
  const all = Array.from(document.querySelectorAll(SCANNED)).filter(isShown);
  return all.find((one) => one.hasAttribute("data-scan-main")) || all[0] || null;
}

// The words of the page, in the reader's language; the scanner's own file holds none.
export function words(name) {
  const found = document.querySelector("#scanner [data-word='" + name + "']");
  return found ? found.textContent : "";
}

// Says something beside a field, where a screen reader hears it; "" takes it away.
export function say(field, text, wrong = true) {
  const box = field.closest(".field") || field.parentElement;
  let place = box.querySelector("[data-scan-said]");
  if (!place) {
    place = document.createElement("p");
    place.setAttribute("data-scan-said", "");
    place.setAttribute("role", "status");
    box.append(place);
  }
  place.className = wrong ? "error" : "hint";
  place.textContent = text;
  field.dispatchEvent(new CustomEvent("balise:said", { bubbles: true, detail: { text, wrong } }));
}

function isTwice(text) {
  const now = Date.now();
  let before = last;
  try {
    const [at, kept] = (sessionStorage.getItem(KEPT) || "").split(" ", 2);
    if (Number(at) > before.at) before = { text: kept, at: Number(at) };
    sessionStorage.setItem(KEPT, now + " " + text.replace(/\s/g, ""));
    setTimeout(() => sessionStorage.removeItem(KEPT), TWICE);
  } catch (closed) { /* without storage only this page is remembered */ }
  last = { text: text.replace(/\s/g, ""), at: now };
  return before.text === last.text && now - before.at < TWICE;
}

function put(field, text) {
  if (field.tagName === "TEXTAREA") {
    const lines = field.value.split("\n").map((one) => one.trim()).filter(Boolean);
    field.value = lines.concat(lines.includes(text) ? [] : [text]).join("\n") + "\n";
  } else field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

// Goes to the next answer of the form, as Tab does; never sends what is half filled.
export function next(field) {
  const form = field.form;
  const all = form ? Array.from(form.querySelectorAll(GOES)).filter(isShown) : [];
  const following = all[all.indexOf(field) + 1];
  if (following) following.focus();
}

// Does what Enter does after a scan: sends a form that asks for the code alone, else goes on.
export function enter(field) {
  if (field.tagName === "TEXTAREA") field.focus();
  else if (!field.hasAttribute("data-scan-sends") || !field.form) next(field);
  else if (field.hasAttribute("data-scan-continuous")) sendOn(field, field.form);
  else field.form.requestSubmit();
}

// Saves one scan after the other without leaving the page: each is sent at once, in order, and the
// page's answer takes the place of what stood there.
function sendOn(field, form) {
  const body = new URLSearchParams(new FormData(form));
  const turn = (queues.get(document) || Promise.resolve()).then(() => sendOne(form.action, body, field.id, field.value));
  queues.set(document, turn);
}

async function sendOne(address, body, id, text) {
  let answer, page;
  try {
    answer = await fetch(address, { method: "POST", body, credentials: "same-origin" });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch (away) {
    const field = document.getElementById(id);
    if (field) { field.value = text; say(field, words("unsent")); }
    return;
  }
  const main = page.querySelector("main");
  if (!main || (answer.redirected && new URL(answer.url).pathname !== location.pathname)) {
    location.assign(answer.url);
    return;
  }
  document.querySelector("main").replaceWith(document.adoptNode(main));
  if (window.htmx) window.htmx.process(main);
  const field = document.getElementById(id);
  const told = main.querySelector("#errors, .flash");
  const said = told ? told.textContent.replace(/\s+/g, " ").trim() : text;
  if (!field) { document.dispatchEvent(new CustomEvent("balise:over", { detail: { text: said } })); return; }
  const isOpen = document.querySelector("dialog[open]");
  if (!isOpen) { field.focus(); field.select(); }
  say(field, said, !answer.ok);
}

// Takes a scan for a field, or says why not: {taken, twice: an echo, held: the page does the rest, reason}.
export function deliver(field, text, { format = "", goesOn = true } = {}) {
  const verdict = judge(text, takes(field), format);
  if (verdict.refuse) {
    say(field, words(verdict.refuse));
    return { taken: false, reason: verdict.refuse };
  }
  if (isTwice(verdict.take)) return { taken: true, twice: true };
  const asked = new CustomEvent("balise:scan", { bubbles: true, cancelable: true, detail: { ...verdict, format } });
  if (!field.dispatchEvent(asked)) return { taken: true, held: true };
  put(field, verdict.take);
  say(field, verdict.mixed ? words("mixed") : "", false);
  if (goesOn) enter(field);
  return { taken: true };
}
