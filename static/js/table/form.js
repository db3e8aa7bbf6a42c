// The answers of the form as the server's door reads them, and the form filled from answers.
// It knows no field by name: whatever the shared form asks is read and filled.

/** Return a form's answers nested: `samples-0-form` is samples → 0 → form; `…[]` is a list. */
export function nested(form) {
  const tree = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string") continue;
    const many = name.endsWith("[]");
    const parts = (many ? name.slice(0, -2) : name).split("-");
    const last = parts.pop();
    let branch = tree;
    for (const part of parts) branch = branch[part] = branch[part] || {};
    if (many) (branch[last] = branch[last] || []).push(value);
    else branch[last] = value;
  }
  const samples = tree.samples || {};
  tree.samples = Object.keys(samples).sort((one, other) => one - other).map((key) => samples[key]);
  return tree;
}

const BETWEEN = /[,;\n]+/;
/** Answers that are typed in one line, and told as a list. */
const LISTED = ["taken_with"];

/** Return answers with the quick choices and the rarer ones in their places, as the door does. */
export function settled(answers) {
  const told = {};
  Object.entries(answers).forEach(([name, value]) => {
    if (!/_(quick|other)$/.test(name)) told[name] = value;
  });
  Object.entries(answers).forEach(([name, value]) => {
    if (name.endsWith("_other") && value) told[name.slice(0, -6)] = value;
    if (name.endsWith("_quick") && !told[name.slice(0, -6)]) told[name.slice(0, -6)] = value;
  });
  LISTED.forEach((name) => {
    if (typeof told[name] === "string") told[name] = told[name].split(BETWEEN).map((one) => one.trim()).filter(Boolean);
  });
  return told;
}

function options(root, name) {
  return Array.from(root.querySelectorAll(`[name="${CSS.escape(name)}"]`));
}

function asText(value) {
  if (value === true) return "yes";
  if (value === false) return "no";
  return value === null || value === undefined ? "" : String(value);
}

/** Fill one answer; an answer that its own field does not offer goes to its quick or rarer twin. */
function fillOne(root, name, given) {
  const many = Array.isArray(given) && options(root, `${name}[]`).length > 0;
  const value = Array.isArray(given) && !many ? given.join(", ") : given;
  const found = options(root, many ? `${name}[]` : name);
  if (!found.length) return;
  const text = asText(value);
  if (found[0].type === "checkbox" && !Array.isArray(value)) found[0].checked = text !== "" && text !== "no";
  else if (found[0].type === "radio" || found[0].type === "checkbox") {
    const wanted = Array.isArray(value) ? value.map(asText) : [text];
    found.forEach((one) => { one.checked = wanted.includes(one.value); });
    const other = options(root, `${name}_other`)[0];
    if (text && other && !found.some((one) => one.checked)) other.value = text;
  } else {
    const quick = options(root, `${name}_quick`).find((one) => one.value === text);
    if (text && quick && text === "unknown") quick.checked = true;
    else found[0].value = text;
  }
}

/** Fill the fields under a prefix from answers; folds with an answer are opened. */
export function fill(root, prefix, answers) {
  Object.entries(answers).forEach(([name, value]) => {
    if (name !== "samples") fillOne(root, prefix + name, value);
  });
  root.querySelectorAll("details").forEach((fold) => {
    fold.open = fold.open || Array.from(fold.querySelectorAll("input, select, textarea")).some(hasAnswer);
  });
}

function hasAnswer(one) {
  if (one.type === "hidden" || one.type === "file") return false;
  if (one.type === "checkbox" || one.type === "radio") return one.checked && one.value !== "";
  return one.tagName === "SELECT" ? one.value !== "" && !(one.options[0] && one.options[0].value === one.value) : one.value !== "";
}
