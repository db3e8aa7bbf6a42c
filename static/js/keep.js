// Who changes the language in the middle of a form finds what was typed again. It is kept in this
// tab only, until the page is there; never a password, a file or what a page hides in its form.
"use strict";
(function () {
  const mark = "balise-typed ";
  const skipped = ["hidden", "password", "file", "submit", "button", "image", "reset"];

  function fields() {
    const forms = Array.from(document.querySelectorAll("main form[method='post']"));
    return forms.flatMap((form, place) =>
      Array.from(form.elements)
        .filter((one) => one.name && !skipped.includes(one.type) && one.tagName !== "FIELDSET")
        .map((one) => [place + " " + one.name, one])
    );
  }

  function isTicked(one) {
    return one.type === "checkbox" || one.type === "radio";
  }

  function written() {
    return fields().map(([name, one]) => (isTicked(one) ? [name, one.value, one.checked] : [name, one.value]));
  }

  function put(found, kept) {
    const [name, value, checked] = kept;
    const same = found.filter((pair) => pair[0] === name).map((pair) => pair[1]);
    const one = checked === undefined ? same[0] : same.find((each) => each.value === value);
    if (!one || (checked === undefined ? one.value === value : one.checked === checked)) return;
    if (checked === undefined) one.value = value;
    else one.checked = checked;
    const fold = one.closest("details");
    if (fold) fold.open = true;
    one.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function restore() {
    const kept = sessionStorage.getItem(mark + location.pathname);
    Object.keys(sessionStorage).filter((key) => key.startsWith(mark)).forEach((key) => sessionStorage.removeItem(key));
    if (!kept) return;
    const found = fields();
    // What an event of one answer changes in another is put right by the second turn.
    for (let turn = 0; turn < 2; turn += 1) JSON.parse(kept).forEach((one) => put(found, one));
  }

  document.querySelectorAll(".lang a[hreflang]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      const counter = document.querySelector("form[data-counter]");
      if (!counter) {
        sessionStorage.setItem(mark + new URL(link.href).pathname, JSON.stringify(written()));
        return;
      }
      // The table's screen may hold several samples: the server writes them all again.
      event.preventDefault();
      const wish = document.createElement("input");
      Object.assign(wish, { type: "hidden", name: "then", value: "say again" });
      counter.append(wish);
      counter.action = link.href;
      counter.submit();
    });
  });
  restore();
})();
