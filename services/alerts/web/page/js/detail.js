/**
 * One incident: the sentence first, three figures, the picture that proves it, the history, who
 * was told. What is already known stands at once; the readings follow when they arrive.
 */

import { readDetail } from "./api.js";
import { cityZone, now, tick } from "./city.js";
import { exerciseLabel, whoHasIt } from "./cards.js";
import { SLOT, around, h } from "./dom.js";
import { agreeing, byWeight, latestReasons, rate, ruling } from "./figures.js";
import { amount, clockTime, decimals, minutes, moment, plain, unitText } from "./format.js";
import { say, t, word } from "./i18n.js";
import { plot } from "./plot.js";
import { levelSymbol } from "./symbols.js";

/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {import("./types.js").Evidence} Evidence */

/** Pictures beyond these are folded away. */
const PLOTS_MAX = 3;
/** Older messages than these are folded away. */
const TOLD_MAX = 8;

export class DetailView {
  /**
   * @param {HTMLElement} root
   * @param {import("./acts.js").Acts} acts
   * @param {() => void} close
   */
  constructor(root, acts, close) {
    this.root = root;
    this.acts = acts;
    /** @type {Card|null} */
    this.card = null;
    /** @type {Detail|null} */
    this.detail = null;
    this.failed = false;
    this.reading = 0;
    this.head = h("div", { class: "detail-head" });
    this.body = h("div", { class: "detail-body", tabindex: "-1" });
    this.facts = h("div", { class: "facts-slot" });
    this.proof = h("section", { class: "proof" });
    this.story = h("div");
    this.closer = h("button", { type: "button", class: "close", onclick: close });
    this.saying = h("div", { class: "saying" });
    this.body.append(this.saying, this.facts, this.proof, this.story);
    root.append(h("div", { class: "detail-top" }, this.head, this.closer), this.body, acts.root);
    new ResizeObserver(() => this.drawProof()).observe(this.proof);
    this.drawnFor = "";
  }

  /** @param {Card} card */
  show(card) {
    const other = this.card?.id !== card.id;
    const changed = other || this.card?.sequence !== card.sequence;
    if (other) {
      this.detail = null;
      this.failed = false;
      this.body.scrollTop = 0;
    }
    this.card = card;
    this.root.hidden = false;
    this.acts.show(card);
    if (!changed) return;
    this.draw();
    void this.fetch(card);
  }

  hide() {
    this.root.hidden = true;
    this.card = null;
    this.detail = null;
  }

  /** Fetch the readings; an answer that came late for another incident is dropped. @param {Card} card */
  async fetch(card) {
    this.reading += 1;
    const mine = this.reading;
    try {
      const detail = await readDetail(card.id);
      if (mine !== this.reading) return;
      this.detail = detail;
      this.failed = false;
    } catch {
      if (mine !== this.reading) return;
      this.failed = true;
    }
    this.draw();
  }

  /** Write everything anew, also after the language changed. */
  draw() {
    const card = this.card;
    if (!card) return;
    this.root.className = ["detail", card.level, card.exercise ? "exercise" : ""].join(" ").trim();
    this.closer.replaceChildren(t("detail.close"), h("kbd", { translate: "no" }, "Esc"));
    this.head.replaceChildren(
      h("h2", {}, t("detail.number"), " ", h("span", { class: "id", translate: "no" }, card.id)),
      h("span", { class: "faint" }, t("detail.version", { n: card.version })),
    );
    this.saying.replaceChildren(...sayings(card));
    this.facts.replaceChildren(...(this.detail ? [facts(this.detail)] : []));
    this.drawnFor = "";
    this.drawProof();
    const detail = this.detail;
    this.story.replaceChildren(
      timeline(detail?.timeline ?? []),
      toldList(detail?.notifications.length ? detail.notifications : card.told),
    );
    tick(this.root);
  }

  /** The pictures, drawn to the width there is. */
  drawProof() {
    const width = Math.floor(this.proof.clientWidth);
    const key = `${width}/${this.card?.id}/${this.detail?.sequence}/${this.failed}/${t("detail")}`;
    if (!this.card || width < 100 || key === this.drawnFor) return;
    this.drawnFor = key;
    const title = h("h3", {}, t("detail.evidence"));
    if (!this.detail) {
      const text = t(this.failed ? "detail.evidence.failed" : "detail.evidence.loading");
      this.proof.replaceChildren(title, h("p", { class: "skeleton" }, text));
      return;
    }
    const evidence = byWeight(this.detail);
    if (!evidence.length) {
      this.proof.replaceChildren(title, h("p", { class: "faint" }, t("detail.evidence.none")));
      return;
    }
    const events = this.detail.events;
    const pictures = evidence.map((one, i) => plot(one, events, { width, height: i ? 130 : 210 }));
    const first = /** @type {Evidence} */ (evidence[0]);
    this.proof.replaceChildren(title, /** @type {Node} */ (pictures[0]), limitList(first));
    this.proof.append(...pictures.slice(1, PLOTS_MAX));
    const rest = pictures.slice(PLOTS_MAX);
    if (rest.length) {
      const summary = h("summary", {}, t("detail.others", { n: rest.length }));
      this.proof.append(h("details", { class: "fold" }, summary, ...rest));
    }
    this.proof.append(readingsTable(evidence));
  }
}

/** @param {Card} card */
function sayings(card) {
  const path = [...card.place, card.asset_name].map((place) => say(place)).join(" › ");
  const level = word("level", card.level);
  const worst = card.worst_level === card.level ? null : t("level.worst", { level: word("level", card.worst_level) ?? "" });
  return [
    card.exercise ? h("div", { class: "exercise-note" }, exerciseLabel(card), h("p", {}, t("exercise.detail"))) : null,
    h("p", { class: "level-line" },
      levelSymbol(card.level, 22),
      h("b", { class: "word" }, level),
      h("span", {}, word("hazard", card.hazard) ?? card.hazard),
      worst ? h("span", { class: "faint" }, worst) : null,
      h("span", { class: "faint since" }, ...openFor(card))), // prettier-ignore
    h("p", { class: "say", id: "detail-say" }, say(card.sentence)),
    h("p", { class: "where" }, path),
    card.verified ? null : h("p", { class: "doubt" }, h("b", {}, t("unverified")), " · ", t("unverified.why")),
    h("p", { class: `has-it ${card.phase}` }, whoHasIt(card)),
  ].filter((part) => part !== null);
}

/** @param {Card} card */
function openFor(card) {
  const at = moment(new Date(card.opened_at), now(), cityZone());
  if (card.phase === "resolved") return [at];
  const time = h("time", { "data-since": card.opened_at, datetime: card.opened_at, title: at });
  return around(t("who.open", { age: SLOT }), time);
}

/** @param {Detail} detail */
function facts(detail) {
  const list = h("dl", { class: "facts" });
  const figure = (/** @type {string} */ value, /** @type {string} */ unit, /** @type {string} */ label) =>
    list.append(h("div", {}, h("dt", {}, label), h("dd", {}, value, " ", h("small", { translate: "no" }, unit))));
  const main = byWeight(detail)[0];
  if (main) {
    const quantity = word("quantity", main.quantity) ?? main.quantity;
    const [at, value] = main.points[main.points.length - 1] ?? ["", 0];
    const limit = ruling(main, latestReasons(detail));
    figure(
      amount(value, main.quantity),
      unitText(main.unit),
      limit
        ? t("figure.limit", { quantity, limit: plain(limit.value) })
        : t("figure.at", { quantity, time: clockTime(new Date(at), cityZone()) }),
    );
    const slope = rate(main);
    if (slope) {
      const size = Math.abs(slope.perMinute);
      const digits = Math.min(4, decimals(main.quantity) + (size < 10 ? 1 : 0));
      const sign = Number(size.toFixed(digits)) === 0 ? "±" : slope.perMinute > 0 ? "+" : "−";
      const label = t("figure.rate", { unit: unitText(main.unit), span: minutes(slope.seconds) });
      figure(`${sign}${size.toFixed(digits)}`, "", label);
    }
  }
  const { count, all, byLimit } = agreeing(detail);
  if (count) figure(t("figure.of", { n: count, all }), "", t(byLimit ? "figure.sensors" : "figure.sensorsOdd"));
  return list;
}

/** The limits in words, so that no line in the picture needs to be guessed. @param {Evidence} evidence */
function limitList(evidence) {
  return h("ul", { class: "limits", "aria-label": t("detail.limits") },
    ...evidence.limits.map((limit) =>
      h("li", {},
        levelSymbol(limit.level, 12),
        h("span", { class: "spoken" }, word("level", limit.level)),
        h("b", {}, `${plain(limit.value)} ${unitText(evidence.unit)}`.trim()),
        h("span", { translate: "no" }, limit.source),
        h("span", { class: "faint" }, word("confidence", limit.confidence) ?? "")))); // prettier-ignore
}

/** @param {Evidence[]} evidence */
function readingsTable(evidence) {
  const fold = h("details", { class: "fold" }, h("summary", {}, t("detail.readings")));
  // Built only when somebody opens it: it may hold thousands of rows.
  fold.addEventListener("toggle", () => {
    if (!fold.open || fold.querySelector("table")) return;
    for (const one of evidence) {
      const name = word("quantity", one.quantity) ?? one.quantity;
      const caption = h("caption", {}, `${name} `, h("span", { translate: "no" }, `${unitText(one.unit)} ${one.sensor}`));
      const rows = one.points.map(([at, value]) =>
        h("tr", {}, h("td", {}, clockTime(new Date(at), cityZone())), h("td", {}, amount(value, one.quantity))));
      fold.append(h("table", {}, caption,
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("detail.time")), h("th", { scope: "col" }, name))),
        h("tbody", {}, ...rows))); // prettier-ignore
    }
  });
  return fold;
}

/** @param {import("./types.js").Moment[]} moments */
function timeline(moments) {
  const latestFirst = [...moments].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const lines = latestFirst.map((one) =>
    h("li", {},
      h("time", { datetime: one.at }, moment(new Date(one.at), now(), cityZone())),
      h("span", {}, say(one.text), ...by(one)))); // prettier-ignore
  const list = lines.length
    ? h("ol", { class: "timeline" }, ...lines)
    : h("p", { class: "faint" }, t("detail.timeline.none"));
  return h("section", { class: "story" }, h("h3", {}, t("detail.timeline")), list);
}

/** A person's name, where a person did it. @param {import("./types.js").Moment} one */
function by(one) {
  const person = one.by && one.by !== "tocsin" && !say(one.text).includes(one.by);
  return person ? [" · ", h("b", { translate: "no" }, one.by ?? "")] : [];
}

/** Every message with its strongest receipt, the newest first. @param {import("./types.js").Told[]} told */
function toldList(told) {
  const title = h("h3", {}, t("detail.told"));
  if (!told.length) return h("section", { class: "story" }, title, h("p", { class: "faint" }, t("detail.told.none")));
  const at = (/** @type {import("./types.js").Told} */ one) => one.at ?? one.settled_at ?? one.owed_at ?? "";
  const newest = [...told].sort((a, b) => Date.parse(at(b)) - Date.parse(at(a)));
  const lines = newest.map((one) => receipt(one, at(one)));
  const list = h("ul", { class: "told-list" }, ...lines.slice(0, TOLD_MAX));
  const rest = lines.slice(TOLD_MAX);
  const fold = rest.length
    ? h("details", { class: "fold" },
        h("summary", {}, t("detail.earlier", { n: rest.length })),
        h("ul", { class: "told-list" }, ...rest))
    : null; // prettier-ignore
  return h("section", { class: "story" }, title, list, fold);
}

/**
 * @param {import("./types.js").Told} one
 * @param {string} at
 */
function receipt(one, at) {
  const known = (/** @type {string} */ family, /** @type {string} */ member) =>
    word(family, member) ?? h("span", { translate: "no" }, member);
  return h(
    "li",
    { class: `receipt ${one.state}` },
    h("b", { translate: "no" }, one.name || one.person),
    h("span", { class: "faint" }, one.why ? known("why", one.why) : "", one.why ? " · " : "", known("channel", one.channel)),
    h("span", { class: "state" }, known("state", one.state)),
    at ? h("time", { datetime: at }, moment(new Date(at), now(), cityZone())) : h("span"),
    one.because ? h("small", { class: "because", lang: "en", translate: "no" }, one.because) : null,
  );
}
