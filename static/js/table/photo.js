// Photos of a sample: taken with the camera, drawn anew on a canvas (which drops every hidden note of
// the file: place, time, device), and measured with a scale card. Only with the person's agreement.
import { nested } from "./form.js";
import { $, $$, drawn, icon, labelOf, make, newId, number, put, say, show, tell, wrong } from "./page.js";

const LONGEST = 1600;
const QUALITY = 0.85;

async function opened(file) {
  if (globalThis.createImageBitmap) {
    try {
      return await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch (otherwise) {
      // Some browsers read a picture only through an image element.
    }
  }
  const picture = new Image();
  picture.src = URL.createObjectURL(file);
  try {
    await picture.decode();
    return picture;
  } finally {
    URL.revokeObjectURL(picture.src);
  }
}

/** Draw a picture anew: JPEG, at most 1600 px a side, nothing but its pixels. Returns {jpeg, width, height}. */
export async function redrawn(file) {
  const picture = await opened(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  if (picture.close) picture.close();
  const jpeg = canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
  return { jpeg, width: canvas.width, height: canvas.height };
}

const form = () => $("form[data-table]");

export class Photos {
  #desk;
  #all = [];
  #measured = null;

  constructor(desk) {
    this.#desk = desk;
  }

  has(sample) {
    return this.#all.some((one) => one.sample === sample);
  }

  /** Take the photos of the draft back from where they are kept. */
  async restore(held = []) {
    this.#all = held.length ? held : (await this.#desk.lock.kept("photos")) || [];
  }

  get all() {
    return this.#all;
  }

  forget() {
    this.#all = [];
  }

  async #keep() {
    const { lock } = this.#desk;
    const failed = this.#all.length ? await lock.keep("photos", this.#all) : await lock.drop("photos");
    if (failed && this.#all.length) tell(labelOf(failed.words, say("not kept")));
  }

  #sample(block) {
    return $("input[name$='-id']", block).value;
  }

  async add(field) {
    const block = field.closest("[data-sample]");
    const file = field.files[0];
    field.value = "";
    if (!file) return;
    const sample = this.#sample(block);
    try {
      const shot = await redrawn(file);
      this.#all = this.#all.filter((one) => one.sample !== sample || one.side !== field.dataset.photo);
      this.#all.push({ id: newId(), sample, side: field.dataset.photo, mm_per_px: null, ...shot });
    } catch (unreadable) {
      this.#desk.screen.errors([{ field: "", message: say("no picture") }], say("look again"));
      return;
    }
    this.draw();
    this.#desk.screen.save();
    await this.#keep();
  }

  async remove(id) {
    this.#all = this.#all.filter((one) => one.id !== id);
    this.draw();
    await this.#keep();
  }

  /** Forget the photos of these samples. */
  async clear(samples) {
    this.#all = this.#all.filter((one) => !samples.includes(one.sample));
    await this.#keep();
  }

  /** Write the photos of a visit into the outbox behind it, those with an agreement. */
  async record(_visit, answers) {
    const agreed = answers.filter((one) => one.consent_photo).map((one) => one.id);
    for (const { id, sample, side, jpeg, mm_per_px } of this.#all.filter((one) => agreed.includes(one.sample))) {
      await this.#desk.outbox.record("photo", { sample_id: sample, side, jpeg, mm_per_px }, { id });
    }
  }

  /** Show which photos there are; the buttons appear with the agreement. */
  draw() {
    if (!form()) return;
    const samples = nested(form()).samples;
    $$("[data-sample]", form()).forEach((block, place) => {
      const agreed = Boolean(samples[place] && samples[place].consent_photo);
      show($("[data-photo-buttons]", block), agreed);
      show($("[data-photo-needs]", block), !agreed);
      const mine = agreed ? this.#all.filter((one) => one.sample === samples[place].id) : [];
      $("[data-shots]", block).replaceChildren(...mine.map((one) => this.#shot(one)));
    });
  }

  #shot(one) {
    const words = say(`side ${one.side}`);
    return make("li", {}, make("img", { src: `data:image/jpeg;base64,${one.jpeg}`, alt: words, width: one.width, height: one.height }),
      make("p", {}, make("strong", {}, words), one.mm_per_px ? make("span", { class: "sub" }, say("measured")) : null),
      make("div", { class: "row" }, make("button", { class: "btn", type: "button", "data-do": "measure", "data-id": one.id }, say("measure")),
        make("button", { class: "btn btn--quiet", type: "button", "data-do": "remove-photo", "data-id": one.id }, icon("dash"), say("remove"))));
  }

  // ---------------------------------------------------------------- measuring with the scale card

  measure(id) {
    const shot = this.#all.find((one) => one.id === id);
    const reach = shot.width * 0.25, middle = shot.height / 2;
    const marks = [{ x: shot.width / 2 - reach, y: middle }, { x: shot.width / 2 + reach, y: middle }];
    this.#measured = { shot, marks, step: 0, found: {} };
    $("[data-measuring]").replaceChildren(this.#picture());
    wrong($("[data-dialog='measure']"), "");
    this.#stepShown();
    $("[data-dialog='measure']").showModal();
  }

  #picture() {
    const { shot, marks } = this.#measured;
    const svg = drawn("svg", { viewBox: `0 0 ${shot.width} ${shot.height}`, class: "photo-svg" },
      drawn("image", { href: `data:image/jpeg;base64,${shot.jpeg}`, width: shot.width, height: shot.height }));
    const line = [drawn("line", { class: "halo" }), drawn("line", { class: "pen" })];
    const size = Math.max(shot.width, shot.height) / 22;
    const grips = marks.map((_mark, place) => drawn("g", { class: "grip", tabindex: "0", role: "button", "aria-label": say("mark", { n: place + 1 }), "data-mark": place },
      drawn("circle", { class: "area", r: size * 1.4 }), drawn("circle", { class: "halo", r: size * 0.7 }), drawn("circle", { class: "pen", r: size * 0.7 }),
      drawn("path", { class: "pen", d: `M${-size} 0H${size}M0 ${-size}V${size}` })));
    svg.append(...line, ...grips);
    grips.forEach((grip, place) => this.#hold(svg, grip, place));
    requestAnimationFrame(() => this.#draw());
    return svg;
  }

  #hold(svg, grip, place) {
    const moved = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      this.#place(place, at.x, at.y);
    };
    grip.addEventListener("pointerdown", (event) => { grip.setPointerCapture(event.pointerId); event.preventDefault(); grip.focus(); });
    grip.addEventListener("pointermove", (event) => { if (grip.hasPointerCapture(event.pointerId)) moved(event); });
    grip.addEventListener("keydown", (event) => {
      const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (!ways[event.key]) return;
      event.preventDefault();
      const far = event.shiftKey ? 20 : 2, mark = this.#measured.marks[place];
      this.#place(place, mark.x + ways[event.key][0] * far, mark.y + ways[event.key][1] * far);
    });
  }

  #place(place, x, y) {
    const { shot, marks } = this.#measured;
    marks[place] = { x: Math.min(shot.width, Math.max(0, x)), y: Math.min(shot.height, Math.max(0, y)) };
    this.#draw();
  }

  #pixels() {
    const [one, other] = this.#measured.marks;
    return Math.hypot(one.x - other.x, one.y - other.y);
  }

  #draw() {
    const { marks, step, found } = this.#measured;
    $$("[data-measuring] [data-mark]").forEach((grip, place) => grip.setAttribute("transform", `translate(${marks[place].x} ${marks[place].y})`));
    $$("[data-measuring] line").forEach((line) => {
      line.setAttribute("x1", marks[0].x); line.setAttribute("y1", marks[0].y);
      line.setAttribute("x2", marks[1].x); line.setAttribute("y2", marks[1].y);
    });
    const now = step && found.scale ? (this.#pixels() * found.scale).toFixed(1) : null;
    const said = (value) => (value ? `${number(value)}\u00a0mm` : "–");
    put("measure-length", said(step === 1 ? now : found.length));
    put("measure-width", said(step === 2 ? now : found.width));
  }

  #stepShown() {
    const { step } = this.#measured;
    put("measure-says", say(`measure ${step}`));
    $$("[data-steps] li").forEach((one, place) => {
      one.classList.toggle("done", place < step);
      if (place === step) one.setAttribute("aria-current", "step");
      else one.removeAttribute("aria-current");
    });
    $("[data-do='measure-next']").textContent = say(step === 2 ? "use measures" : "next");
    $("#f-scale-mm").readOnly = step > 0;
    this.#draw();
  }

  /** The scale, then the length, then the width; then they stand in the form. */
  async next() {
    const { shot, found, step } = this.#measured;
    const box = $("[data-dialog='measure']");
    wrong(box, "");
    if (step === 0) {
      const known = Number($("#f-scale-mm").value.replace(",", "."));
      if (!(known > 0) || this.#pixels() < 20) return wrong(box, say("scale wrong"));
      found.scale = known / this.#pixels();
    } else found[step === 1 ? "length" : "width"] = (this.#pixels() * found.scale).toFixed(1);
    if (step < 2) {
      this.#measured.step += 1;
      return this.#stepShown();
    }
    shot.mm_per_px = found.scale.toFixed(4);
    const block = $$("[data-sample]", form()).find((one) => this.#sample(one) === shot.sample);
    ["length", "width"].forEach((name) => {
      const field = block && $(`input[name$='-${name}_mm']`, block);
      if (field) field.value = number(found[name]);
    });
    box.close();
    this.draw();
    this.#desk.screen.save();
    return this.#keep();
  }
}
