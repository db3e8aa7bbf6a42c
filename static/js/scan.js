// Scanning, on every page where a code is asked: the button that opens the camera, and scanners that
// pretend to be a keyboard. The camera's program is fetched when somebody presses the button, not before.
import { SCANNED } from "./scan/desk.js";
import { listen } from "./scan/wedge.js";

async function hasCamera() {
  const media = window.isSecureContext && navigator.mediaDevices;
  if (!media || !media.getUserMedia || !media.enumerateDevices) return false;
  try {
    return (await media.enumerateDevices()).some((one) => one.kind === "videoinput");
  } catch (refused) {
    return false;
  }
}

// One button beside each field: the camera where there is one, otherwise a picture from the device.
async function offer() {
  const camera = await hasCamera();
  document.querySelectorAll("button[data-scan]").forEach((button) => { button.hidden = !camera; });
  document.querySelectorAll("button[data-scan-picture]").forEach((button) => { button.hidden = camera; });
}

document.addEventListener("click", async function (event) {
  const button = event.target.closest("button[data-scan], button[data-scan-picture]");
  if (!button) return;
  const camera = await import("./scan/camera.js");
  const field = document.getElementById(button.dataset.scan || button.dataset.scanPicture);
  if (button.hasAttribute("data-scan")) camera.open(field);
  else camera.picture(field);
});

function begin() {
  if (document.querySelector(SCANNED)) offer();
  new MutationObserver(function (changes) {
    const isNew = changes.some((one) => Array.from(one.addedNodes).some((node) => node.nodeType === 1 && (node.matches("button[data-scan]") || node.querySelector("button[data-scan]"))));
    if (isNew) offer();
  }).observe(document.body, { childList: true, subtree: true });
  if (navigator.mediaDevices && navigator.mediaDevices.addEventListener) navigator.mediaDevices.addEventListener("devicechange", offer);
  listen();
}
begin();
