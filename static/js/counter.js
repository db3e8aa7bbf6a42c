// The table's screen, made quicker: what the laboratory still lacks is said while one types, and a
// frequent answer and a typed one take each other's place. Everything works without this file.
"use strict";
(function () {
  const form = document.querySelector("form[data-counter]");
  if (!form) return;
  const live = form.querySelector("[data-live]");
  const list = live.querySelector("ul");
  const blocks = Array.from(form.querySelectorAll("[data-block]"));
  const needs = ["form", "sold_as", "consent_destroy"];
  let touched = false;

  function field(block, name) {
    const at = "samples-" + blocks.indexOf(block) + "-";
    return form.elements[at + name];
  }

  function answered(block, need) {
    if (need === "form") {
      const chosen = field(block, "form");
      return Boolean((chosen && chosen.value) || field(block, "form_other").value);
    }
    if (need === "sold_as") {
      const quick = field(block, "sold_as_quick");
      return Boolean(field(block, "sold_as").value.trim() || (quick && quick.value));
    }
    return field(block, need).checked;
  }

  function anchor(block, need) {
    return "#f-samples-" + blocks.indexOf(block) + "-" + need;
  }

  function tell() {
    list.replaceChildren();
    blocks.forEach(function (block, place) {
      needs.filter((need) => !answered(block, need)).forEach(function (need) {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = anchor(block, need);
        link.textContent =
          (blocks.length > 1 ? live.dataset.sample + " " + (place + 1) + ": " : "") + live.getAttribute("data-" + need);
        item.append(link);
        list.append(item);
      });
    });
    live.hidden = !touched || !list.children.length || Boolean(form.querySelector("#errors"));
  }

  form.addEventListener("input", function (event) {
    touched = true;
    const name = event.target.name || "";
    const block = event.target.closest("[data-block]");
    if (block && name.endsWith("-sold_as_quick")) field(block, "sold_as").value = "";
    if (block && name.endsWith("-sold_as") && event.target.value) {
      block.querySelectorAll("input[name$='-sold_as_quick']").forEach((one) => { one.checked = false; });
    }
    if (block && name.endsWith("-form")) field(block, "form_other").value = "";
    if (block && name.endsWith("-form_other") && event.target.value) {
      block.querySelectorAll("input[name$='-form']").forEach((one) => { one.checked = false; });
    }
    tell();
  });

  // A scanner ends a code with Enter: go on to the next answer instead of sending the form.
  form.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !event.target.matches("input[name$='-code']")) return;
    event.preventDefault();
    const block = event.target.closest("[data-block]");
    const next = block && block.querySelector("input[type='radio']");
    if (next) next.focus();
  });
})();
