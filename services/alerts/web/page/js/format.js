/** Numbers, times and ages as a duty officer reads them: fixed decimals, the city's zone. */

import { language, t } from "./i18n.js";

/** How many decimals a quantity is worth; more would dance, fewer would hide. */
const DECIMALS = /** @type {Record<string, number>} */ ({
  ch4: 2, co: 0, co2: 0, h2s: 1, o2: 1, smoke: 2, temperature: 1, humidity: 0,
  "water-pressure": 3, "fire-water-pressure": 2, flow: 1, "water-level": 2, rain: 1, running: 0,
  vibration: 2, current: 1, voltage: 0,
}); // prettier-ignore

const UNITS = /** @type {Record<string, string>} */ ({
  "%vol": "% vol",
  degC: "°C",
  "%RH": "% RH",
  1: "",
});

/** @param {string} quantity */
export function decimals(quantity) {
  return DECIMALS[quantity] ?? 2;
}

/** @param {string} unit */
export function unitText(unit) {
  return UNITS[unit] ?? unit;
}

/**
 * @param {number} value
 * @param {string} quantity
 */
export function amount(value, quantity) {
  return value.toFixed(decimals(quantity)).replace("-", "−");
}

/**
 * @param {number} value
 * @param {string} quantity
 * @param {string} unit
 */
export function amountWithUnit(value, quantity, unit) {
  return `${amount(value, quantity)} ${unitText(unit)}`.trim();
}

/** A limit as its standard prints it: no more digits than it has. @param {number} value */
export function plain(value) {
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

/** @param {number} count */
export function thousands(count) {
  return Math.round(count).toLocaleString("en-US");
}

/** Few readings a second keep a decimal: 0.4 is not silence. @param {number} rate */
export function perSecond(rate) {
  return rate > 0 && rate < 10 ? rate.toFixed(1) : thousands(rate);
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {Date} moment
 * @param {string} zone
 * @param {Intl.DateTimeFormatOptions} options
 */
function inZone(moment, zone, options) {
  const key = JSON.stringify([zone, options]);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options });
    formats.set(key, format);
  }
  return format.format(moment);
}

const TIME = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit" });

/** `02:14:37` @param {Date} moment @param {string} zone */
export function clockTime(moment, zone) {
  return inZone(moment, zone, { ...TIME, second: "2-digit" });
}

/** `02:14` @param {Date} moment @param {string} zone */
export function shortTime(moment, zone) {
  return inZone(moment, zone, TIME);
}

/** `2026-11-23` @param {Date} moment @param {string} zone */
export function day(moment, zone) {
  const parts = inZone(moment, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  return parts.split("/").reverse().join("-");
}

/** The time, with the day where it is not today's. @param {Date} moment @param {Date} now @param {string} zone */
export function moment(moment, now, zone) {
  const time = clockTime(moment, zone);
  const then = day(moment, zone);
  return then === day(now, zone) ? time : `${then} ${time}`;
}

/** `8:05`, from an hour on `1:08:05`. @param {number} seconds */
export function minutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [hour, minute, second] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hour ? `${hour}:${two(minute)}:${two(second)}` : `${minute}:${two(second)}`;
}

/** `8:05`, then `42 min`, `3 h`, `5 d`. @param {number} seconds */
export function age(seconds) {
  if (seconds < 600) return minutes(seconds);
  if (seconds < 7200) return t("age.minutes", { n: Math.floor(seconds / 60) });
  if (seconds < 172800) return t("age.hours", { n: Math.floor(seconds / 3600) });
  return t("age.days", { n: Math.floor(seconds / 86400) });
}

/** Joins names as the language does. @param {string[]} names */
export function listed(names) {
  return names.join(language() === "zh" ? "、" : ", ");
}
