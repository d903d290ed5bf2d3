// The named formatters and shapes of the charts: options hold names, never code.
// Used by the page and by anything else that draws the same options.
"use strict";
const ChartFunctions = (() => {
  const MINUS = "\u2212";
  const signed = (text) => text.replace("-", MINUS);
  const trimmed = (value, digits) => String(Number(value.toFixed(digits)));

  const formats = {
    "fmt:percent": (value) => signed(`${trimmed(value * 100, 2)}%`),
    "fmt:fine_percent": (value) => signed(`${trimmed(value * 100, 4)}%`),
    "fmt:decimal": (value) => signed(trimmed(value, 3)),
    "fmt:wan": (value) => value.toLocaleString("en-US"),
    "fmt:million": (value) => (value / 100).toLocaleString("en-US"),
    "fmt:lines": (point) => [point.data.name, ...(point.data.lines || [])].join("\n"),
  };

  const line = (x1, y1, x2, y2, stroke, lineWidth) => ({
    type: "line", shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth },
  });
  const whiskerX = (x1, x2, y, half, stroke, width) => [
    line(x1, y, x2, y, stroke, width),
    line(x1, y - half, x1, y + half, stroke, width),
    line(x2, y - half, x2, y + half, stroke, width),
  ];

  // value: [x, y, x low, x high, y low, y high]
  const cross = (_, api) => {
    const stroke = api.visual("color");
    const [x1, y] = api.coord([api.value(2), api.value(1)]);
    const [x2] = api.coord([api.value(3), api.value(1)]);
    const [x, y1] = api.coord([api.value(0), api.value(4)]);
    const [, y2] = api.coord([api.value(0), api.value(5)]);
    return {
      type: "group",
      children: [line(x1, y, x2, y, stroke, 0.7), line(x, y1, x, y2, stroke, 0.7)],
    };
  };

  // value: [x, y low, y high]
  const whisker = (_, api) => {
    const stroke = api.visual("color");
    const [x, y1] = api.coord([api.value(0), api.value(1)]);
    const [, y2] = api.coord([api.value(0), api.value(2)]);
    return {
      type: "group",
      children: [
        line(x, y1, x, y2, stroke, 1.2),
        line(x - 4, y1, x + 4, y1, stroke, 1.2),
        line(x - 4, y2, x + 4, y2, stroke, 1.2),
      ],
    };
  };

  // value: [point, low, high, row]; before above the row's middle, after below it
  const SHIFT = 7;
  const side = (isAfter) => (_, api) => {
    const colour = api.visual("color");
    const row = api.value(3);
    const y = api.coord([api.value(0), row])[1] + (isAfter ? SHIFT : -SHIFT);
    const x = api.coord([api.value(0), row])[0];
    const x1 = api.coord([api.value(1), row])[0];
    const x2 = api.coord([api.value(2), row])[0];
    const mark = isAfter
      ? { type: "circle", shape: { cx: x, cy: y, r: 5 }, style: { fill: colour } }
      : {
          type: "rect", shape: { x: x - 4.5, y: y - 4.5, width: 9, height: 9 },
          style: { fill: "#fff", stroke: colour, lineWidth: 1.6 },
        };
    return { type: "group", children: [...whiskerX(x1, x2, y, 3.5, colour, 1.2), mark] };
  };

  // value: [before, after, row]
  const joined = (_, api) => {
    const [x1, y] = api.coord([api.value(0), api.value(2)]);
    const [x2] = api.coord([api.value(1), api.value(2)]);
    return { ...line(x1, y - SHIFT, x2, y + SHIFT, api.visual("color"), 2), silent: true };
  };

  const shapes = {
    "draw:cross": cross, "draw:whisker": whisker, "draw:before": side(false),
    "draw:after": side(true), "draw:joined": joined,
  };

  // Copy an option with every name replaced by its function.
  const resolve = (option) => {
    if (typeof option === "string") return formats[option] || shapes[option] || option;
    if (Array.isArray(option)) return option.map(resolve);
    if (option === null || typeof option !== "object") return option;
    return Object.fromEntries(Object.entries(option).map(([key, value]) => [key, resolve(value)]));
  };

  return { resolve };
})();
