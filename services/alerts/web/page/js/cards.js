/**
 * The live feed as a list of cards. A card is made once and then only written where it differs;
 * what the hand rests on stays where it is.
 */

import { arrange, closedCards, isOpen, openCards } from "./board.js";
import { cityZone, now, secondsSince } from "./city.js";
import { SLOT, around, find, h, reorder, set, write } from "./dom.js";
import { age, moment } from "./format.js";
import { language, say, t, word } from "./i18n.js";
import { levelSymbol, sparkline } from "./symbols.js";

/** @typedef {import("./types.js").Card} Card */

/** A hand that has not moved for this long no longer holds the order. */
const HOLD_MS = 5000;
/** How long a newcomer keeps its mark. */
const NEW_S = 90;

export class CardList {
  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} closed
   * @param {(id: string) => void} open called when somebody opens a card
   */
  constructor(list, closed, open) {
    this.list = list;
    this.closed = closed;
    this.open = open;
    /** @type {Map<string, HTMLLIElement>} */
    this.made = new Map();
    /** @type {Map<string, string>} what each card last showed, to leave it alone when unchanged */
    this.showed = new Map();
    /** @type {string[]} */
    this.order = [];
    /** @type {Set<string>} */
    this.seen = new Set();
    this.touchedAt = -HOLD_MS;
    /** @type {string|null} */
    this.under = null;
    for (const name of ["pointermove", "pointerdown", "keydown", "wheel"]) {
      list.addEventListener(name, (event) => this.touch(event), { passive: true });
    }
    list.addEventListener("pointerleave", () => (this.under = null));
    list.addEventListener("click", (event) => this.clicked(event));
    closed.addEventListener("click", (event) => this.clicked(event));
  }

  /** @param {Event} event */
  touch(event) {
    const card = /** @type {Element} */ (event.target).closest("li[data-id]");
    this.under = card?.getAttribute("data-id") ?? null;
    this.touchedAt = performance.now();
  }

  /** @param {Event} event */
  clicked(event) {
    const card = /** @type {Element} */ (event.target).closest("li[data-id]");
    if (card) this.open(card.getAttribute("data-id") ?? "");
  }

  /** @returns {string|null} the card under a hand that moved lately */
  held() {
    return performance.now() - this.touchedAt < HOLD_MS ? this.under : null;
  }

  /**
   * @param {import("./board.js").Board} board
   * @param {string|null} selected
   * @param {boolean} first whether this is the first list, in which nothing is new
   */
  render(board, selected, first) {
    const open = openCards(board);
    const closed = closedCards(board);
    this.order = arrange(this.order, open.map((card) => card.id), this.held()); // prettier-ignore
    const all = new Set([...open, ...closed].map((card) => card.id));
    for (const id of this.made.keys()) if (!all.has(id)) this.forget(id);
    const elements = (/** @type {string[]} */ ids) =>
      ids.map((id) => this.element(/** @type {Card} */ (board.cards.get(id)), selected, first));
    reorder(this.list, elements(this.order));
    reorder(this.closed, elements(closed.map((card) => card.id)));
  }

  /** @param {string} id */
  forget(id) {
    this.made.get(id)?.remove();
    this.made.delete(id);
    this.showed.delete(id);
  }

  /** Forget what was written, so that the next rendering writes it in the present language. */
  retranslate() {
    this.showed.clear();
  }

  /**
   * @param {Card} card
   * @param {string|null} selected
   * @param {boolean} first
   */
  element(card, selected, first) {
    let element = this.made.get(card.id);
    if (!element) {
      element = h("li", { "data-id": card.id });
      this.made.set(card.id, element);
      if (!first && !this.seen.has(card.id) && isOpen(card)) element.classList.add("fresh");
      this.seen.add(card.id);
    }
    const key = `${card.sequence}/${card.version}`;
    if (this.showed.get(card.id) !== key) {
      this.showed.set(card.id, key);
      fillCard(element, card);
    }
    const on = card.id === selected;
    element.classList.toggle("on", on);
    if (on) element.classList.remove("fresh");
    set(find(element, "button"), "aria-current", on ? "true" : null);
    return element;
  }

  /** Newcomers lose their mark after a while. @param {import("./board.js").Board} board */
  settle(board) {
    for (const element of this.list.querySelectorAll("li.fresh")) {
      const card = board.cards.get(element.getAttribute("data-id") ?? "");
      if (!card || secondsSince(card.opened_at) > NEW_S) element.classList.remove("fresh");
    }
  }

  /**
   * Move the focus up or down the list.
   *
   * @param {number} step
   * @param {string|null} from where to start when the focus is elsewhere
   */
  move(step, from) {
    const focused = document.activeElement?.closest("li[data-id]")?.getAttribute("data-id");
    const at = this.order.indexOf(focused ?? from ?? "");
    const next = at < 0 ? (step > 0 ? 0 : this.order.length - 1) : at + step;
    const id = this.order[Math.max(0, Math.min(this.order.length - 1, next))];
    if (id) this.focus(id);
  }

  /** @param {string} id */
  focus(id) {
    const element = this.made.get(id);
    if (!element) return;
    this.under = id;
    this.touchedAt = performance.now();
    find(element, "button").focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }

  /** @returns {string|null} the card that has the focus */
  focused() {
    const card = document.activeElement?.closest("li[data-id]");
    return card?.getAttribute("data-id") ?? null;
  }
}

/**
 * @param {HTMLElement} element
 * @param {Card} card
 */
function fillCard(element, card) {
  const classes = ["card", card.level, card.phase, card.exercise ? "exercise" : ""];
  if (element.classList.contains("fresh")) classes.push("fresh");
  element.className = classes.filter(Boolean).join(" ");
  const focused = element.contains(document.activeElement);
  element.replaceChildren(
    ...(card.exercise ? [exerciseLabel(card)] : []),
    levelSymbol(card.level, 26),
    heading(card),
    h(
      "p",
      { class: "rank" },
      h("b", { class: "word" }, word("level", card.level)),
      h("time", { class: "age", "data-since": card.opened_at, datetime: card.opened_at }),
    ),
    h(
      "div",
      { class: "now" },
      h("p", { class: "sentence" }, say(card.sentence)),
      card.spark && card.spark.length > 1 ? sparkline(card.spark, 64, 30) : null,
    ),
    h(
      "p",
      { class: "who" },
      whoHasIt(card),
      h("span", { class: "marks" }, ...marks(card)),
    ),
  );
  for (const time of element.querySelectorAll("[data-since]")) {
    write(time, age(secondsSince(time.getAttribute("data-since") ?? "")));
  }
  if (focused) find(element, "button").focus({ preventScroll: true });
}

/** @param {Card} card */
function heading(card) {
  const path = card.place.slice(1).map((place) => say(place)).join(" › "); // prettier-ignore
  return h(
    "div",
    { class: "head" },
    h("h3", {}, h("button", { type: "button", class: "open" }, titleOf(card))),
    h("p", { class: "where", title: path }, path),
  );
}

/** What and where; the level is said beside it. @param {Card} card */
export function titleOf(card) {
  const hazard = word("hazard", card.hazard) ?? card.hazard;
  return t("title.card", { hazard, asset: say(card.asset_name) });
}

/** @param {Card} card */
export function exerciseLabel(card) {
  return h(
    "p",
    { class: "exercise-label" },
    h("b", {}, t("exercise")),
    " ",
    h("span", { translate: "no" }, card.run),
  );
}

/** @param {Card} card */
function marks(card) {
  const told = new Set(card.told.map((one) => one.person)).size;
  return [
    card.verified ? null : h("span", { class: "unverified" }, t("unverified")),
    isOpen(card) && told ? h("span", { class: "told" }, t("who.told", { n: told })) : null,
    h("b", { class: "new" }, t("new")),
  ];
}

/**
 * Who has it, and what happens next if nobody does.
 *
 * @param {Card} card
 */
export function whoHasIt(card) {
  const name = (/** @type {string|null} */ who) => h("b", { translate: "no" }, who ?? "");
  const line = h("span", { class: "has" });
  if (card.phase === "resolved") {
    line.append(...around(t("who.closed", { name: SLOT }), name(card.resolved_by)));
    if (card.resolution) line.append(` · ${word("reason", card.resolution) ?? card.resolution}`);
    if (card.resolved_at) {
      line.append(" · ", moment(new Date(card.resolved_at), now(), cityZone()));
    }
    return line;
  }
  if (card.phase === "acknowledged") {
    line.append(...around(t("who.has", { name: SLOT }), name(card.acknowledged_by)));
  } else if (card.phase === "returned") {
    line.append(h("b", {}, t("who.returned")));
  } else if (card.phase === "unanswered") {
    line.append(h("b", { class: "nobody" }, t("who.unanswered")), ` · ${t("who.unansweredMore")}`);
  } else {
    line.append(h("b", { class: "nobody" }, t("who.nobody")));
  }
  const due = card.next_deadline && h("b", { class: "due", "data-due": card.next_deadline });
  const next = [card.next_step && say(card.next_step), due].filter(Boolean);
  // "calls the district in 1:40", but in Chinese the time comes first.
  if (language() === "zh") next.reverse();
  for (const [index, part] of next.entries()) line.append(index ? " " : " · ", part ?? "");
  return line;
}
