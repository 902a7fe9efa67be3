/** What this desk remembers between visits: who sits here, language, colours, single keys. */

/** @typedef {"auto"|"dark"|"light"} Theme */

const THEMES = /** @type {const} */ (["auto", "dark", "light"]);

/** @param {string} key */
function recall(key) {
  try {
    return localStorage.getItem(`tocsin.${key}`) ?? "";
  } catch {
    return ""; // a browser that forbids storage still shows the page
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
function remember(key, value) {
  try {
    localStorage.setItem(`tocsin.${key}`, value);
  } catch {
    // Then it holds until the page is closed, which is what the person asked their browser for.
  }
}

let token = "";

export const desk = {
  get name() {
    return recall("name");
  },
  set name(value) {
    remember("name", value.trim().slice(0, 80));
  },
  /** The access token lives only as long as this page. */
  get token() {
    return token;
  },
  set token(value) {
    token = value.trim();
  },
  /** @returns {"en"|"zh"} */
  get language() {
    const kept = recall("language");
    if (kept === "zh" || kept === "en") return kept;
    return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
  },
  set language(value) {
    remember("language", value);
  },
  /** @returns {Theme} */
  get theme() {
    return THEMES.find((theme) => theme === recall("theme")) ?? "auto";
  },
  set theme(value) {
    remember("theme", value);
  },
  get singleKeys() {
    return recall("single-keys") !== "off";
  },
  set singleKeys(value) {
    remember("single-keys", value ? "on" : "off");
  },
};

/** @param {Theme} theme @returns {Theme} */
export function nextTheme(theme) {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
}
