// Scanners that pretend to be a keyboard: a burst of keys faster than a hand, ended by Enter or Tab.
// The burst goes to the field that asks for a code, wherever the cursor stands; a half-filled form
// is never sent by it, and no list or button jumps because letters rained on it.
import { SCANNED, deliver, mainField, next, takes } from "./desk.js";
import { judge, straightened } from "./judge.js";
import { readCode } from "../table/codes.js";

// Between two keys of one scan, in ms: wired scanners need 1 to 20, over the air up to 60.
const GAP = 90;
const MEAN = 50;
const SHORTEST = 6;
const LONGEST = 200;
let burst = null;

function isText(element) {
  return element.matches("textarea, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]):not([type=file])");
}

function begin(event) {
  const target = event.target;
  burst = { text: "", from: event.timeStamp, at: event.timeStamp, target, before: "value" in target ? target.value : "" };
}

function isFast() {
  return burst && burst.text.length >= SHORTEST && (burst.at - burst.from) / (burst.text.length - 1) <= MEAN;
}

function collect(event) {
  if (burst && event.timeStamp - burst.at > GAP) burst = null;
  if (!burst) begin(event);
  if (burst.text.length < LONGEST) burst.text += event.key;
  burst.at = event.timeStamp;
}

// What the scan wrote: letters of a dead key or another script reach the field without a key of their own.
function written(target) {
  const whole = isText(target) && target.value.startsWith(burst.before) ? target.value.slice(burst.before.length) : "";
  return whole.length > burst.text.length ? whole : burst.text;
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function restore(target) {
  // The page may have put a new field in the place of the one where the burst began.
  const before = target === burst.target ? burst.before : target.defaultValue || "";
  if (!("value" in target) || target.value === before || target.matches("button")) return;
  target.value = before;
  target.dispatchEvent(new Event("input", { bubbles: true }));
  target.dispatchEvent(new Event("change", { bubbles: true }));
}

function isSampleCode(text) {
  return Boolean(readCode(text).code) || straightened(text).length === 1;
}

// Without a field that asks, a sample code is looked up; anything else is left alone.
function lookUp(text) {
  const where = document.getElementById("scanner").dataset.lookUp;
  const verdict = judge(text, ["code"]);
  if (where && verdict.kind === "code") location.assign(where + verdict.code);
}

function inCodeField(event, field, fast) {
  const text = fast ? written(field) : field.value;
  if (event.key === "Tab" && !fast) return;
  if (event.isComposing || (field.tagName === "TEXTAREA" && !fast)) return;
  if (fast) {
    stop(event);
    // What rained in is not kept in sight: it may be garbled, or a ticket.
    restore(field);
    if (!deliver(field, text).taken) field.select();
    return;
  }
  if (!text.trim()) return;
  const verdict = judge(text, takes(field));
  if (verdict.refuse === "ticket" || verdict.refuse === "address") {
    stop(event);
    deliver(field, text);
    field.value = "";
  } else if (verdict.take && verdict.mixed) {
    stop(event);
    deliver(field, text);
  } else if (!field.hasAttribute("data-scan-sends")) {
    stop(event);
    next(field);
  }
}

function elsewhere(event, fast) {
  if (!fast) return;
  const { target } = event;
  const text = written(target);
  const dialog = document.querySelector("#scanner[open]");
  const field = dialog ? document.getElementById(dialog.dataset.field) : mainField();
  if (isText(target) && !isSampleCode(text)) {
    // A seal or another barcode in a field of its own: kept, and the form is not sent by its Enter.
    if (target.tagName !== "TEXTAREA" && target.form && target.form.method === "post" && event.key === "Enter") {
      stop(event);
      next(target);
    }
    return;
  }
  stop(event);
  restore(target);
  if (field) deliver(field, text);
  else lookUp(text);
}

function hear(event) {
  if (event.target.type === "password" || !event.key) return;
  if (event.ctrlKey || event.altKey || event.metaKey) {
    // AltGr writes signs of the third level: scanners on another layout may press it.
    if (event.key.length === 1 && event.getModifierState && event.getModifierState("AltGraph")) collect(event);
    return;
  }
  if (event.key === "Enter" || event.key === "Tab") {
    const fast = isFast() && event.timeStamp - burst.at <= GAP * 2;
    if (event.target.matches(SCANNED)) inCodeField(event, event.target, fast);
    else elsewhere(event, fast);
    burst = null;
  } else if (event.key.length === 1) {
    collect(event);
    // Letters that rain on a list or the page itself choose nothing and search nothing.
    if (burst.text.length > 1 && !isText(event.target)) event.preventDefault();
  }
}

export function listen() {
  document.addEventListener("keydown", hear, true);
}
