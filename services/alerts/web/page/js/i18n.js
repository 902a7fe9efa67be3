/**
 * Two languages, switched while running. Every word the page itself says is in `words.js`;
 * sentences about incidents come from the server in both languages.
 */

import { WORDS } from "./words.js";

/** @typedef {"en"|"zh"} Language */
/** @typedef {keyof typeof WORDS} Key */

/** @type {Language} */
let current = "en";

/** @param {Language} language */
export function setLanguage(language) {
  current = language;
}

/** @returns {Language} */
export function language() {
  return current;
}

/**
 * The word in the present language. `{name}` is filled in; `{n?one:many}` picks by number.
 *
 * @param {Key} key
 * @param {Record<string, string|number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  return WORDS[key][current === "zh" ? 1 : 0]
    .replace(/\{(\w+)\?([^:}]*):([^}]*)\}/g, (_, name, one, many) =>
      Number(values[name]) === 1 ? one : many,
    )
    .replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * The word for a closed list's member, such as a level or a phase; null for one not known here.
 *
 * @param {string} family
 * @param {string} member
 * @returns {string|null}
 */
export function word(family, member) {
  const key = /** @type {Key} */ (`${family}.${member}`);
  return key in WORDS ? t(key) : null;
}

/**
 * A text the server gave in both languages.
 *
 * @param {import("./types.js").Words|string|null|undefined} words
 * @returns {string}
 */
export function say(words) {
  if (!words) return "";
  return typeof words === "string" ? words : words[current] || words.en || words.zh;
}

/**
 * Fill in every element that names its word: `data-t` for its text, `data-t-label` for its
 * spoken name, `data-t-title` for its tooltip, `data-t-hint` for its placeholder.
 *
 * @param {ParentNode} root
 */
export function translate(root) {
  /** @type {[string, (element: Element, text: string) => void][]} */
  const places = [
    ["data-t", (element, text) => void (element.textContent = text)],
    ["data-t-label", (element, text) => element.setAttribute("aria-label", text)],
    ["data-t-title", (element, text) => element.setAttribute("title", text)],
    ["data-t-hint", (element, text) => element.setAttribute("placeholder", text)],
  ];
  for (const [attribute, put] of places) {
    for (const element of root.querySelectorAll(`[${attribute}]`)) {
      put(element, t(/** @type {Key} */ (element.getAttribute(attribute))));
    }
  }
}
