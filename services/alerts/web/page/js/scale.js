/** Axes: what range to show and where to put round numbers. Pure. */

/** @typedef {import("./types.js").Evidence} Evidence */
/** @typedef {import("./types.js").Limit} Limit */

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
/** A limit is drawn while it stretches the picture by no more than this many times its data. */
const STRETCH = 1.2;

/**
 * The range of values to show: every reading, the expected band, and each limit that is near
 * enough not to flatten the curve. What is left out is named.
 *
 * @param {Evidence} evidence
 * @returns {{low: number, high: number, beyond: Set<Limit>}}
 */
export function span(evidence) {
  const values = evidence.points.map(([, value]) => value);
  for (const edge of [evidence.expected_low, evidence.expected_high]) {
    if (edge !== null && Number.isFinite(edge)) values.push(edge);
  }
  let low = Math.min(...values);
  let high = Math.max(...values);
  const size = high - low || Math.abs(high) || 1;
  /** @type {Set<Limit>} */
  const beyond = new Set();
  const distance = (/** @type {Limit} */ limit) => Math.max(limit.value - high, low - limit.value, 0);
  /** @type {number[]} */
  const shown = [];
  const nearestFirst = [...evidence.limits].sort((a, b) => distance(a) - distance(b));
  for (const [index, limit] of nearestFirst.entries()) {
    if (index > 0 && distance(limit) > size * STRETCH) beyond.add(limit);
    else shown.push(limit.value);
  }
  [low, high] = [Math.min(low, ...shown), Math.max(high, ...shown)];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  const floor = low >= 0 && low - room < 0 ? 0 : low - room;
  return { low: floor, high: high + room, beyond };
}

/**
 * Round numbers inside a range.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} about how many
 * @returns {number[]}
 */
export function ticks(low, high, about) {
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= raw) ?? 10) * power;
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) {
    found.push(Number((i * step).toPrecision(12)));
  }
  return found;
}

/**
 * Round moments inside a range, in milliseconds.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} most
 * @returns {number[]}
 */
export function timeTicks(from, to, most) {
  const step = (STEPS_S.find((one) => (to - from) / (one * 1000) <= most) ?? 86400) * 1000;
  const found = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return found;
}
