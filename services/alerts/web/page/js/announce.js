/** What is said aloud to those who listen instead of look. */

import { rank } from "./board.js";
import { find, write } from "./dom.js";
import { t, word } from "./i18n.js";

/**
 * @param {"polite"|"assertive"} urgency
 * @param {string} text
 */
export function announce(urgency, text) {
  const place = find(document, `#${urgency}`);
  // The same words twice are only said again when something changed in between.
  write(place, place.textContent === text ? `${text}\u00a0` : text);
}

/**
 * New or risen incidents of the last moment, as one sentence; red interrupts.
 *
 * @param {{level: import("./types.js").Level, text: string}[]} news
 * @param {boolean} risen
 */
announce.news = (news, risen) => {
  const worst = [...news].sort((a, b) => rank(b.level) - rank(a.level))[0];
  if (!worst) return;
  const level = word("level", worst.level) ?? worst.level;
  const key = news.length > 1 ? "announce.many" : risen ? "announce.risen" : "announce.new";
  const text = t(key, { n: news.length, level, headline: worst.text });
  announce(worst.level === "red" ? "assertive" : "polite", text);
};
