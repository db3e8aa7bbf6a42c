// The page's side of the service worker: register it, and offer a new version when nothing is half typed.

const LOOK_AGAIN = 3_600_000;

// `isIdle()` tells whether nothing is half typed; `offer(take)` shows "new version ready", and calls
// take() when the person agrees. `ready()` is told once the screen works without a network.
export async function keepShell({ isIdle, offer, ready = () => {}, look = LOOK_AGAIN }) {
  const workers = navigator.serviceWorker;
  if (!workers) return null;
  const registration = await workers.register("/table/worker.js", { scope: "/table", updateViaCache: "none" });
  let asked = false;
  const take = () => {
    asked = true;
    if (registration.waiting) registration.waiting.postMessage({ type: "take over" });
    else location.reload();
  };
  // The very first version passes through "waiting" too; with none before it, nothing is new.
  const isNewer = () => stale || (registration.waiting && registration.active);
  const propose = () => {
    if (isNewer() && isIdle()) offer(take);
  };
  let stale = false;
  // Whoever asked opens the new version; the other tabs keep what is typed and offer it later.
  let controlled = Boolean(workers.controller);
  workers.addEventListener("controllerchange", () => {
    if (asked) location.reload();
    else if (controlled) stale = true;
    controlled = true;
    propose();
  });
  registration.addEventListener("updatefound", () => {
    const found = registration.installing;
    if (found) found.addEventListener("statechange", propose);
  });
  workers.ready.then(ready);
  const timer = setInterval(() => registration.update().catch(() => {}), look);
  propose();
  return { registration, propose, stop: () => clearInterval(timer) };
}
