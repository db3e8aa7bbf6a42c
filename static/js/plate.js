/* The plate editor: N goes to a new spot, L to the next lane, arrows move a distance, a spot is dragged on the drawing;
   hRf and drawing follow at once.
   The page works without this file: everything is saved by the form. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-plate]");
  if (!form) { return; }
  var front = form.querySelector("[data-front]");
  var comma = document.documentElement.lang !== "en";

  function read(field) { return parseFloat(String(field.value).replace(",", ".")); }
  function write(value) { var text = value.toFixed(1); return comma ? text.replace(".", ",") : text; }

  function follow(field) {
    var cell = field.closest("tr").querySelector("[data-hrf]");
    var far = read(front), near = read(field);
    if (cell && far > 0 && near >= 0 && near <= far) { cell.textContent = write(100 * near / far); }
  }

  function drawn(field) {
    return document.querySelector('[data-spot="' + field.getAttribute("data-of") + '"]');
  }

  function move(field) {
    var spot = drawn(field), mm = read(field);
    if (!spot || !(mm >= 0)) { return; }
    var to = parseFloat(spot.ownerSVGElement.getAttribute("data-origin")) - mm;
    spot.setAttribute("transform", "translate(0 " + (to - parseFloat(spot.getAttribute("data-y"))).toFixed(2) + ")");
  }

  function all() { return Array.prototype.slice.call(form.querySelectorAll("[data-mm]")); }

  form.addEventListener("input", function (event) {
    if (event.target === front) { all().forEach(follow); }
    else if (event.target.matches("[data-mm]")) { follow(event.target); move(event.target); }
  });

  form.addEventListener("keydown", function (event) {
    var field = event.target;
    if (!field.matches("[data-mm]") || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) { return; }
    event.preventDefault();
    var step = (event.shiftKey ? 1 : 0.1) * (event.key === "ArrowUp" ? 1 : -1);
    field.value = write(Math.max(0, (read(field) || 0) + step));
    follow(field);
    move(field);
  });

  all().forEach(function (field) {
    var spot = drawn(field);
    if (!spot || field.matches(":disabled")) { return; }
    spot.classList.add("is-live");
    spot.addEventListener("pointerdown", function (event) {
      event.preventDefault();
      spot.setPointerCapture(event.pointerId);
    });
    spot.addEventListener("pointermove", function (event) {
      if (!spot.hasPointerCapture(event.pointerId)) { return; }
      var svg = spot.ownerSVGElement, point = svg.createSVGPoint();
      point.x = event.clientX; point.y = event.clientY;
      var mm = parseFloat(svg.getAttribute("data-origin")) - point.matrixTransform(svg.getScreenCTM().inverse()).y;
      field.value = write(Math.min(read(front) || 300, Math.max(0, mm)));
      follow(field);
      move(field);
    });
    spot.addEventListener("pointerup", function () { field.focus(); });
  });

  document.addEventListener("keydown", function (event) {
    var typing = event.target.matches("input:not([data-mm]), textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var key = event.key.toLowerCase();
    if (key !== "n" && key !== "l") { return; }
    var fields = key === "n" ? Array.prototype.slice.call(form.querySelectorAll("[data-new]")) : all();
    if (!fields.length) { return; }
    event.preventDefault();
    var here = fields.indexOf(document.activeElement);
    fields[(here + 1) % fields.length].focus();
  });
}());
