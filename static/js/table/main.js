// The entry of the offline screen: starts the table where the browser has what it needs, and keeps
// the files of the screen on the device.
import { Desk } from "./desk.js";
import { keepShell } from "./shell.js";
import { $, labelOf, make, put, readWords, say, show } from "./page.js";

function broken(words) {
  show("[data-view='broken']");
  put("why", words);
}

const missing = ["indexedDB", "BroadcastChannel", "caches"].some((name) => !(name in window)) || !navigator.locks;
readWords();
if (!window.isSecureContext || !crypto.subtle) broken(say("not secure"));
else if (missing) broken(say("too old"));
else {
  const desk = new Desk();
  desk.boot().catch((error) => {
    broken(labelOf(error.words, say("too old")));
    throw error;
  });
  // A new version is offered between two visits, never in the middle of one.
  keepShell({
    isIdle: () => desk.isIdle,
    offer: (take) => {
      const place = $("[data-newer]");
      if (!place.hidden) return;
      const button = make("button", { class: "btn", type: "button" }, say("take newer"));
      button.addEventListener("click", take);
      place.replaceChildren(make("p", { class: "grow" }, say("newer")), button);
      show(place);
    },
  }).then((shell) => desk.addEventListener("idle", () => shell && shell.propose())).catch(() => {});
}
