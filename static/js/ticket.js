// Takes the ticket that a QR code brings behind the "#" into the form, and clears the address, so
// that no history keeps it. What stands behind "#" is never sent to a server.
"use strict";
(function () {
  var field = document.querySelector("[data-ticket]");
  if (!field) { return; }
  function take() {
    var brought = "";
    try { brought = decodeURIComponent(window.location.hash.slice(1)); } catch (wrong) { brought = ""; }
    if (window.location.hash) {
      window.history.replaceState(null, "", window.location.pathname + window.location.search);
    }
    if (/^[0-9A-Za-z -]{16,24}$/.test(brought)) {
      var plain = brought.replace(/[^0-9A-Za-z]/g, "").toUpperCase();
      field.value = (plain.match(/.{1,4}/g) || []).join("-");
      field.focus();
    }
  }
  take();
  window.addEventListener("hashchange", take);
  // Going back must not show the ticket again.
  window.addEventListener("pagehide", function () { field.value = ""; });
}());
