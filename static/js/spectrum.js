/* The spectrum with a zoom: the numbers come from the page's own address, the colours from tokens.css.
   Drag to zoom; arrow keys move, plus and minus zoom, 0 shows all. The page works without this file: it holds the same as SVG. */
(function () {
  "use strict";
  var place = document.querySelector("[data-spectrum]");
  if (!place || typeof uPlot === "undefined") { return; }

  function ink(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  var INK = { query: "--plot-1", other: "--plot-2", rest: "--plot-3" };
  var DASH = { query: [], other: [6, 4], rest: [] };

  /* Values of several lines on one rising axis: for peaks the union of all places. */
  function aligned(lines, names) {
    var places = new Set();
    names.forEach(function (name) { lines[name].x.forEach(function (x) { if (x !== null) { places.add(x); } }); });
    var x = Array.from(places).sort(function (a, b) { return a - b; });
    var at = new Map(x.map(function (value, index) { return [value, index]; }));
    return [x].concat(names.map(function (name) {
      var row = new Array(x.length).fill(null);
      lines[name].x.forEach(function (value, index) {
        var y = lines[name].y[index];
        if (value !== null && y !== null) { row[at.get(value)] = name === "other" && lines.sticks ? -y : y; }
      });
      return row;
    }));
  }

  function sticks(u, series, from, to) {
    var path = new Path2D(), zero = u.valToPos(0, "y", true);
    for (var i = from; i <= to; i += 1) {
      var y = u.data[series][i];
      if (y === null || y === undefined) { continue; }
      var at = Math.round(u.valToPos(u.data[0][i], "x", true)) + 0.5;
      path.moveTo(at, zero);
      path.lineTo(at, u.valToPos(y, "y", true));
    }
    return { stroke: path, fill: null, clip: null, band: null, gaps: null, flags: 0 };
  }

  var comma = document.documentElement.lang !== "en";
  function written(value) { return comma ? String(value).replace(".", ",") : String(value); }

  function axis(label, size, mirrored) {
    return {
      space: 34,
      values: function (_u, ticks) { return ticks.map(function (one) { return written(mirrored ? Math.abs(one) : one); }); },
      label: label, stroke: ink("--ink-2"), font: "12px B612, sans-serif", labelFont: "12px B612, sans-serif", size: size, labelSize: 18,
      grid: { stroke: ink("--plot-grid"), width: 1 }, ticks: { stroke: ink("--line-strong"), width: 1, size: 4 }
    };
  }

  function plot(told, names, height, box, xLabel, yLabel) {
    var lines = told.lines;
    lines.sticks = told.sticks;
    var data = aligned(lines, names);
    var series = [{}].concat(names.map(function (name) {
      var one = { stroke: ink(INK[name]), width: told.sticks ? 2 : 1.5, dash: told.sticks ? [] : DASH[name], points: { show: false } };
      if (told.sticks) { one.paths = sticks; }
      return one;
    }));
    var u = new uPlot({
      width: box.clientWidth, height: height, legend: { show: false },
      cursor: { drag: { x: true, y: false }, y: false, sync: { key: "spectrum", scales: ["x", null] } },
      scales: { x: { time: false, dir: told.falling ? -1 : 1 } },
      axes: [axis(xLabel, 30, false), axis(yLabel, 52, told.sticks)],
      series: series,
      hooks: { setScale: [function (self, key) { if (key === "x") { follow(self); } }] }
    }, data, box);
    return u;
  }

  var plots = [], following = false;
  function follow(from) {
    if (following) { return; }
    following = true;
    plots.forEach(function (one) {
      if (one !== from) { one.setScale("x", { min: from.scales.x.min, max: from.scales.x.max }); }
    });
    following = false;
  }

  function whole() { var x = plots[0].data[0]; return [x[0], x[x.length - 1]]; }
  function show(low, high) {
    var all = whole();
    plots[0].setScale("x", { min: Math.max(all[0], low), max: Math.min(all[1], high) });
  }
  function zoom(by) {
    var scale = plots[0].scales.x, middle = (scale.min + scale.max) / 2, half = (scale.max - scale.min) * by / 2;
    show(middle - half, middle + half);
  }
  function move(by, falling) {
    var scale = plots[0].scales.x, all = whole(), span = scale.max - scale.min;
    var step = span * by * (falling ? -1 : 1);
    var low = Math.min(Math.max(all[0], scale.min + step), all[1] - span);
    show(low, low + span);
  }

  function start(told) {
    var falling = told.falling;
    var acts = [
      ["in", "+", function () { zoom(0.5); }], ["out", "−", function () { zoom(2); }],
      ["left", "←", function () { move(-0.25, falling); }], ["right", "→", function () { move(0.25, falling); }],
      ["all", "↔", function () { var all = whole(); show(all[0], all[1]); }]
    ];
    var bar = document.createElement("div");
    bar.className = "row spectrum-bar";
    acts.forEach(function (act) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "btn";
      button.textContent = act[1];
      button.setAttribute("aria-label", place.dataset[act[0]]);
      button.title = place.dataset[act[0]];
      button.addEventListener("click", act[2]);
      bar.appendChild(button);
    });
    var box = document.createElement("div");
    box.className = "spectrum-box";
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", place.dataset.label);
    var drawn = Array.from(place.children);
    place.appendChild(bar);
    place.appendChild(box);
    var above = ["query", "other"].filter(function (name) { return told.lines[name]; });
    var rest = told.lines.rest;
    plots.push(plot(told, above, Math.max(240, Math.min(340, box.clientWidth * 0.45)), box, rest ? "" : told.x_label, told.y_label));
    if (rest) { plots.push(plot(told, ["rest"], 150, box, told.x_label, "")); }
    drawn.forEach(function (one) { one.remove(); });
    var keys = { "+": acts[0][2], "=": acts[0][2], "-": acts[1][2], ArrowLeft: acts[2][2], ArrowRight: acts[3][2], "0": acts[4][2] };
    box.addEventListener("keydown", function (event) {
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) { return; }
      event.preventDefault();
      keys[event.key]();
    });
    new ResizeObserver(function () {
      plots.forEach(function (one) {
        if (one.width !== box.clientWidth) { one.setSize({ width: box.clientWidth, height: one.height }); }
      });
    }).observe(box);
    place.dataset.ready = "yes";
  }

  fetch(place.dataset.spectrum, { credentials: "same-origin" })
    .then(function (answer) { return answer.ok ? answer.json() : null; })
    .then(function (told) { if (told) { start(told); } });
}());
