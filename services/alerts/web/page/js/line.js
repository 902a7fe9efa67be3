/** The watcher is watched: one quiet line that turns unmistakable when the connection is gone. */

import { LEVELS, openCards } from "./board.js";
import { cityZone, now } from "./city.js";
import { h, write } from "./dom.js";
import { age, clockTime, listed, perSecond, thousands } from "./format.js";
import { t, word } from "./i18n.js";
import { levelSymbol } from "./symbols.js";

/** @typedef {import("./types.js").Pulse} Pulse */
/** @typedef {import("./board.js").Board} Board */

/**
 * @param {HTMLElement} line
 * @param {Pulse|null} pulse
 */
export function showPulse(line, pulse) {
  const unknown = t("line.unknown");
  const rate = pulse?.readings_per_s;
  const latency = pulse?.event_to_feed_ms;
  const balanced = !pulse || pulse.ledger === "balanced";
  const waiting = pulse?.waiting ? `, ${t("line.ledger.waiting", { n: thousands(pulse.waiting) })}` : "";
  const ledger = pulse ? t(balanced ? "line.ledger.balanced" : "line.ledger.unbalanced") + waiting : unknown;
  chip(line, "readings", t("line.readings"), rate === null || rate === undefined
    ? unknown : t("line.perSecond", { n: perSecond(rate) }), rate === 0); // prettier-ignore
  chip(line, "latency", t("line.latency"), !latency ? t(pulse ? "line.none" : "line.unknown") : t("line.milliseconds", { n: thousands(latency) }), false); // prettier-ignore
  chip(line, "ledger", t("line.ledger"), ledger, !balanced);
  const troubled = Object.entries(pulse?.services ?? {}).filter(([, state]) => state !== "ok");
  const names = troubled.map(([name]) => word("service", name) ?? t("service.other"));
  const services = troubled.length
    ? t("line.services.trouble", { names: listed(names) })
    : t("line.services.ok");
  const why = troubled.map(([name, state]) => `${name}: ${state}`).join("\n");
  chip(line, "services", t("line.services"), pulse ? services : unknown, troubled.length > 0, why);
}

/**
 * @param {HTMLElement} line
 * @param {string} key
 * @param {string} name
 * @param {string} value
 * @param {boolean} trouble
 * @param {string} [why] the server's own words, as a tooltip
 */
function chip(line, key, name, value, trouble, why = "") {
  let item = line.querySelector(`[data-chip=${key}]`);
  if (!item) {
    item = h("li", { "data-chip": key }, h("i", { "aria-hidden": "true" }), h("span"), h("b"));
    line.append(item);
  }
  const [, label, figure] = item.children;
  if (label && figure) {
    write(label, name);
    write(figure, value);
  }
  item.classList.toggle("trouble", trouble);
  if (why) item.setAttribute("title", why);
  else item.removeAttribute("title");
}

/**
 * How many of each level are open, worst first.
 *
 * @param {HTMLElement} tally
 * @param {Board} board
 */
export function showTally(tally, board) {
  const open = openCards(board);
  const items = [...LEVELS].reverse().flatMap((level) => {
    const count = open.filter((card) => card.level === level).length;
    if (!count) return [];
    const spoken = h("span", { class: "spoken" }, word("level", level));
    return [h("li", {}, levelSymbol(level, 14), spoken, h("b", {}, String(count)))];
  });
  const text = items.map((item) => item.textContent).join();
  if (tally.dataset.text === text) return;
  tally.dataset.text = text;
  tally.replaceChildren(...items);
}

/**
 * The exercise strip: shown on every view while anything on the page is not real.
 *
 * @param {HTMLElement} strip
 * @param {Board} board
 */
export function showExercise(strip, board) {
  const open = openCards(board);
  const n = open.filter((card) => card.exercise).length;
  strip.hidden = n === 0;
  const text = n ? t("exercise.running", { n, all: open.length }) : "";
  if (strip.dataset.text === text) return;
  strip.dataset.text = text;
  strip.replaceChildren(h("b", {}, t("exercise")), " ", text);
}

/**
 * @param {HTMLElement} banner
 * @param {Date|null} since when the last word arrived; null while nothing is wrong
 * @param {boolean} known whether anything was read before the line went silent
 */
export function showLost(banner, since, known) {
  document.documentElement.dataset.link = since ? "lost" : "live";
  if (!since) {
    banner.replaceChildren();
    return;
  }
  const waited = age((now().getTime() - since.getTime()) / 1000);
  const text = known
    ? t("lost.since", { age: waited, time: clockTime(since, cityZone()) })
    : t("lost.never", { age: waited });
  // The words are announced once; the seconds that run beside them are not.
  let counted = banner.querySelector("[data-lost]");
  if (!counted) {
    counted = h("span", { "data-lost": true, "aria-live": "off", "aria-hidden": "true" });
    banner.replaceChildren(h("b"), counted, h("span"));
  }
  const [title, , trying] = banner.children;
  if (title && trying) {
    write(title, t("lost.title"));
    write(trying, t("lost.trying"));
  }
  write(counted, text);
}

/**
 * @param {HTMLElement} place
 * @param {Pulse|null} pulse
 * @param {string} city its name
 */
export function showEmpty(place, pulse, city) {
  const rate = pulse?.readings_per_s;
  const deaf = rate === 0;
  const key = JSON.stringify([t("empty.title"), deaf, rate && perSecond(rate), city]);
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  const text = t("empty.text", { city: city || "Tocsin" });
  const hearing = rate ? t("empty.hearing", { n: perSecond(rate) }) : "";
  place.replaceChildren(
    h("h3", {}, t("empty.title")),
    h("p", {}, text),
    deaf
      ? h("p", { class: "deaf" }, t("empty.deaf"), " ", h("code", { translate: "no" }, "tocsin doctor"))
      : h("p", {}, hearing),
    h("p", { class: "faint" }, t("empty.hint")),
  );
}
