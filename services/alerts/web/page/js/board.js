/**
 * What is known of the city's incidents: a list, then changes, in any overlap.
 *
 * Law: late = early. A board that was given changes before the list, or twice, or the list
 * again in between, shows the same open incidents as one that had the list and then each change
 * once. Nothing here touches the page, the clock or the network.
 */

/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {{cards: ReadonlyMap<string, Card>, sequence: number}} Board */

/** Lowest first; a level's place in this list is its rank. */
export const LEVELS = /** @type {const} */ (["blue", "yellow", "orange", "red"]);

/** How many closed incidents stay at hand below the open ones. */
export const CLOSED_MAX = 20;

/** @returns {Board} */
export function emptyBoard() {
  return { cards: new Map(), sequence: 0 };
}

/** @param {Card} card */
export function isOpen(card) {
  return card.phase !== "resolved";
}

/**
 * The board after one change; the same board where the change is old news.
 *
 * @param {Board} board
 * @param {Card} card
 * @returns {Board}
 */
export function applyChange(board, card) {
  const known = board.cards.get(card.id);
  const sequence = Math.max(board.sequence, card.sequence);
  if (known && known.sequence >= card.sequence) {
    return sequence === board.sequence ? board : { ...board, sequence };
  }
  const cards = new Map(board.cards);
  cards.set(card.id, card);
  return { cards, sequence };
}

/**
 * The board after a full list of open incidents. What the board knows from later changes
 * stays; what the list no longer holds is over.
 *
 * @param {Board} board
 * @param {Pick<Snapshot, "incidents"|"sequence">} snapshot
 * @returns {Board}
 */
export function applySnapshot(board, snapshot) {
  /** @type {Map<string, Card>} */
  const cards = new Map();
  for (const card of board.cards.values()) {
    if (card.sequence > snapshot.sequence || !isOpen(card)) cards.set(card.id, card);
  }
  for (const card of snapshot.incidents) {
    const known = cards.get(card.id);
    if (!known || known.sequence < card.sequence) cards.set(card.id, card);
  }
  return { cards, sequence: Math.max(board.sequence, snapshot.sequence) };
}

/**
 * Open incidents as a watcher reads them: worst first, real before exercise, youngest first.
 *
 * @param {Board} board
 * @returns {Card[]}
 */
export function openCards(board) {
  return [...board.cards.values()].filter(isOpen).sort(byUrgency);
}

/**
 * The last closed incidents, latest first.
 *
 * @param {Board} board
 * @returns {Card[]}
 */
export function closedCards(board) {
  const closed = [...board.cards.values()].filter((card) => !isOpen(card));
  const at = (/** @type {Card} */ card) => Date.parse(card.resolved_at ?? card.changed_at);
  return closed.sort((a, b) => at(b) - at(a) || compare(a.id, b.id)).slice(0, CLOSED_MAX);
}

/**
 * @param {Card} a
 * @param {Card} b
 */
function byUrgency(a, b) {
  return (
    rank(b.level) - rank(a.level) ||
    Number(a.exercise) - Number(b.exercise) ||
    Date.parse(b.opened_at) - Date.parse(a.opened_at) ||
    compare(a.id, b.id)
  );
}

/** @param {import("./types.js").Level} level */
export function rank(level) {
  return LEVELS.indexOf(level);
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The order to show when a hand rests on a card: that card and everything above it stay where
 * they are, the rest follows in the wanted order. Without a hand, the wanted order.
 *
 * @param {readonly string[]} shown ids as they stand on the page
 * @param {readonly string[]} wanted ids as they should stand
 * @param {string|null} held the id under the hand
 * @returns {string[]}
 */
export function arrange(shown, wanted, held) {
  const at = held === null ? -1 : shown.indexOf(held);
  if (held === null || at < 0 || !wanted.includes(held)) return [...wanted];
  const alive = new Set(wanted);
  const still = shown.slice(0, at + 1).filter((id) => alive.has(id));
  const fixed = new Set(still);
  return [...still, ...wanted.filter((id) => !fixed.has(id))];
}
