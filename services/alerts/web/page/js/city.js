/** The city's own time, as the server tells it: a desk's clock may be wrong, ages must not be. */

import { write } from "./dom.js";
import { age, clockTime, minutes } from "./format.js";
import { say, t } from "./i18n.js";

let zone = "UTC";
let offsetMs = 0;

/** @param {string} name an IANA zone; an unknown one leaves the present zone */
export function setZone(name) {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: name });
    zone = name;
  } catch {
    // A city whose zone this browser does not know keeps showing UTC.
  }
}

/**
 * The city's name in the present language; the area tree knows it in both.
 *
 * @param {import("./types.js").City|null} city
 */
export function cityName(city) {
  const top = city?.areas.find((area) => area.kind === "city");
  return say(top?.name ?? city?.city.name);
}

export function cityZone() {
  return zone;
}

/** @param {string} iso the server's present */
export function setServerTime(iso) {
  const at = Date.parse(iso);
  if (Number.isFinite(at)) offsetMs = at - Date.now();
}

/** @returns {Date} the present as the server has it */
export function now() {
  return new Date(Date.now() + offsetMs);
}

/** @param {string} iso */
export function secondsSince(iso) {
  return Math.max(0, (now().getTime() - Date.parse(iso)) / 1000);
}

/**
 * Bring every age, countdown and clock on the page up to the present second.
 *
 * @param {ParentNode} root
 */
export function tick(root) {
  for (const element of root.querySelectorAll("[data-since]")) {
    write(element, age(secondsSince(element.getAttribute("data-since") ?? "")));
  }
  for (const element of root.querySelectorAll("[data-due]")) {
    const left = (Date.parse(element.getAttribute("data-due") ?? "") - now().getTime()) / 1000;
    const late = left < 0;
    write(element, t(late ? "who.overdue" : "who.in", { time: minutes(Math.abs(left)) }));
    element.classList.toggle("overdue", late);
  }
  for (const element of root.querySelectorAll("[data-clock]")) {
    write(element, clockTime(now(), zone));
  }
}
