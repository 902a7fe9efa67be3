/**
 * Wires the page: the list is read once, then the feed tells every change after it. Whatever
 * changes, one function draws; where that happens often, it happens once per frame.
 */

import { Acts } from "./acts.js";
import { announce } from "./announce.js";
import { CARDS_MAX, feedAddress, readCity, readIncidents } from "./api.js";
import { applyChange, applySnapshot, emptyBoard, openCards } from "./board.js";
import { CardList, titleOf } from "./cards.js";
import { cityName, now, setServerTime, setZone, tick } from "./city.js";
import { desk, nextTheme } from "./desk.js";
import { DetailView } from "./detail.js";
import { find, write } from "./dom.js";
import { Feed } from "./feed.js";
import { drawHelp } from "./help.js";
import { say, setLanguage, t, translate } from "./i18n.js";
import { listen } from "./keys.js";
import { showEmpty, showExercise, showLost, showPulse, showTally } from "./line.js";
import { CityMap } from "./map.js";
import { dressMap, movable } from "./mapmoves.js";

/** @typedef {import("./types.js").Card} Card */

const part = (/** @type {string} */ id) => find(document, `#${id}`);
const RETRY_MS = 2000;
/** On screens narrower than this the incident covers everything else. */
const narrow = matchMedia("(max-width: 859px)");

let board = emptyBoard();
let listed = false;
/** @type {import("./types.js").Pulse|null} */
let pulse = null;
/** @type {import("./types.js").City|null} */
let city = null;
/** @type {string|null} */
let selected = null;
/** @type {Date|null} */
let lostSince = null;
let heardAt = now();

const acts = new Acts((card) => take(card));
const detail = new DetailView(part("detail"), acts, () => select(null));
const cards = new CardList(part("incidents"), part("closed-cards"), (id) => select(id));
const map = new CityMap(part("map"), (id) => select(id));
const help = /** @type {HTMLDialogElement} */ (part("help"));
const feed = new Feed({
  address: () => feedAddress(board.sequence),
  change: (card) => take(card),
  pulse: (beat) => {
    pulse = beat;
    heardAt = now();
    setServerTime(beat.now);
    draw();
  },
  reset: () => void load(),
  state: (live) => {
    lostSince = live ? null : heardAt;
    if (live) announce("polite", t("lost.healed"));
    draw();
  },
});

/** One change, from the feed or from an act of this desk. @param {Card} card */
function take(card) {
  const before = board;
  board = applyChange(board, card);
  heardAt = now();
  if (board !== before) {
    announceChange(before.cards.get(card.id), card);
    draw();
  }
}

/** Read the list, then listen from its number on; on failure try again. */
async function load() {
  try {
    const { open, closed } = await readIncidents();
    setServerTime(open.now);
    board = applySnapshot(board, open);
    const { sequence } = board;
    // Closed ones are only for reference: they must not move the place to listen from.
    for (const card of closed) board = { ...applyChange(board, card), sequence };
    heardAt = now();
    drawNow();
    listed = true;
    drawNow();
    feed.open();
    if (!city) void loadCity();
  } catch {
    setTimeout(() => void load(), RETRY_MS);
  }
}

async function loadCity() {
  try {
    city = await readCity();
    setZone(city.city.timezone);
    map.show(city);
    drawNow();
  } catch {
    setTimeout(() => void loadCity(), RETRY_MS);
  }
}

/** @type {{id: string, level: import("./types.js").Level, text: string}[]} */
let news = [];

/**
 * @param {Card|undefined} before
 * @param {Card} card
 */
function announceChange(before, card) {
  const risen = before && before.level !== card.level && card.level === card.worst_level;
  if (!listed || card.phase === "resolved" || (before && !risen)) return;
  news.push({ id: card.id, level: card.level, text: titleOf(card) });
  if (news.length === 1) {
    setTimeout(() => {
      announce.news(news, Boolean(risen));
      news = [];
    }, 300);
  }
}

/** @param {string|null} id */
function select(id) {
  const from = selected;
  selected = id && board.cards.has(id) ? id : null;
  history.replaceState(null, "", selected ? `#${encodeURIComponent(selected)}` : location.pathname + location.search);
  drawNow();
  const card = selected ? board.cards.get(selected) : undefined;
  if (card) {
    if (narrow.matches) part("detail").querySelector("button")?.focus();
    map.cover(narrow.matches ? 0 : part("detail").offsetWidth);
    map.reveal(card);
  } else {
    map.cover(0);
    if (from) cards.focus(from);
  }
}

let drawing = false;

/** Draw with the next frame; a hidden page has no frames, so there it is a moment later. */
function draw() {
  if (drawing) return;
  drawing = true;
  const go = () => {
    drawing = false;
    drawNow();
  };
  if (document.hidden) setTimeout(go, 100);
  else requestAnimationFrame(go);
}

function drawNow() {
  const open = openCards(board);
  cards.render(board, selected, !listed);
  write(part("count"), listed || open.length ? t("list.open", { n: open.length }) : t("loading"));
  write(part("more"), t("list.more", { n: CARDS_MAX }));
  part("more").hidden = open.length < CARDS_MAX;
  const closed = part("closed-cards").children.length;
  part("closed").hidden = closed === 0;
  write(part("closed-count"), String(closed));
  part("empty").hidden = !listed || open.length > 0;
  showEmpty(part("empty"), pulse, cityName(city));
  showTally(part("tally"), board);
  showExercise(part("exercise"), board);
  showPulse(part("line"), pulse);
  showLost(part("lost"), lostSince, listed);
  write(part("city"), cityName(city));
  map.render(open, selected);
  const card = selected ? board.cards.get(selected) : undefined;
  if (card) detail.show(card);
  else detail.hide();
  document.body.classList.toggle("reading", Boolean(card));
  for (const id of ["list", "map"]) part(id).inert = Boolean(card) && narrow.matches;
  drawTitle(open);
  tick(document);
}

/** @param {Card[]} open */
function drawTitle(open) {
  const urgent = open.filter((card) => card.level === "red" || card.level === "orange").length;
  document.title = lostSince ? t("lost.tab") : `${urgent ? `(${urgent}) ` : ""}${t("title")}`;
}

function drawWords() {
  setLanguage(desk.language);
  document.documentElement.lang = desk.language === "zh" ? "zh-CN" : "en";
  translate(document);
  const other = part("language");
  write(other, desk.language === "zh" ? "EN" : "中文");
  other.lang = desk.language === "zh" ? "en" : "zh-CN";
  drawTheme();
  drawHelp(help);
  dressMap(map);
  cards.retranslate();
  acts.retranslate();
  detail.draw();
  drawNow();
}

function drawTheme() {
  const theme = desk.theme;
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const name = t(`theme.${theme}`);
  part("theme").setAttribute("aria-label", name);
  part("theme").title = name;
}

/** @param {"list"|"map"} view */
function look(view) {
  document.body.dataset.view = view;
  for (const id of ["list", "map"]) part(`view-${id}`).setAttribute("aria-pressed", String(id === view));
}

/** @param {"ack"|"resolve"} name */
function begin(name) {
  const id = selected ?? cards.focused();
  if (!id) return;
  if (id !== selected) select(id);
  acts.start(name);
}

function escape() {
  if (acts.asking && !acts.sending) acts.ask(null);
  else if (selected) select(null);
  else return false;
  return true;
}

part("language").addEventListener("click", () => {
  desk.language = desk.language === "zh" ? "en" : "zh";
  drawWords();
});
part("theme").addEventListener("click", () => {
  desk.theme = nextTheme(desk.theme);
  drawTheme();
});
part("help-open").addEventListener("click", () => help.showModal());
part("view-list").addEventListener("click", () => look("list"));
part("view-map").addEventListener("click", () => look("map"));
addEventListener("online", () => feed.hurry());
addEventListener("hashchange", () => select(decodeURIComponent(location.hash.slice(1)) || null));
document.addEventListener("visibilitychange", () => document.hidden || feed.hurry());
narrow.addEventListener("change", () => drawNow());
listen({
  move: (step) => {
    cards.move(step, selected);
    if (selected && cards.focused()) select(cards.focused());
  },
  enter: () => cards.focused() && select(cards.focused()),
  ack: () => begin("ack"),
  resolve: () => begin("resolve"),
  escape,
  help: () => help.showModal(),
  single: () => desk.singleKeys,
});
movable(map);
drawWords();
setInterval(() => {
  cards.settle(board);
  drawNow();
}, 1000);
void load().then(() => {
  if (location.hash) select(decodeURIComponent(location.hash.slice(1)));
});
