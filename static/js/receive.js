/* One scan after another without loading the page: each is sent at once and kept by the server.
   Without this script the same form is a plain one. What was not kept stays on the page with the
   reason, and can be sent again or opened in the plain form. */
"use strict";

(() => {
  const form = document.querySelector("form[data-one-by-one]");
  const said = document.querySelector("[data-scan-said]");
  const failed = document.querySelector("[data-scan-failed]");
  if (!form || !said || !failed || !window.fetch) return;
  const field = form.querySelector("input[name=code]");
  const mass = form.querySelector("input[name=gross_mg]");
  let sending = Promise.resolve();

  const renew = (page) => {
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
      if (fresh) part.replaceWith(fresh);
    }
  };

  const button = (words, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn--quiet";
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  };

  const fail = (scan, words) => {
    const line = document.createElement("li");
    const code = document.createElement("strong");
    code.className = "code";
    code.textContent = scan.code;
    line.append(code, ` ${words} `);
    line.append(button(failed.dataset.again, () => { line.remove(); queue(scan); }));
    line.append(button(failed.dataset.open, () => {
      field.value = scan.code;
      if (mass) mass.value = scan.mass;
      form.submit();
    }));
    failed.append(line);
  };

  const send = async (scan) => {
    const body = new FormData(form);
    body.set("code", scan.code);
    if (mass) body.set("gross_mg", scan.mass);
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
    } catch {
      fail(scan, failed.dataset.offline);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const words = page.querySelector("#errors li, #errors h2, .error, .flash--error p");
    if (!answer.ok || new URL(answer.url).pathname.startsWith("/login")) {
      fail(scan, words ? words.textContent.trim() : failed.dataset.offline);
      return;
    }
    renew(page);
    said.textContent = `${scan.code} ✓`;
  };

  const queue = (scan) => { sending = sending.then(() => send(scan)); };

  form.addEventListener("submit", (event) => {
    if (form.querySelector("input[name=foreign]:checked")) return;
    event.preventDefault();
    const scan = { code: field.value.trim(), mass: mass ? mass.value : "" };
    field.value = "";
    if (mass) mass.value = "";
    field.focus();
    if (scan.code) queue(scan);
  });
})();
