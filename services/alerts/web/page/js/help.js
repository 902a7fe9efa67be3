/** The help: keys, levels, what the frames mean, and the switch for single keys. */

import { LEVELS } from "./board.js";
import { desk } from "./desk.js";
import { h } from "./dom.js";
import { t, word } from "./i18n.js";
import { levelSymbol } from "./symbols.js";

/** @param {HTMLDialogElement} dialog */
export function drawHelp(dialog) {
  const key = (/** @type {string[]} */ keys, /** @type {string} */ text) =>
    h("div", {},
      h("dt", {}, ...keys.map((one) => h("kbd", { translate: "no" }, one))),
      h("dd", {}, text)); // prettier-ignore
  const single = h("input", {
    type: "checkbox",
    checked: desk.singleKeys,
    onchange: () => void (desk.singleKeys = single.checked),
  });
  dialog.replaceChildren(
    h("div", { class: "help-head" },
      h("h2", { id: "help-title" }, t("help.title")),
      h("button", { type: "button", onclick: () => dialog.close() }, t("detail.close"), h("kbd", { translate: "no" }, "Esc"))),
    h("dl", { class: "keys" },
      key(["j", "↓"], t("help.next")),
      key(["k", "↑"], t("help.previous")),
      key(["Enter"], t("help.open")),
      key(["A"], t("help.ack")),
      key(["R"], t("help.resolve")),
      key(["Esc"], t("help.close")),
      key(["?"], t("help.help"))),
    h("label", { class: "choice" }, single, h("span", {}, t("help.single"))),
    h("h3", {}, t("help.levels")),
    h("ul", { class: "legend-list" },
      ...[...LEVELS].reverse().map((level) => h("li", {}, levelSymbol(level, 18), word("level", level)))),
    h("p", {}, t("help.exercise")),
    h("p", {}, t("help.held")),
  ); // prettier-ignore
}
