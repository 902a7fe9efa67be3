/** What the readings say in three figures. Pure: detail in, figures out. */

import { rank } from "./board.js";

/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {import("./types.js").Evidence} Evidence */
/** @typedef {import("./types.js").Limit} Limit */
/** @typedef {import("./types.js").Reason} Reason */

/** The stretch a rate is taken over: the last third, and never fewer than three readings. */
const RATE_SHARE = 1 / 3;

/**
 * The evidence in the order to show it: what the worst reason points at comes first.
 *
 * @param {Detail} detail
 * @returns {Evidence[]}
 */
export function byWeight(detail) {
  const reasons = latestReasons(detail);
  const weight = (/** @type {Evidence} */ one) =>
    Math.max(-1, ...reasons.filter((r) => r.sensor === one.sensor).map((r) => rank(r.level)));
  return detail.evidence
    .filter((one) => one.points.length > 0)
    .map((one, index) => ({ one, index }))
    .sort((a, b) => weight(b.one) - weight(a.one) || a.index - b.index)
    .map(({ one }) => one);
}

/**
 * The reasons of the last event that gave any.
 *
 * @param {Detail} detail
 * @returns {Reason[]}
 */
export function latestReasons(detail) {
  const speaking = detail.events.filter((event) => event.reasons.length > 0);
  speaking.sort((a, b) => Date.parse(a.decided_at) - Date.parse(b.decided_at));
  return speaking[speaking.length - 1]?.reasons ?? [];
}

/**
 * The limit the incident is measured against: the worst one its readings reached, or else the
 * first one they would reach.
 *
 * @param {Evidence} evidence
 * @param {Reason[]} reasons
 * @returns {Limit|null}
 */
export function ruling(evidence, reasons) {
  const limits = [...evidence.limits].sort((a, b) => rank(b.level) - rank(a.level));
  const reached = reasons.filter((reason) => reason.sensor === evidence.sensor);
  const named = reached.map((reason) => limits.find((limit) => limit.value === reason.limit));
  return named.find(Boolean) ?? limits[limits.length - 1] ?? null;
}

/**
 * Change per minute at the end of the curve, by least squares; null where too little is known.
 *
 * @param {Evidence} evidence
 * @returns {{perMinute: number, seconds: number}|null}
 */
export function rate(evidence) {
  const count = Math.max(3, Math.ceil(evidence.points.length * RATE_SHARE));
  const last = evidence.points.slice(-count);
  if (last.length < 3) return null;
  const t0 = Date.parse(last[0]?.[0] ?? "");
  const times = last.map(([at]) => (Date.parse(at) - t0) / 60_000);
  const values = last.map(([, value]) => value);
  const meanTime = mean(times);
  const meanValue = mean(values);
  const spread = times.reduce((sum, time) => sum + (time - meanTime) ** 2, 0);
  if (!(spread > 0)) return null;
  const shared = times.reduce(
    (sum, time, i) => sum + (time - meanTime) * ((values[i] ?? 0) - meanValue),
    0,
  );
  return { perMinute: shared / spread, seconds: (times[times.length - 1] ?? 0) * 60 };
}

/**
 * How many sensors speak for it, and whether by limits or by behaviour.
 *
 * @param {Detail} detail
 */
export function agreeing(detail) {
  const reasons = latestReasons(detail);
  const past = reasons.filter((reason) => reason.limit !== null);
  const speaking = past.length ? past : reasons;
  const sensors = new Set(speaking.map((reason) => reason.sensor));
  const all = new Set([...detail.evidence, ...reasons].map((one) => one.sensor));
  return { count: sensors.size, all: all.size, byLimit: past.length > 0 };
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
