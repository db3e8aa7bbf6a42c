// What the laboratory cannot start without: always the form, what it was sold as and the agreement
// to destroy it; with the bundle, also what the protocols in force ask for a form.
import { labelOf, say } from "./page.js";

const BASE = ["form", "sold_as", "consent_destroy"];

/** Return what one sample lacks as [{field, words}]; `base` asks for the three first alone. */
export function missingIn(answers, bundle, { base = false } = {}) {
  const lacking = BASE.filter((name) => !answered(answers[name])).map((field) => ({ field, words: say(`need ${field}`) }));
  const further = base || !bundle ? [] : rules(bundle).filter((rule) => asks(rule, answers) && !answered(answers[rule.field]));
  return [...lacking, ...further.map((rule) => ({ field: rule.field, words: labelOf(rule.words, rule.field) }))];
}

function answered(value) {
  return Array.isArray(value) ? value.length > 0 : Boolean(value) && value !== "no";
}

function rules(bundle) {
  return (bundle.needs && bundle.needs.rules) || [];
}

function asks(rule, answers) {
  return !rule.forms || !rule.forms.length || rule.forms.includes(answers.form);
}
