// What is drawn on the device: the label of a tube and the ticket of the person, on the screen and on paper.
import { encode } from "../../vendor/uqr.js";
import { $, drawn, make, say } from "./page.js";

const QUIET = 4;

/** A QR symbol as SVG with its four modules of white; `side` counts them in. */
export function qr(text, ecc, name) {
  const { data, size } = encode(text, { ecc, border: 0 });
  let path = "";
  data.forEach((row, y) => row.forEach((dark, x) => { if (dark) path += `M${x} ${y}h1v1h-1z`; }));
  const whole = size + 2 * QUIET;
  return drawn("svg", { class: "qr", viewBox: `${-QUIET} ${-QUIET} ${whole} ${whole}`, role: "img", "aria-label": name },
    drawn("rect", { class: "white", x: -QUIET, y: -QUIET, width: whole, height: whole }), drawn("path", { d: path }));
}

export const shownCode = (code) => `${code.slice(0, 4)}-${code.slice(4)}`;

function demonstration() {
  return $("#main").hasAttribute("data-demonstration") ? make("small", { class: "demo-word" }, say("DEMO")) : null;
}

/** The label of one tube: the bare code (version 1, level Q), the code in letters, the form, the day. */
export function label(sample) {
  return make("div", { class: "lab lab--tube" }, qr(sample.code, "Q", say("QR code of", { code: shownCode(sample.code) })),
    make("div", {}, make("b", {}, shownCode(sample.code)), make("small", {}, sample.form), make("small", {}, sample.day), demonstration()));
}

/** The ticket: large print in three languages, no product, no sample code, no date. */
export function ticket(shown, address, count, first) {
  const words = say("ticket");
  const link = `${address.replace(/\/+$/, "")}/#${shown.replaceAll("-", "")}`;
  const main = words[first] ? first : "fr";
  const tongues = [main, ...Object.keys(words).filter((one) => one !== main)];
  const halves = [shown.slice(0, 9), shown.slice(10)];
  const told = tongues.map((tongue, place) => make("div", { class: place ? "" : "first", lang: tongue },
    make("p", {}, make("strong", { class: "tongue" }, tongue.toUpperCase()), " ", make("strong", {}, words[tongue].title)),
    ...(place ? [make("p", {}, words[tongue].short)] : [make("p", {}, words[tongue].samples.replace("{n}", count)), ...words[tongue].lines.map((line) => make("p", {}, line))])));
  return [qr(link, "M", say("QR code of the ticket")),
    make("div", { class: "stack stack--s" }, make("p", { class: "secret" }, make("span", {}, halves[0], "-"), make("wbr"), make("span", {}, halves[1])),
      make("p", { class: "address" }, address), ...told, demonstration())];
}

/** Print what is given on paper of a kind: roll, sheet or ticket; then take it off the page again. */
export function print(kind, pieces) {
  const paper = $("[data-paper]");
  paper.replaceChildren(...pieces);
  document.body.dataset.paper = kind;
  const done = () => {
    window.removeEventListener("afterprint", done);
    paper.replaceChildren();
    delete document.body.dataset.paper;
  };
  window.addEventListener("afterprint", done);
  window.print();
}
