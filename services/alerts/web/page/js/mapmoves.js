/** How hands move the map: drag, wheel, two fingers, keys, buttons. */

import { h, s } from "./dom.js";
import { LEVELS } from "./board.js";
import { t, word } from "./i18n.js";
import { ZOOM_STEP } from "./map.js";
import { levelSymbol } from "./symbols.js";

/** @typedef {import("./map.js").CityMap} CityMap */
/** @typedef {import("./geo.js").Point} Point */

const PAN_PX = 80;

/** @param {CityMap} map */
export function movable(map) {
  /** @type {Map<number, Point>} */
  const fingers = new Map();
  const spot = (/** @type {MouseEvent} */ event) => {
    const box = map.svg.getBoundingClientRect();
    return /** @type {Point} */ ([event.clientX - box.left, event.clientY - box.top]);
  };
  map.svg.addEventListener("pointerdown", (event) => {
    if (/** @type {Element} */ (event.target).closest(".pin")) return;
    fingers.set(event.pointerId, spot(event));
    map.svg.setPointerCapture(event.pointerId);
  });
  map.svg.addEventListener("pointermove", (event) => {
    const from = fingers.get(event.pointerId);
    if (!from) return;
    const to = spot(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) map.zoom(distance(to, other) / Math.max(1, distance(from, other)), other);
    else map.pan(to[0] - from[0], to[1] - from[1]);
    fingers.set(event.pointerId, to);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    map.svg.addEventListener(name, (event) => void fingers.delete(/** @type {PointerEvent} */ (event).pointerId));
  }
  map.svg.addEventListener("dblclick", (event) => map.zoom(ZOOM_STEP ** 2, spot(event)));
  map.svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    map.zoom(ZOOM_STEP ** (-event.deltaY / 120), spot(event));
  }, { passive: false }); // prettier-ignore
  map.svg.addEventListener("keydown", (event) => keys(map, event));
}

/**
 * @param {CityMap} map
 * @param {KeyboardEvent} event
 */
function keys(map, event) {
  /** @type {Record<string, () => void>} */
  const moves = {
    ArrowLeft: () => map.pan(PAN_PX, 0),
    ArrowRight: () => map.pan(-PAN_PX, 0),
    ArrowUp: () => map.pan(0, PAN_PX),
    ArrowDown: () => map.pan(0, -PAN_PX),
    "+": () => map.zoom(ZOOM_STEP),
    "=": () => map.zoom(ZOOM_STEP),
    "-": () => map.zoom(1 / ZOOM_STEP),
    0: () => map.fit(),
  };
  const move = moves[event.key];
  if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  move();
}

/**
 * @param {Point} a
 * @param {Point} b
 */
function distance(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** The buttons and the legend, in the present language. @param {CityMap} map */
export function dressMap(map) {
  const sign = (/** @type {string} */ d) =>
    s("svg", { viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true" }, s("path", { class: "sign", d }));
  const button = (/** @type {string} */ name, /** @type {string} */ d, /** @type {() => void} */ act) =>
    h("button", { type: "button", "aria-label": name, title: name, onclick: act }, sign(d));
  map.svg.setAttribute("aria-label", t("map.label"));
  map.none.textContent = t("map.none");
  map.tools.replaceChildren(
    button(t("map.in"), "M10 4v12M4 10h12", () => map.zoom(ZOOM_STEP)),
    button(t("map.out"), "M4 10h12", () => map.zoom(1 / ZOOM_STEP)),
    button(t("map.fit"), "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4", () => map.fit()),
  );
  map.legend.replaceChildren(
    ...[...LEVELS].reverse().map((level) => h("li", {}, levelSymbol(level, 12), word("level", level))),
    h("li", {}, t("level.calm")),
  );
}
