// What is wrong with the answers: beside each field and in a summary on top, as the pages do it.
import { $, $$, icon, make, put, show } from "./page.js";

function besideField(form, { field, message }) {
  const id = `f-${String(field || "").replaceAll(".", "-")}`;
  const at = document.getElementById(id);
  if (!at) return make("li", {}, message);
  const note = make("p", { class: "error", id: `${id}-e`, "data-told": true }, icon("err"), make("span", {}, message));
  if (at.tagName === "FIELDSET") at.append(note);
  else {
    at.setAttribute("aria-invalid", "true");
    at.setAttribute("aria-describedby", `${id}-e`);
    (at.closest(".field") || at.parentNode).append(note);
  }
  openFolds(at);
  const asked = $("input[name$='-not_a_person']", at.closest("[data-sample]") || form);
  if (asked && at.matches("input[type='text'], textarea, input:not([type])")) show(asked.closest(".note"));
  const place = (id.match(/^f-samples-(\d+)-/) || [])[1];
  return make("li", {}, make("a", { href: `#${id}`, "data-place": place }, message));
}

/** Open every fold around a field. */
export function openFolds(at) {
  for (let fold = at.closest("details"); fold; fold = fold.parentNode.closest("details")) fold.open = true;
}

/** Show problems as [{field: "samples.0.code", message}]; tells whether there are any. */
export function showProblems(form, problems, title) {
  $$(".error[data-told]", form).forEach((one) => one.remove());
  $$("[aria-invalid]", form).forEach((one) => one.removeAttribute("aria-invalid"));
  const summary = $("[data-errors]", form);
  const items = problems.map((one) => besideField(form, one));
  put("errors-title", title, summary);
  $("ul", summary).replaceChildren(...items);
  summary.hidden = !items.length && !title;
  if (!summary.hidden) summary.focus();
  return !summary.hidden;
}
