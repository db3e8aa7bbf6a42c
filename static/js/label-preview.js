// The picture of a label follows what is typed. Without this file the button "Preview" does it.
"use strict";
(function () {
  const form = document.querySelector("form[data-label-form]");
  const place = document.getElementById("preview");
  if (!form || !place) return;
  const own = form.querySelector("[data-own]");
  let waiting = 0;
  let asked = 0;

  async function draw() {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.preview, {
        method: "POST", body: new FormData(form), credentials: "same-origin",
      });
      const text = await answer.text();
      if (answer.ok && mine === asked) place.innerHTML = text;
    } catch (lost) { /* the last picture stays */ }
  }

  form.addEventListener("input", function (event) {
    if (event.target.name === "paper" && own) own.open = event.target.value === "own";
    clearTimeout(waiting);
    waiting = setTimeout(draw, 250);
  });
})();
