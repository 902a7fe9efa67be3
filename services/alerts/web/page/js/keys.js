/** One key per act. Single letters can be switched off; they never fire while somebody types. */

/**
 * @typedef {object} Hands
 * @property {(step: number) => void} move
 * @property {() => void} enter
 * @property {() => void} ack
 * @property {() => void} resolve
 * @property {() => boolean} escape whether there was something to close
 * @property {() => void} help
 * @property {() => boolean} single whether single letters may act
 */

/** @param {Hands} hands */
export function listen(hands) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === "Escape") {
      if (!document.querySelector("dialog[open]") && hands.escape()) event.preventDefault();
      return;
    }
    if (target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    const act = meaning(event.key, target, hands);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/**
 * @param {string} key
 * @param {HTMLElement} target
 * @param {Hands} hands
 * @returns {(() => void)|null}
 */
function meaning(key, target, hands) {
  // Arrows scroll the detail and move the map where those have the focus.
  const elsewhere = target.closest(".detail, .map");
  if (key === "ArrowDown" && !elsewhere) return () => hands.move(1);
  if (key === "ArrowUp" && !elsewhere) return () => hands.move(-1);
  if (key === "Enter" && target.closest("button, a, summary, [role=button]")) return null;
  if (key === "Enter") return hands.enter;
  if (!hands.single()) return null;
  /** @type {Record<string, () => void>} */
  const letters = {
    j: () => hands.move(1),
    k: () => hands.move(-1),
    a: hands.ack,
    r: hands.resolve,
    "?": hands.help,
  };
  return letters[key.toLowerCase()] ?? null;
}
