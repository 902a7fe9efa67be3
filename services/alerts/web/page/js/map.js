/**
 * A simple map: the city in grey, an incident in its level's colour and shape. It moves by
 * dragging, by keys and by buttons; its marks and names keep their size at every zoom.
 */

import { rank } from "./board.js";
import { h, s, set } from "./dom.js";
import { extent, placeLabel, positions, projection } from "./geo.js";
import { ground } from "./ground.js";
import { say, t, word } from "./i18n.js";
import { levelParts } from "./symbols.js";

/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./geo.js").Point} Point */

export const ZOOM_STEP = 1.4;
const SCALE_MAX = 40;
const MARGIN_PX = 56;
const LABEL_CHARS_MAX = 32;

export class CityMap {
  /**
   * @param {HTMLElement} root
   * @param {(id: string) => void} open
   */
  constructor(root, open) {
    this.root = root;
    this.open = open;
    /** @type {import("./ground.js").Ground|null} */
    this.ground = null;
    /** @type {((point: Point) => Point)|null} */
    this.project = null;
    this.view = { x: 500, y: 500, scale: 1 };
    this.home = { ...this.view };
    /** Whether a hand has moved the view; until then it always shows the whole city. */
    this.touched = false;
    /** Pixels at the right that lie under the open incident. */
    this.covered = 0;
    /** @type {Card[]} */
    this.cards = [];
    /** @type {string|null} */
    this.selected = null;
    /** What the marks last stood for, to leave them alone under a hand while nothing changed. */
    this.drawn = "";
    this.world = s("g", { class: "world" });
    this.names = s("g", { class: "names", "aria-hidden": "true" });
    this.marks = s("g", { class: "marks" });
    this.svg = s("svg", { class: "city-map", tabindex: "0", role: "group" }, this.world, this.names, this.marks);
    this.none = h("p", { class: "map-none faint", hidden: true });
    this.tools = h("div", { class: "map-tools" });
    this.legend = h("ul", { class: "legend" });
    root.append(this.svg, this.none, this.tools, this.legend);
    new ResizeObserver(() => this.resized()).observe(root);
  }

  /** @param {import("./types.js").City} city */
  show(city) {
    const all = city.assets.flatMap((asset) => positions(asset.geometry));
    this.none.hidden = all.length > 0;
    if (!all.length) return;
    this.project = projection(all);
    this.ground = ground(city, this.project);
    this.world.replaceChildren(...this.ground.parts);
    this.touched = false;
    this.drawn = "";
    this.resized();
    this.render(this.cards, this.selected);
  }

  /** The whole city in view; called first and whenever somebody asks for it. */
  fit() {
    if (!this.ground) return;
    const { clientWidth: width, clientHeight: height } = this.root;
    if (!width || !height) return;
    const box = extent([...this.ground.centres.values()]);
    const room = (/** @type {number} */ px) => Math.max(60, px - 2 * MARGIN_PX);
    const free = width - this.covered > 200 ? width - this.covered : width;
    const scale = Math.min(
      room(free) / Math.max(1, box.right - box.left),
      room(height) / Math.max(1, box.bottom - box.top),
    );
    const aside = (width - free) / 2 / scale;
    this.home = { x: (box.left + box.right) / 2 + aside, y: (box.top + box.bottom) / 2, scale };
    this.view = { ...this.home };
    this.touched = false;
    this.place();
  }

  resized() {
    const { clientWidth: width, clientHeight: height } = this.root;
    if (!width || !height) return;
    set(this.svg, "viewBox", `0 0 ${width} ${height}`);
    if (this.touched) this.place();
    else this.fit();
  }

  /** Where a point of the picture stands on the screen. @param {Point} point @returns {Point} */
  screen([x, y]) {
    const { clientWidth: width, clientHeight: height } = this.root;
    return [(x - this.view.x) * this.view.scale + width / 2, (y - this.view.y) * this.view.scale + height / 2];
  }

  /** @param {number} dx in pixels @param {number} dy */
  pan(dx, dy) {
    this.view.x -= dx / this.view.scale;
    this.view.y -= dy / this.view.scale;
    this.touched = true;
    this.place();
  }

  /** @param {number} factor @param {Point} [at] the spot on the screen that stays where it is */
  zoom(factor, at) {
    const { clientWidth: width, clientHeight: height } = this.root;
    const [px, py] = at ?? [width / 2, height / 2];
    const scale = Math.max(this.home.scale / 4, Math.min(this.home.scale * SCALE_MAX, this.view.scale * factor));
    const keep = 1 / this.view.scale - 1 / scale;
    this.view = { x: this.view.x + (px - width / 2) * keep, y: this.view.y + (py - height / 2) * keep, scale };
    this.touched = true;
    this.place();
  }

  /**
   * @param {Card[]} cards
   * @param {string|null} selected
   */
  render(cards, selected) {
    const key = JSON.stringify([selected, t("map"), cards.map((card) => [card.id, card.sequence])]);
    this.cards = cards;
    this.selected = selected;
    if (!this.ground || key === this.drawn) return;
    this.drawn = key;
    const worst = new Map();
    for (const card of [...cards].sort((a, b) => rank(a.level) - rank(b.level))) {
      const shape = this.ground.shapes.get(card.asset);
      if (shape) worst.set(shape, card.level);
    }
    for (const shape of this.ground.shapes.values()) set(shape, "data-level", worst.get(shape) ?? null);
    this.place();
  }

  /** @param {Card} card @returns {Point|null} */
  spot(card) {
    const known = this.ground?.centres.get(card.asset);
    if (known) return known;
    return card.position && this.project ? this.project(card.position) : null;
  }

  /** Put everything where the present view says. */
  place() {
    const { x, y, scale } = this.view;
    const { clientWidth: width, clientHeight: height } = this.root;
    set(this.world, "transform", `translate(${width / 2} ${height / 2}) scale(${scale}) translate(${-x} ${-y})`);
    const frame = { left: 4, top: 4, right: width - this.covered - 4, bottom: height - 4 };
    const places = together(this.cards.flatMap((card) => {
      const at = this.spot(card);
      return at ? [{ card, at: this.screen(at) }] : [];
    })); // prettier-ignore
    const taken = places.map(({ at }) => ({ left: at[0] - 15, right: at[0] + 15, top: at[1] - 15, bottom: at[1] + 15 }));
    const focused = document.activeElement?.getAttribute("data-place");
    const pins = places.map((one) => this.mark(one, taken, frame)).reverse();
    // The last one drawn lies on top: the worst, and what is real over any exercise.
    const drill = (/** @type {SVGElement} */ pin) => Number(pin.classList.contains("exercise"));
    this.marks.replaceChildren(...pins.sort((a, b) => drill(b) - drill(a)));
    if (focused) /** @type {SVGElement|null} */ (this.marks.querySelector(`[data-place="${CSS.escape(focused)}"]`))?.focus();
    this.names.replaceChildren(...(this.ground?.names ?? []).flatMap(({ at, name }) => {
      const spot = placeLabel(this.screen(at), say(name), 14, taken, frame);
      return spot ? [s("text", { x: spot.x, y: spot.y, "text-anchor": spot.anchor }, say(name))] : [];
    })); // prettier-ignore
  }

  /**
   * @param {{at: Point, cards: Card[]}} place
   * @param {import("./geo.js").Box[]} taken
   * @param {import("./geo.js").Box} frame
   */
  mark({ at, cards }, taken, frame) {
    const card = /** @type {Card} */ (cards[0]);
    const name = say(card.asset_name);
    const exercise = card.exercise ? ` · ${t("exercise")}` : "";
    const text = `${shortened(name)}${cards.length > 1 ? ` ×${cards.length}` : ""}${exercise}`;
    const spoken = [word("level", card.level), name, cards.length > 1 ? t("map.here", { n: cards.length }) : "", card.exercise ? t("exercise") : ""];
    const on = cards.some((one) => one.id === this.selected);
    const open = () => this.open(on && cards.length > 1 ? next(cards, this.selected) : card.id);
    const label = placeLabel(at, text, 20, taken, frame);
    return s(
      "g",
      { class: `pin ${card.level}${on ? " on" : ""}${card.exercise ? " exercise" : ""}`, tabindex: "0", role: "button",
        "data-place": card.asset, "aria-label": spoken.filter(Boolean).join(", "), onclick: open,
        onkeydown: (event) => {
          if (!(event instanceof KeyboardEvent) || (event.key !== "Enter" && event.key !== " ")) return;
          event.preventDefault();
          event.stopPropagation();
          open();
        } }, // prettier-ignore
      s("circle", { class: "halo", cx: at[0], cy: at[1], r: 24 }),
      s("circle", { class: "ring", cx: at[0], cy: at[1], r: 17 }),
      s("g", { class: `symbol ${card.level}`, transform: `translate(${at[0] - 11} ${at[1] - 11}) scale(${22 / 24})` }, ...levelParts(card.level)),
      label && s("text", { x: label.x, y: label.y, "text-anchor": label.anchor }, text),
    );
  }

  /** Something lies over the map's right side, or no longer. @param {number} pixels */
  cover(pixels) {
    if (pixels === this.covered) return;
    this.covered = pixels;
    if (this.touched) this.place();
    else this.fit();
  }

  /** Bring an incident's place into the free part of the map, with the smallest move. @param {Card} card */
  reveal(card) {
    const spot = this.spot(card);
    const { clientWidth: width, clientHeight: height } = this.root;
    const free = width - this.covered;
    if (!spot || free < 160) return;
    const [px, py] = this.screen(spot);
    const into = (/** @type {number} */ at, /** @type {number} */ end) => Math.max(60, Math.min(end - 60, at)) - at;
    const [dx, dy] = [into(px, free), into(py, height)];
    if (dx || dy) this.pan(dx, dy);
  }
}

/**
 * Incidents that would lie on each other on the screen become one mark with a count; what is
 * real never hides behind an exercise.
 *
 * @param {{card: Card, at: Point}[]} spots worst first
 * @returns {{at: Point, cards: Card[]}[]}
 */
function together(spots) {
  /** @type {{at: Point, cards: Card[]}[]} */
  const places = [];
  for (const { card, at } of spots) {
    const near = places.find(
      (place) =>
        place.cards[0]?.exercise === card.exercise &&
        Math.hypot(place.at[0] - at[0], place.at[1] - at[1]) < 20,
    );
    if (near) near.cards.push(card);
    else places.push({ at, cards: [card] });
  }
  return places;
}

/** A name that leaves room for others; the whole one is in the list. @param {string} name */
function shortened(name) {
  return name.length > LABEL_CHARS_MAX ? `${name.slice(0, LABEL_CHARS_MAX - 1)}…` : name;
}

/**
 * @param {Card[]} cards
 * @param {string|null} selected
 */
function next(cards, selected) {
  const at = cards.findIndex((card) => card.id === selected);
  return /** @type {Card} */ (cards[(at + 1) % cards.length]).id;
}
