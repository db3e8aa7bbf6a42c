// Reads codes from pictures, beside the page so that the page never waits. Pictures stay in this tab.
"use strict";
importScripts("/static/vendor/zxing-reader.iife.js");

const FORMATS = ["QRCode", "MicroQRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "Code39", "Code93", "EAN13", "EAN8", "UPCA", "UPCE", "ITF", "Codabar"];
const ready = ZXingWASM.prepareZXingModule({
  overrides: { locateFile: (name) => "/static/vendor/" + name },
  fireImmediately: true,
});

self.onmessage = async function (message) {
  const { id, image, thorough } = message.data;
  try {
    await ready;
    const options = { formats: FORMATS, maxNumberOfSymbols: 4, tryHarder: true, tryRotate: true, tryInvert: thorough, tryDownscale: true };
    const found = await ZXingWASM.readBarcodes(image, options);
    self.postMessage({ id, found: found.filter((one) => one.isValid).map((one) => ({ text: one.text, format: one.format })) });
  } catch (wrong) {
    self.postMessage({ id, broken: String(wrong) });
  }
};
