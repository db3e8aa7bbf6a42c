// What the laboratory needs of a sample before it leaves: the rule of lims/intake/needing.py, on the
// needs that came with the bundle; without a bundle the three answers that are always needed.
import { labelOf, number, say } from "./page.js";

const START = ["form", "sold_as", "consent_destroy"].map((field) => ({ fields: [field], required: true, forms: [], when: "", whole: false }));

function isEmpty(answer) {
  return answer === undefined || answer === null || answer === false || answer === "" || answer === "no" || (Array.isArray(answer) && !answer.length);
}

function concerns(need, answers) {
  if (need.forms && need.forms.length && !need.forms.includes(answers.form)) return false;
  if (need.when && isEmpty(answers[need.when])) return false;
  return !(need.whole && answers.whole_or_part === "part");
}

function wordsOf(need) {
  return need.words ? labelOf(need.words) : say(`need ${need.fields[0]}`);
}

/** Return what one sample lacks: {required, wanted} as [{field, words}], {tooLittle} as sentences. */
export function lackingIn(answers, bundle) {
  const needs = (bundle && bundle.needs) || {};
  const told = needs.answers || [];
  const all = [...(told.some((need) => need.required) ? [] : START), ...told];
  const missing = all.filter((need) => concerns(need, answers) && need.fields.some((field) => isEmpty(answers[field])));
  const listed = (required) => missing.filter((need) => Boolean(need.required) === required)
    .map((need) => ({ field: need.fields.find((field) => isEmpty(answers[field])), words: wordsOf(need) }));
  const mass = Number(String(answers.mass_mg || "").replace(",", "."));
  const small = mass > 0 ? (needs.masses || []).filter((one) => mass < Number(one.mg)) : [];
  return {
    required: listed(true),
    wanted: listed(false),
    tooLittle: small.map((one) => say("too little", { title: labelOf(one.titles), mg: number(one.mg) })),
  };
}
