// The camera: a dialog over the page, a picture that never leaves it, the middle of the frame read
// eight times a second beside the page. Loaded when the button is pressed.
import { deliver, enter, say, words } from "./desk.js";

const EVERY = 125;
const WIDEST = 720;
const OURS = /^(QRCode|MicroQRCode|DataMatrix|Aztec|PDF417|Code128)$/;
const dialog = document.getElementById("scanner");
const part = (name) => dialog.querySelector("[data-" + name + "]");
const canvas = document.createElement("canvas");
let reader = null, asked = 0, answers = new Map();
let stream = null, field = null, timer = 0, frames = 0, seen = {}, quiet = 0, sound = null;

function read(image, thorough) {
  if (!reader) {
    reader = new Worker(dialog.dataset.reader);
    reader.onmessage = (message) => {
      const answer = answers.get(message.data.id);
      answers.delete(message.data.id);
      if (answer) answer(message.data);
    };
    reader.onerror = () => tell(words("broken"));
  }
  asked += 1;
  const id = asked;
  return new Promise((done) => {
    answers.set(id, done);
    reader.postMessage({ id, image, thorough }, [image.data.buffer]);
  });
}

function tell(text, wrong = true) {
  const place = part("said");
  if (place.textContent === text) return;
  place.textContent = text;
  place.classList.toggle("is-wrong", wrong);
}

function rejoice() {
  if (navigator.vibrate) navigator.vibrate(60);
  try {
    sound = sound || new AudioContext();
    const tone = sound.createOscillator(), loud = sound.createGain();
    tone.frequency.value = 1760;
    loud.gain.value = 0.08;
    tone.connect(loud).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.09);
  } catch (silent) { /* no sound is no failure */ }
  part("view").classList.add("is-read");
  setTimeout(() => part("view").classList.remove("is-read"), 350);
}

// The middle of the frame: as wide as the mark on the screen, for long barcodes too.
function middle(source, width, height) {
  const wide = Math.round(Math.min(width, height * 1.25) * 0.8), high = Math.round(Math.min(height * 0.8, wide));
  const scale = Math.min(1, WIDEST / wide);
  canvas.width = Math.round(wide * scale);
  canvas.height = Math.round(high * scale);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(source, (width - wide) / 2, (height - high) / 2, wide, high, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

// Symbols with little protection against misreading are believed when two pictures agree.
function isSure(one) {
  if (OURS.test(one.format)) return true;
  const before = seen[one.text] || 0;
  seen = { [one.text]: before + 1 };
  return before > 0;
}

async function look() {
  const video = part("video");
  const begun = performance.now();
  if (stream && !document.hidden && video.videoWidth && begun > quiet) {
    frames += 1;
    const answer = await read(middle(video, video.videoWidth, video.videoHeight), frames % 4 === 0);
    if (answer.broken) tell(words("broken"));
    else if (stream) for (const one of answer.found) if (take(one)) break;
  }
  if (stream) timer = setTimeout(look, Math.max(15, EVERY - (performance.now() - begun)));
}

function take(one) {
  if (!isSure(one)) return false;
  field = document.getElementById(dialog.dataset.field) || field;
  const continuous = field.hasAttribute("data-scan-continuous") || field.tagName === "TEXTAREA";
  if (!continuous) {
    // The page goes on once the dialog has gone; a refusal is said in the dialog, which stays.
    return finish(deliver(field, one.text, { format: one.format, goesOn: false }));
  }
  const result = deliver(field, one.text, { format: one.format });
  if (!result.taken) return false;
  if (!result.twice) { rejoice(); tell(one.text, false); }
  quiet = performance.now() + 400;
  return true;
}

function finish(result) {
  if (!result.taken) return false;
  const target = field;
  rejoice();
  close();
  target.focus();
  if (!result.twice && !result.held) enter(target);
  return true;
}

function halt() {
  clearTimeout(timer);
  if (stream) stream.getTracks().forEach((track) => track.stop());
  stream = null;
  part("video").srcObject = null;
  part("torch").hidden = true;
}

function close() {
  if (dialog.open) dialog.close();
}

async function start(deviceId) {
  halt();
  tell(words("starting"), false);
  const video = { width: { ideal: 1280 }, height: { ideal: 960 }, ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } }) };
  let opened;
  try {
    opened = await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (refused) {
    if (deviceId && refused.name === "OverconstrainedError") return start("");
    tell(words(refused.name === "NotAllowedError" ? "forbidden" : "no-camera"));
    return undefined;
  }
  if (!dialog.open) { opened.getTracks().forEach((track) => track.stop()); return undefined; }
  stream = opened;
  part("video").srcObject = stream;
  await part("video").play().catch(() => undefined);
  tell(words("hold"), false);
  offerTorch();
  await offerCameras();
  seen = {};
  look();
  return undefined;
}

function offerTorch() {
  const track = stream.getVideoTracks()[0];
  const able = track.getCapabilities ? track.getCapabilities() : {};
  part("torch").hidden = !able.torch;
  part("torch").setAttribute("aria-pressed", "false");
}

async function offerCameras() {
  const choice = part("cameras");
  const all = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
  const settings = stream ? stream.getVideoTracks()[0].getSettings() : {};
  choice.replaceChildren(...all.map((one, place) => new Option(one.label || words("camera") + " " + (place + 1), one.deviceId, false, one.deviceId === settings.deviceId)));
  choice.closest("label").hidden = all.length < 2;
}

function remembered(deviceId) {
  try {
    if (deviceId === undefined) return localStorage.getItem("balise-camera") || "";
    localStorage.setItem("balise-camera", deviceId);
  } catch (closed) { /* chosen again next time */ }
  return "";
}

export async function open(target) {
  field = target;
  dialog.dataset.field = target.id;
  dialog.showModal();
  await start(remembered());
}

// Where there is no camera: a picture that the device already has, or takes with its own program.
export function picture(target) {
  field = target;
  dialog.dataset.field = target.id;
  part("file").click();
}

async function fromFile(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch (wrong) {
    say(field, words("no-picture"));
    return;
  }
  for (const longest of [1600, 800, 3000]) {
    const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const { found = [] } = await read(pen.getImageData(0, 0, canvas.width, canvas.height), true);
    if (found.length) { takeFromFile(found); return; }
  }
  say(field, words("nothing-read"));
}

function takeFromFile(found) {
  found.some((one) => finish(deliver(field, one.text, { format: one.format, goesOn: false })));
}

// The browser itself keeps the focus inside the dialog and gives it back to the button.
dialog.addEventListener("close", halt);
part("close").addEventListener("click", close);
part("cameras").addEventListener("change", (event) => { remembered(event.target.value); start(event.target.value); });
part("torch").addEventListener("click", async function (event) {
  const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
  event.currentTarget.setAttribute("aria-pressed", String(on));
  await stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] }).catch(() => undefined);
});
part("file").addEventListener("change", async function (event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) await fromFile(file);
});
document.addEventListener("balise:said", (event) => { if (dialog.open && event.detail.text) tell(event.detail.text, event.detail.wrong); });
document.addEventListener("balise:over", (event) => { if (dialog.open) { tell(event.detail.text, false); setTimeout(close, 1200); } });
window.addEventListener("pagehide", halt);
