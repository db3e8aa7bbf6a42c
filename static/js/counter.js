// The table's screen, made quicker: what the laboratory still lacks is said while one types, a
// declared name says what it means, and a frequent answer and a typed one take each other's place.
// Everything works without this file.
"use strict";
(function () {
  const form = document.querySelector("form[data-counter]");
  if (!form) return;
  const language = document.documentElement.lang || "en";
  const data = form.querySelector("script[data-needs]");
  const needs = data ? JSON.parse(data.textContent).answers : [];
  const live = form.querySelector("[data-live='required']");
  const list = live.querySelector("ul");
  const blocks = Array.from(form.querySelectorAll("[data-block]"));
  let touched = false;

  function prefix(block) {
    return "samples-" + blocks.indexOf(block) + "-";
  }

  function field(block, name) {
    return form.elements[prefix(block) + name];
  }

  // What is answered, under the names of the rule; a photo is taken after the record is saved.
  function answer(block, name) {
    const one = field(block, name);
    if (name === "photo") return "";
    if (name === "form") return field(block, "form_other").value || (one && one.value) || "";
    if (name === "sold_as") {
      const quick = field(block, "sold_as_quick");
      return one.value.trim() || (quick && quick.value) || "";
    }
    if (!one) return "";
    return one.type === "checkbox" ? one.checked : one.value.trim();
  }

  // The same rule as lims/intake/needing.py, on the same data.
  function lacking(block) {
    return needs.filter(function (need) {
      if (need.forms.length && !need.forms.includes(answer(block, "form"))) return false;
      if (need.when && !answer(block, need.when)) return false;
      if (need.whole && answer(block, "whole_or_part") === "part") return false;
      return need.fields.some((name) => !answer(block, name));
    });
  }

  function tell() {
    list.replaceChildren();
    blocks.forEach(function (block, place) {
      const missing = lacking(block);
      missing.filter((need) => need.required).forEach(function (need) {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = "#f-" + prefix(block) + need.fields[0];
        link.textContent = (blocks.length > 1 ? live.dataset.sample + " " + (place + 1) + ": " : "") + need.words[language];
        item.append(link);
        list.append(item);
      });
      const wanted = missing.filter((need) => !need.required).map((need) => need.words[language]);
      const line = block.querySelector("[data-live='wanted']");
      line.hidden = !touched || !wanted.length;
      line.querySelector("span").textContent = wanted.join(", ");
    });
    live.hidden = !touched || !list.children.length || Boolean(form.querySelector("#errors"));
  }

  // What a declared name means is asked of the server; without a network nothing is said.
  const asked = new Map();
  function ask(block, input) {
    const place = block.querySelector("[data-meant='" + input.dataset.name + "']");
    const text = input.value.trim();
    window.clearTimeout(asked.get(place));
    asked.set(place, window.setTimeout(function () {
      if (!text) return place.replaceChildren();
      const query = new URLSearchParams({ at: prefix(block), field: input.dataset.name, text: text });
      fetch("/register/name?" + query, { credentials: "same-origin" })
        .then((reply) => (reply.ok && !reply.redirected ? reply.text() : ""))
        .then(function (part) {
          if (input.value.trim() === text) place.innerHTML = part;
        })
        .catch(() => undefined);
    }, 350));
  }

  form.addEventListener("input", function (event) {
    touched = true;
    const name = event.target.name || "";
    const block = event.target.closest("[data-block]");
    if (block && event.target.dataset.name) ask(block, event.target);
    if (block && name.endsWith("-sold_as_quick")) {
      field(block, "sold_as").value = "";
      block.querySelector("[data-meant='sold_as']").replaceChildren();
    }
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
