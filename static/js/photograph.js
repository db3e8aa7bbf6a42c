/* The photograph of a plate: corners, lines and spots are dragged; their fields follow, and they follow their fields.
   The page works without this file: every place can be typed. */
(function () {
  "use strict";
  var comma = document.documentElement.lang !== "en";
  var handles = Array.prototype.slice.call(document.querySelectorAll("[data-handle]"));
  if (!handles.length) { return; }

  function field(handle, name) { return document.getElementById(handle.getAttribute("data-" + name) || ""); }
  function read(input) { return parseFloat(String(input.value).replace(",", ".")); }
  function write(input, value) {
    var text = String(Math.round(Math.min(100, Math.max(0, value)) * 10) / 10);
    input.value = comma ? text.replace(".", ",") : text;
  }
  function span(handle) { return [parseFloat(handle.getAttribute("data-from")), parseFloat(handle.getAttribute("data-to"))]; }

  function place(handle) {
    var matrix = handle.transform.baseVal.consolidate().matrix, x = matrix.e, y = matrix.f, ends = span(handle);
    var across = field(handle, "x"), along = field(handle, "y");
    if (across && read(across) >= 0) { x = read(across) / 100 * parseFloat(handle.getAttribute("data-wide")); }
    if (along && read(along) >= 0) { y = ends[0] + (ends[1] - ends[0]) * read(along) / 100; }
    handle.setAttribute("transform", "translate(" + x.toFixed(1) + " " + y.toFixed(1) + ")");
    var frame = handle.ownerSVGElement.querySelector("[data-frame]");
    if (frame) { frame.setAttribute("points", corners(handle.ownerSVGElement)); }
  }

  function corners(svg) {
    return Array.prototype.map.call(svg.querySelectorAll("[data-handle][data-x]"), function (one) {
      var matrix = one.transform.baseVal.consolidate().matrix;
      return matrix.e.toFixed(1) + "," + matrix.f.toFixed(1);
    }).join(" ");
  }

  function drag(handle, event) {
    var svg = handle.ownerSVGElement, point = svg.createSVGPoint(), ends = span(handle);
    point.x = event.clientX; point.y = event.clientY;
    var at = point.matrixTransform(svg.getScreenCTM().inverse());
    var across = field(handle, "x"), along = field(handle, "y");
    if (across) { write(across, 100 * at.x / parseFloat(handle.getAttribute("data-wide"))); }
    if (along) { write(along, 100 * (at.y - ends[0]) / (ends[1] - ends[0])); }
    place(handle);
  }

  function ticked(handle) {
    var box = field(handle, "tick");
    if (box) { handle.classList.toggle("is-off", !box.checked); }
  }

  handles.forEach(function (handle) {
    var own = field(handle, "y");
    if (!own || own.matches(":disabled")) { return; }
    handle.classList.add("is-live");
    handle.addEventListener("pointerdown", function (event) {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      handle.classList.add("is-held");
    });
    handle.addEventListener("pointermove", function (event) {
      if (handle.hasPointerCapture(event.pointerId)) { drag(handle, event); }
    });
    handle.addEventListener("pointerup", function () { handle.classList.remove("is-held"); own.focus(); });
    handle.addEventListener("pointercancel", function () { handle.classList.remove("is-held"); });
    [field(handle, "x"), own].forEach(function (input) {
      if (!input) { return; }
      input.addEventListener("input", function () { place(handle); });
      input.addEventListener("focus", function () { handle.classList.add("is-held"); });
      input.addEventListener("blur", function () { handle.classList.remove("is-held"); });
    });
    var box = field(handle, "tick");
    if (box) { box.addEventListener("change", function () { ticked(handle); }); }
    ticked(handle);
    place(handle);
  });

  document.addEventListener("keydown", function (event) {
    var input = event.target;
    if (!input.matches("[data-step]") || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) { return; }
    event.preventDefault();
    write(input, (read(input) || 0) + (event.shiftKey ? 1 : 0.1) * (event.key === "ArrowUp" ? 1 : -1));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}());
