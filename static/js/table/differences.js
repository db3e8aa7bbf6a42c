// Two versions of one visit side by side, by the words of the form; only what the form asks is compared.
import { readCode, shown } from "./codes.js";
import { $, say } from "./page.js";

function fieldOf(name) {
  const field = name.replace(/^samples\.\d+\./, "");
  const inBlock = name !== field;
  const root = inBlock ? $("#t-block").content : $("form[data-table]");
  const at = inBlock ? `samples-8887-${field}` : field;
  return root.querySelector(`[name="${at}"], [name="${at}[]"]`);
}

function labelOfField(field) {
  const held = field.closest("fieldset.stack") && field.type !== "checkbox" && field.type !== "text" ? field.closest("fieldset").querySelector("legend") : null;
  const words = held || (field.labels && field.labels[0]) || field.closest(".field")?.querySelector("label, span") || field.closest("label") || field.closest("fieldset")?.querySelector("legend");
  const copy = words.cloneNode(true);
  copy.querySelectorAll(".req").forEach((one) => one.remove());
  return copy.textContent.trim().replace(/\s+/g, " ");
}

function optionWords(field, value) {
  if (field.tagName === "SELECT") return Array.from(field.options).find((one) => one.value === value)?.textContent || value;
  const same = field.type === "radio" && Array.from(field.getRootNode().querySelectorAll(`[name="${field.name}"]`)).find((one) => one.value === value);
  return same ? same.parentNode.textContent.trim() : value;
}

function written(value, field) {
  if (Array.isArray(value)) return [...value].sort().join(", ");
  if (value === true || value === "yes") return say("yes");
  if (value === false || value === "no" || value === null || value === undefined || value === "") return "";
  const text = String(value);
  if (field.name.endsWith("-code")) return readCode(text).code ? shown(readCode(text).code) : text;
  return field.inputMode === "decimal" ? text.replace(",", ".").replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "") : optionWords(field, text);
}

function flat(body, prefix = "") {
  return Object.entries(body || {}).flatMap(([name, value]) => {
    if (name === "samples") return value.flatMap((one, at) => flat(one, `samples.${at}.`));
    return [[prefix + name, value]];
  });
}

/** Every answer of two versions that the form knows, those that differ first: {name, theirs, ours}. */
export function differences(theirs, ours) {
  const left = new Map(flat(theirs)), right = new Map(flat(ours));
  const told = [];
  for (const [name, mine] of right) {
    const field = fieldOf(name);
    // The day is the server's when nobody typed one; an identifier is nobody's answer.
    if (!field || field.type === "hidden" || (name === "day" && !mine)) continue;
    const sample = name.match(/^samples\.(\d+)\./);
    const label = `${sample ? `${say("sample", { n: Number(sample[1]) + 1 })}: ` : ""}${labelOfField(field)}`;
    const one = { name: label, theirs: written(left.get(name), field), ours: written(mine, field) };
    if (one.theirs || one.ours) told.push(one);
  }
  return [...told.filter((one) => one.theirs !== one.ours), ...told.filter((one) => one.theirs === one.ours)];
}
