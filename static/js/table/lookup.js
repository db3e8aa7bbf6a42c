// Look-up without a network: alerts and dangerous products from the bundle that the server signed.
// A bundle whose signature does not fit the key pinned at enrolment is not shown.
import { verifyBundle } from "./sealing.js";
import { $, $$, age, day, icon, labelOf, level, make, number, put, say, show } from "./page.js";

const OLD = 24 * 3600000;
const REFRESH = 3600000;
const MOST = 60;

/** Lower case without accents, for comparing words. */
export const plain = (text) => String(text || "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

function looks(product, asked) {
  const told = (name) => plain(asked[name]);
  if (told("form") && product.form !== asked.form) return -1;
  let score = 0;
  if (told("colour")) {
    if (product.colour && product.colour !== asked.colour) return -1;
    score += product.colour ? 1 : 0;
  }
  for (const name of ["logo", "shape"]) {
    if (!told(name)) continue;
    const mine = plain(product[name]);
    if (mine && !mine.includes(told(name)) && !told(name).includes(mine)) return -1;
    score += mine ? 2 : 0;
  }
  return score;
}

/** Products that fit what is asked of their looks and words, best first. */
export function found(products, { words = "", ...asked }) {
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  const text = (one) => plain([one.number, ...(one.found || []).flatMap((each) => (typeof each.name === "string" ? [each.name] : Object.values(each.name || {})))].join(" "));
  return products.map((one) => [looks(one, asked), one]).filter(([score, one]) => score >= 0 && wanted.every((word) => text(one).includes(word)))
    .sort((one, other) => other[0] - one[0]).map(([, one]) => one);
}

export class LookUp {
  #desk;
  #at = 0;

  constructor(desk) {
    this.#desk = desk;
  }

  /** Fetch the bundle when there is a network; keep it only when its signature fits. */
  async fetch({ force = false } = {}) {
    const { desk } = { desk: this.#desk };
    if (!desk.lock.isOpen || !desk.device || (!force && Date.now() - this.#at < REFRESH)) return;
    const { status, body } = await desk.transport.bundle();
    if (status !== 200 || !body) return;
    this.#at = Date.now();
    desk.unsigned = !(await this.#read(body));
    if (!desk.unsigned) await desk.lock.keep("bundle", body);
    this.draw();
  }

  async #read(body) {
    const pinned = this.#desk.device.bundle_key;
    if (!pinned || body.key !== pinned.id || !(await verifyBundle(pinned.raw, body))) {
      this.#desk.bundle = null;
      return false;
    }
    this.#desk.bundle = JSON.parse(body.payload);
    return true;
  }

  /** Open what the device keeps, checking the signature again. */
  async restore() {
    const body = await this.#desk.lock.kept("bundle");
    this.#desk.unsigned = Boolean(body) && !(await this.#read(body));
    if (!body) this.#desk.bundle = null;
    this.draw();
  }

  get age() {
    return this.#desk.bundle ? Date.now() - new Date(this.#desk.bundle.made_at).getTime() : null;
  }

  draw() {
    const { bundle, unsigned } = this.#desk;
    this.#suggestions();
    this.#notTaken();
    const old = this.age !== null && this.age > OLD;
    put("bundle-age", this.age === null ? "–" : this.age < 60000 ? say("age minutes", { n: "< 1" }) : age(this.age));
    put("bundle-says", bundle ? say("bundle of", { age: age(this.age) }) : say("no bundle"));
    put("stale", say("bundle old", { age: this.age === null ? "" : age(this.age) }));
    show("[data-stale]", old);
    show("[data-unsigned]", unsigned);
    show("[data-looked]", Boolean(bundle));
    if (!bundle) return;
    const alerts = bundle.alerts.map((one) => this.#alert(one));
    $("[data-alerts-list]").replaceChildren(...(alerts.length ? alerts : [make("li", { class: "empty" }, say("no alerts"))]));
    $("[data-alerts]").replaceChildren(...bundle.alerts.filter((one) => one.level === "red").slice(0, 3).map((one) => make("button", { class: "red-now", type: "button", "data-go": "look-up" }, level("red"), make("span", {}, labelOf(one.title)))));
    show("[data-alerts]", bundle.alerts.some((one) => one.level === "red"));
    this.search();
    this.alike();
  }

  /** What is offered while typing: names of substances; logos, and other words with the logo beside them. */
  #suggestions() {
    const { substances = [], logos = [] } = this.#desk.bundle || {};
    this.#offer("substances", substances.map((name) => make("option", { value: labelOf(name) })));
    this.#offer("logos", logos.flatMap(([name, others]) => [make("option", { value: name }), ...others.map((words) => make("option", { value: words, label: `${words} = ${name}` }))]));
  }

  #offer(id, options) {
    let list = $(`#${id}`);
    if (!list) {
      list = make("datalist", { id });
      $("#main").append(list);
    }
    list.replaceChildren(...options);
  }

  /** Above the form: what the laboratories behind this point do not take, as far as the bundle knows. */
  #notTaken() {
    const { bundle, device } = this.#desk;
    const points = (bundle && bundle.closures) || {};
    const today = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Brussels" }).format(new Date());
    const closed = ((device && points[device.site_id]) || points[""] || []).filter((one) => one.until >= today);
    const what = (one) => (one.form ? this.#term("dosage_form", one.form) : one.technique ? labelOf(one.technique) : say("no sample"));
    put("not-taken", closed.length ? say("not taken", { what: [...new Set(closed.map(what))].join(", ") }) : "");
    $("[data-not-taken] ul")?.replaceChildren(...closed.map((one) => this.#closure(one)));
    show("[data-not-taken]", closed.length > 0);
  }

  #closure(one) {
    const technique = one.technique && say("nothing that needs", { technique: labelOf(one.technique) });
    const what = [one.form ? this.#term("dosage_form", one.form) : one.technique ? "" : say("no sample"), technique].filter(Boolean).join(" · ");
    const more = [labelOf(one.words), one.everywhere ? "" : say("elsewhere perhaps")].filter(Boolean).join(" ");
    return make("li", {}, make("strong", {}, what), ` ${say("until", { day: day(one.until) })}`, more ? `. ${more}` : "");
  }

  #term(list, code) {
    const terms = (this.#desk.bundle.lists || {})[list] || [];
    const term = terms.find(([one]) => one === code);
    return term ? labelOf(term[1], code) : code;
  }

  #alert(one) {
    return make("li", { class: `alert alert--${one.level}` },
      make("header", {}, icon(`lv-${one.level}`, ` ico--fill${{ warning: " ico--2", red: " ico--3" }[one.level] || ""}`), make("span", {}, say(`level ${one.level}`)), make("span", { class: "push" }, one.number)),
      make("div", { class: "body stack stack--s" }, make("h3", {}, labelOf(one.title)), ...String(labelOf(one.message)).split(/\n+/).filter(Boolean).map((part) => make("p", {}, part)), make("p", { class: "sub" }, say("since", { day: day(one.since) }))));
  }

  search() {
    const form = $("[data-search]");
    if (!form || !this.#desk.bundle) return;
    const told = new FormData(form), asked = {};
    for (const name of ["words", "form", "colour", "logo", "shape"]) asked[name] = told.get(`search-${name}`) || "";
    const products = found(this.#desk.bundle.products, asked);
    put("counted", say(products.length > MOST ? "products first" : "products found", { n: products.length, most: MOST }));
    $("[data-products]").replaceChildren(...products.slice(0, MOST).map((one) => this.card(one)));
  }

  /** One product: what it looks like, how dangerous, and its whole spread with count and dates. */
  card(one) {
    const look = [one.form && this.#term("dosage_form", one.form), one.colour && this.#term("colour", one.colour), one.logo, one.shape].filter(Boolean);
    const rows = (one.found || []).map((each) => make("tr", {}, make("th", { scope: "row" }, labelOf(each.name)), make("td", { class: "n" }, String(each.n)),
      make("td", { class: "n" }, ...this.#range(each))));
    return make("li", { class: `card card--tight edge edge--${one.danger} stack stack--s` },
      make("div", { class: "row" }, level(one.danger || "neutral"), make("strong", {}, one.number)),
      make("p", {}, look.join(" · ")),
      rows.length ? make("table", { class: "t t--tight" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, say("found")), make("th", { scope: "col", class: "n" }, "n"), make("th", { scope: "col", class: "n" }, say("low to high")))), make("tbody", {}, ...rows)) : null,
      make("p", { class: "sub" }, say("seen", { n: one.samples, first: day(one.first_seen), last: day(one.last_seen) })));
  }

  /** Lowest and highest with their unit and what they are expressed as; too few samples have no figures. */
  #range(each) {
    if (each.low === null || each.low === undefined) return [say("no figures")];
    const span = each.low === each.high ? number(each.low) : `${number(each.low)}–${number(each.high)}`;
    const [mass, perUnit] = String(each.unit).split("/unit");
    const unit = perUnit === undefined ? each.unit : say("per unit", { mass });
    const as = !each.expressed_as ? say("not stated") : each.expressed_as === "base" ? say("as base") : say("as salt", { salt: each.expressed_as });
    return [make("strong", {}, span), make("span", { class: "sub" }, `${unit}, ${as}`)];
  }

  /** Beside the form: products that look like the sample being registered. */
  alike() {
    const place = $("[data-alike]");
    if (!place) return;
    const { bundle, screen } = this.#desk;
    const asked = bundle && $("form[data-table] [data-sample]") ? screen.sample() : {};
    const enough = asked.form === "tablet" && (asked.logo || asked.colour);
    const similar = enough ? found(bundle.products, { form: asked.form, colour: asked.colour, logo: asked.logo, shape: asked.shape }).slice(0, 3) : [];
    show(place, similar.length > 0);
    $("[data-found]", place).replaceChildren(...similar.map((one) => this.card(one)));
  }

  clear() {
    this.#desk.bundle = null;
    this.#notTaken();
    ["[data-alerts-list]", "[data-products]", "[data-found]", "#substances", "#logos"].forEach((one) => $$(one).forEach((each) => each.replaceChildren()));
    show("[data-alike]", false);
  }
}
