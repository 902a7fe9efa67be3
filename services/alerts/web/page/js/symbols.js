/** The four levels as shapes: octagon, triangle, square, circle. Readable without colour. */

import { s } from "./dom.js";

/** @typedef {import("./types.js").Level} Level */

const SHAPES = {
  red: "M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z",
  orange: "M12 1.6 23.3 22H.7z",
  yellow: "M3.5 2h17A1.5 1.5 0 0 1 22 3.5v17a1.5 1.5 0 0 1-1.5 1.5h-17A1.5 1.5 0 0 1 2 20.5v-17A1.5 1.5 0 0 1 3.5 2z",
  blue: "M12 1.5a10.5 10.5 0 1 1 0 21 10.5 10.5 0 0 1 0-21z",
};

const MARKS = {
  red: "M12 6v7.6M12 16.6v1.8",
  orange: "M12 9v6M12 17.4v1.6",
  yellow: null,
  blue: null,
};

/**
 * @param {Level} level
 * @param {number} [size] in pixels
 * @returns {SVGElement}
 */
export function levelSymbol(level, size = 24) {
  const symbol = s("svg", {
    class: `symbol ${level}`,
    viewBox: "0 0 24 24",
    width: size,
    height: size,
    "aria-hidden": "true",
    focusable: "false",
  });
  symbol.append(...levelParts(level));
  return symbol;
}

/**
 * The bare shape, for drawing inside another picture.
 *
 * @param {Level} level
 * @returns {SVGElement[]}
 */
export function levelParts(level) {
  const parts = [s("path", { class: "shape", d: SHAPES[level] })];
  const mark = MARKS[level];
  if (mark) parts.push(s("path", { class: "mark", d: mark }));
  return parts;
}

/**
 * The course of the last readings, without axes: a shape to recognise, not to read off.
 *
 * @param {readonly number[]} values
 * @param {number} width
 * @param {number} height
 * @returns {SVGElement}
 */
export function sparkline(values, width, height) {
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  const step = (width - 6) / Math.max(1, values.length - 1);
  const y = (/** @type {number} */ value) =>
    span > 0 ? height - 3 - ((value - low) / span) * (height - 6) : height / 2;
  const points = values.map((value, i) => `${(1 + i * step).toFixed(1)},${y(value).toFixed(1)}`);
  const last = values[values.length - 1] ?? 0;
  return s(
    "svg",
    { class: "spark", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" },
    s("polyline", { points: points.join(" ") }),
    s("circle", { cx: (1 + (values.length - 1) * step).toFixed(1), cy: y(last).toFixed(1), r: 2.5 }),
  );
}
