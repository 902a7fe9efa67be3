/**
 * The picture that proves it: the curve with its expected band, the limits with the name of
 * their standard, and the moment of each decision.
 */

import { rank } from "./board.js";
import { cityZone } from "./city.js";
import { h, s, write } from "./dom.js";
import { amountWithUnit, clockTime, plain, shortTime, unitText } from "./format.js";
import { t, word } from "./i18n.js";
import { span, ticks, timeTicks } from "./scale.js";
import { levelSymbol } from "./symbols.js";

/** @typedef {import("./types.js").Evidence} Evidence */
/** @typedef {import("./types.js").RiskEvent} RiskEvent */

const LEFT = 44;
const RIGHT = 10;
const TOP = 22;
const BOTTOM = 22;
const LABEL_GAP = 14;

/**
 * @param {Evidence} evidence
 * @param {RiskEvent[]} events
 * @param {{width: number, height: number}} size in pixels
 * @returns {HTMLElement}
 */
export function plot(evidence, events, { width, height }) {
  const times = evidence.points.map(([at]) => Date.parse(at));
  const values = evidence.points.map(([, value]) => value);
  const decided = events.map((event) => Date.parse(event.decided_at));
  const [from, to] = timeSpan(times, decided);
  const { low, high, beyond } = span(evidence);
  const x = (/** @type {number} */ time) => LEFT + ((time - from) / (to - from)) * (width - LEFT - RIGHT);
  const y = (/** @type {number} */ value) =>
    TOP + (1 - (value - low) / (high - low)) * (height - TOP - BOTTOM);
  const frame = { width, height, x, y, from, to, low, high };
  const picture = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": spoken(evidence) });
  picture.append(
    ...grid(frame),
    ...band(frame, evidence),
    ...limits(frame, evidence, beyond),
    ...decisions(frame, events),
    s("path", { class: "curve", d: curve(times.map(x), values.map(y)) }),
    s("circle", { class: "last", cx: x(times[times.length - 1] ?? to), cy: y(values[values.length - 1] ?? low), r: 3.5 }),
  );
  const readout = s("g", { class: "readout", visibility: "hidden" },
    s("line", { y1: TOP, y2: height - BOTTOM }), s("circle", { r: 4 }), s("text", { y: height - BOTTOM - 6 })); // prettier-ignore
  picture.append(readout);
  follow(picture, readout, evidence, frame);
  const name = word("quantity", evidence.quantity) ?? evidence.quantity;
  return h(
    "figure",
    { class: "plot" },
    h("figcaption", {},
      h("b", {}, name),
      " ",
      h("span", { translate: "no" }, unitText(evidence.unit)),
      h("span", { class: "sensor", translate: "no" }, evidence.sensor)), // prettier-ignore
    picture,
  );
}

/**
 * @typedef {object} Frame
 * @property {number} width
 * @property {number} height
 * @property {(time: number) => number} x
 * @property {(value: number) => number} y
 * @property {number} from
 * @property {number} to
 * @property {number} low
 * @property {number} high
 */

/**
 * @param {number[]} times
 * @param {number[]} decided
 * @returns {[number, number]}
 */
function timeSpan(times, decided) {
  const first = times[0] ?? 0;
  const last = times[times.length - 1] ?? first;
  const near = decided.filter((at) => at >= first && at - last < Math.max(60_000, last - first));
  const to = Math.max(last, ...near);
  return to > first ? [first, to] : [first - 30_000, first + 30_000];
}

/** @param {Frame} frame */
function grid(frame) {
  const parts = ticks(frame.low, frame.high, 4).flatMap((value) => [
    s("line", { class: "grid", x1: LEFT, x2: frame.width - RIGHT, y1: frame.y(value), y2: frame.y(value) }),
    s("text", { class: "tick y", x: LEFT - 6, y: frame.y(value) + 4, "text-anchor": "end" }, plain(value)),
  ]);
  const seconds = frame.to - frame.from < 240_000;
  for (const time of timeTicks(frame.from, frame.to, frame.width < 380 ? 3 : 5)) {
    const label = (seconds ? clockTime : shortTime)(new Date(time), cityZone());
    const px = Math.min(frame.width - 24, Math.max(LEFT + 4, frame.x(time)));
    parts.push(
      s("line", { class: "grid", x1: frame.x(time), x2: frame.x(time), y1: frame.height - BOTTOM, y2: frame.height - BOTTOM + 4 }),
      s("text", { class: "tick", x: px, y: frame.height - 5, "text-anchor": "middle" }, label),
    );
  }
  parts.push(s("line", { class: "axis", x1: LEFT, x2: frame.width - RIGHT, y1: frame.height - BOTTOM, y2: frame.height - BOTTOM }));
  return parts;
}

/**
 * @param {Frame} frame
 * @param {Evidence} evidence
 */
function band(frame, evidence) {
  if (evidence.expected_low === null || evidence.expected_high === null) return [];
  const top = frame.y(Math.min(frame.high, evidence.expected_high));
  const bottom = frame.y(Math.max(frame.low, evidence.expected_low));
  if (bottom <= top) return [];
  return [
    s("rect", { class: "band", x: LEFT, y: top, width: frame.width - LEFT - RIGHT, height: bottom - top }),
    s("text", { class: "band-name", x: frame.width - RIGHT - 4, y: bottom - top >= 16 ? top + 12 : top - 4, "text-anchor": "end" }, t("plot.expected")),
  ];
}

/**
 * @param {Frame} frame
 * @param {Evidence} evidence
 * @param {Set<import("./types.js").Limit>} beyond limits outside the picture
 */
function limits(frame, evidence, beyond) {
  const seen = evidence.limits.filter((limit) => !beyond.has(limit));
  const placed = /** @type {number[]} */ ([]);
  return [...seen].sort((a, b) => rank(b.level) - rank(a.level)).flatMap((limit) => {
    const at = frame.y(limit.value);
    const parts = [s("line", { class: `limit ${limit.level}`, x1: LEFT, x2: frame.width - RIGHT, y1: at, y2: at })];
    // A label that would lie on another one is left to the table below the picture.
    const label = [at - 4, at + 12].find((py) => py > 10 && py < frame.height - BOTTOM - 1 && placed.every((other) => Math.abs(other - py) >= LABEL_GAP));
    if (label !== undefined) {
      placed.push(label);
      const symbol = levelSymbol(limit.level, 10);
      symbol.setAttribute("x", String(LEFT + 4));
      symbol.setAttribute("y", String(label - 9));
      const text = `${plain(limit.value)} · ${limit.source}`;
      parts.push(symbol, s("text", { class: "limit-name", x: LEFT + 18, y: label, translate: "no" }, text));
    }
    return parts;
  });
}

/**
 * @param {Frame} frame
 * @param {RiskEvent[]} events
 */
function decisions(frame, events) {
  let free = -Infinity;
  return [...events]
    .sort((a, b) => Date.parse(a.decided_at) - Date.parse(b.decided_at))
    .flatMap((event) => {
      const at = frame.x(Date.parse(event.decided_at));
      if (at < LEFT || at > frame.width - RIGHT + 1) return [];
      const level = word("level", event.level) ?? event.level;
      const text = event.kind === "cleared" ? t("plot.cleared") : t("plot.decided", { level });
      const flip = at > frame.width - 110;
      const parts = [s("line", { class: `decided ${event.level}`, x1: at, x2: at, y1: 6, y2: frame.height - BOTTOM })];
      if (at - free >= 96) {
        free = at;
        parts.push(s("text", { class: "decided-name", x: flip ? at - 5 : at + 5, y: 13, "text-anchor": flip ? "end" : "start" }, text));
      }
      return parts;
    });
}

/**
 * @param {number[]} xs
 * @param {number[]} ys
 */
function curve(xs, ys) {
  return xs.map((x, i) => `${i ? "L" : "M"}${x.toFixed(1)} ${(ys[i] ?? 0).toFixed(1)}`).join("");
}

/** @param {Evidence} evidence */
function spoken(evidence) {
  const at = (/** @type {number} */ i) => evidence.points[i < 0 ? evidence.points.length + i : i];
  const value = at(-1)?.[1] ?? 0;
  return t("plot.spoken", {
    quantity: word("quantity", evidence.quantity) ?? evidence.quantity,
    sensor: evidence.sensor,
    first: clockTime(new Date(at(0)?.[0] ?? 0), cityZone()),
    last: clockTime(new Date(at(-1)?.[0] ?? 0), cityZone()),
    value: amountWithUnit(value, evidence.quantity, evidence.unit),
  });
}

/**
 * Under the pointer the nearest reading says its time and value; the table below says them all.
 *
 * @param {SVGElement} picture
 * @param {SVGElement} readout
 * @param {Evidence} evidence
 * @param {Frame} frame
 */
function follow(picture, readout, evidence, frame) {
  const [line, dot, text] = /** @type {SVGElement[]} */ ([...readout.children]);
  picture.addEventListener("pointermove", (event) => {
    const box = picture.getBoundingClientRect();
    const px = ((event.clientX - box.left) / box.width) * frame.width;
    const distance = (/** @type {[string, number]} */ point) => Math.abs(frame.x(Date.parse(point[0])) - px);
    const near = evidence.points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
    const x = frame.x(Date.parse(near[0]));
    line?.setAttribute("transform", `translate(${x} 0)`);
    dot?.setAttribute("transform", `translate(${x} ${frame.y(near[1])})`);
    if (text) {
      const flip = x > frame.width / 2;
      text.setAttribute("x", String(flip ? x - 8 : x + 8));
      text.setAttribute("text-anchor", flip ? "end" : "start");
      write(text, `${clockTime(new Date(near[0]), cityZone())}  ${amountWithUnit(near[1], evidence.quantity, evidence.unit)}`);
    }
    readout.setAttribute("visibility", "visible");
  });
  picture.addEventListener("pointerleave", () => readout.setAttribute("visibility", "hidden"));
}
