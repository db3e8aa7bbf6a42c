// What each button, answer and key of the screen does. Listeners stand on the document, so that the
// page's content can be exchanged for another language without losing them.
import { $, wrong } from "./page.js";
import { openFolds } from "./problems.js";

const actsOf = (desk) => ({
  "place": () => desk.place(),
  "lock": () => desk.lockNow(),
  "send": () => desk.send(),
  "export": () => desk.lists.export(),
  "edit": (one) => desk.lists.edit(one.dataset.id),
  "again": async (one) => { await desk.outbox.again(one.dataset.id); },
  "compare": (one) => desk.lists.compare(one.dataset.id),
  "keep-theirs": () => desk.lists.keepTheirs(),
  "send-mine": () => desk.lists.sendMine(),
  "keep-both": () => desk.go("lists"),
  "forget": (one) => desk.lists.forget(one.dataset.id),
  "not-accepted": () => { const box = $("[data-dialog='not-accepted']"); $("form", box).reset(); wrong(box, ""); box.showModal(); },
  "close": (one) => one.closest("dialog").close(),
  "measure": (one) => desk.photos.measure(one.dataset.id),
  "measure-next": () => desk.photos.next(),
  "remove-photo": (one) => desk.photos.remove(one.dataset.id),
  "print-labels": () => desk.after.printLabels(),
  "print-ticket": () => desk.after.printTicket(),
  "handed-over": () => desk.after.handedOver(),
  "next-visit": () => desk.after.next(),
  "correct": () => desk.after.correct(),
  "stop-editing": () => desk.after.stopEditing(),
  "top-up": () => desk.own.fill({ force: true }).then(() => desk.lists.draw()),
  "persist": () => desk.own.persist().then(() => desk.own.draw()),
  "install": () => desk.own.install(),
  "refresh": () => desk.lookUp.fetch({ force: true }),
});

export function listen(desk) {
  const acts = actsOf(desk);
  const busy = async (button, act) => {
    if (button.disabled) return;
    const words = $("span", button), said = words && words.textContent;
    button.disabled = true;
    if (button.dataset.busy && words) words.textContent = button.dataset.busy;
    try {
      await act();
    } finally {
      button.disabled = false;
      if (button.dataset.busy && words) words.textContent = said;
    }
  };
  document.addEventListener("click", (event) => {
    const act = event.target.closest("[data-do]"), way = event.target.closest("[data-go]"), tab = event.target.closest("[data-tab]");
    const language = event.target.closest(".lang a[hreflang]"), problem = event.target.closest("a[data-place]");
    if (act) acts[act.dataset.do](act);
    else if (way) desk.go(way.dataset.go);
    else if (tab) { desk.screen.show(Number(tab.dataset.tab), { focus: true }); desk.screen.save(); }
    else if (language) { event.preventDefault(); desk.speak(language); }
    else if (problem && problem.dataset.place !== String(desk.screen.active)) desk.screen.show(Number(problem.dataset.place));
    if (problem) {
      event.preventDefault();
      const at = document.getElementById(problem.hash.slice(1));
      if (at) {
        openFolds(at);
        at.focus();
        at.scrollIntoView({ block: "center" });
      }
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.closest(".topbar")) return;
    event.preventDefault();
    if (form.matches("[data-table]")) desk.screen.wish(event.submitter ? event.submitter.value : "register");
    else if (form.matches("[data-unlock]")) busy($("button", form), () => desk.own.unlock(form));
    else if (form.matches("[data-set-up]")) busy($("button", form), () => desk.own.setUp(form));
    else if (form.matches("[data-refusal]")) desk.notAccepted();
    else if (form.matches("[data-forget]")) desk.lists.forgetNow();
  });
  document.addEventListener("input", (event) => {
    if (event.target.closest("form[data-table]") && event.target.type !== "file") desk.screen.changed(event.target);
    if (event.target.closest("[data-search]")) desk.lookUp.search();
  });
  document.addEventListener("change", async (event) => {
    const one = event.target;
    if (one.matches("[data-photo]")) desk.photos.add(one);
    else if (one.matches("[data-import]")) { await desk.lists.import(one); await desk.lists.draw(); }
    else if (one.id === "f-idle") await desk.lock.setIdle(Number(one.value));
    else if (one.id === "f-reserve") { desk.reserve = Number(one.value); await desk.store.set("reserve wanted", desk.reserve); await desk.own.fill(); }
  });
  document.addEventListener("keydown", (event) => {
    desk.touch();
    if (event.key !== "Enter" || !event.target.matches("form[data-table] input")) return;
    // Enter ends an answer, or a scanned code; only Ctrl and Enter records.
    event.preventDefault();
    if (event.ctrlKey) desk.screen.record();
  });
  document.addEventListener("pointerdown", () => { desk.touch(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") desk.tick().then(() => desk.round()); else desk.screen.saveNow(); });
  window.addEventListener("online", () => { desk.online = true; desk.round(); });
  window.addEventListener("offline", () => { desk.online = false; desk.lists.draw(); });
  window.addEventListener("pagehide", () => desk.screen.saveNow());
  desk.outbox.addEventListener("change", () => desk.lists.draw());
  desk.outbox.addEventListener("login", () => { desk.session = 401; desk.lists.draw(); });
  desk.outbox.addEventListener("withdrawn", () => { desk.session = "withdrawn"; desk.lists.draw(); });
  desk.outbox.addEventListener("sent", (event) => {
    desk.online = true;
    desk.sent.add(event.detail.id);
    if (desk.done && desk.done.id === event.detail.id) { desk.done.sent = true; desk.after.draw(); }
  });
}
