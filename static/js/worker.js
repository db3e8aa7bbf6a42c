// The service worker of the testing point's screen: it keeps the files of one version of the screen and
// serves them without a network. It keeps nothing else: no answer of the server, no page of the staff.
// The route /table/worker.js writes `const VERSION = "…";` in front, so that new files are a new worker.
"use strict";
/* global VERSION */

const PREFIX = "balise-shell-";
const NAME = PREFIX + VERSION;
const LANGUAGES = ["fr", "nl", "en"];

async function hexadecimal(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function fetched(path) {
  const answer = await fetch(new Request(path, { cache: "reload", credentials: "omit", redirect: "error" }));
  if (answer.status !== 200) throw new Error(path + ": " + answer.status);
  return answer;
}

// All files or nothing, and all of the version that this worker is: the digest of what arrived says so.
async function keepAll() {
  const shell = await (await fetched("/table/shell.json")).json();
  if (shell.version !== VERSION) throw new Error("another version is served now");
  const lines = [];
  const cache = await caches.open(NAME);
  for (const path of shell.files) {
    const answer = await fetched(path);
    lines.push(path + " " + (await hexadecimal(await answer.clone().arrayBuffer())) + "\n");
    await cache.put(path, answer);
  }
  if ((await hexadecimal(new TextEncoder().encode(lines.join("")))) !== VERSION) throw new Error("a file is not of this version");
}

async function install() {
  try {
    await keepAll();
  } catch (error) {
    await caches.delete(NAME);
    throw error;
  }
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  if (event.data && event.data.type === "take over") event.waitUntil(self.skipWaiting());
});

// The screen in the device's language, where no language stands in the address.
function pathOf(url) {
  if (url.pathname !== "/table" && url.pathname !== "/table/") return url.pathname;
  const wanted = (self.navigator.languages || []).map((tag) => tag.slice(0, 2));
  return "/table/" + (wanted.find((tag) => LANGUAGES.includes(tag)) || LANGUAGES[0]);
}

async function answer(request, path) {
  const cache = await caches.open(NAME);
  const kept = await cache.match(path, { ignoreVary: true });
  return kept || fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const screen = request.mode === "navigate" && /^\/table(\/(fr|nl|en)?)?$/.test(url.pathname);
  const file = url.pathname.startsWith("/static/") || ["/table/manifest.webmanifest", "/table/reader.js"].includes(url.pathname);
  if (screen) event.respondWith(answer(request, pathOf(url)));
  else if (file && request.mode !== "navigate") event.respondWith(answer(request, url.pathname));
});
