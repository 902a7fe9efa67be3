/**
 * Acknowledge and resolve, in place. Each act says what became of it: sending, done, refused and
 * why, or never sent. What somebody is typing is never thrown away by an update.
 */

import { act } from "./api.js";
import { desk } from "./desk.js";
import { SLOT, around, h, write } from "./dom.js";
import { say, t } from "./i18n.js";

/** @typedef {import("./types.js").Card} Card */
/** @typedef {"ack"|"resolve"} Act */

const REASONS = /** @type {const} */ (["fixed", "false-alarm", "drill", "no-action"]);

export class Acts {
  /** @param {(card: Card) => void} changed called with the incident as the server now has it */
  constructor(changed) {
    this.changed = changed;
    /** @type {Card|null} */
    this.card = null;
    /** @type {Act|null} which act is being asked about */
    this.asking = null;
    this.sending = false;
    this.needsToken = false;
    this.drawn = "";
    this.form = h("form", { class: "ask", hidden: true, novalidate: true });
    this.buttons = h("div", { class: "buttons" });
    this.said = h("p", { class: "said", role: "status" });
    this.root = h("footer", { class: "acts" }, this.said, this.form, this.buttons);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
  }

  /** @param {Card} card */
  show(card) {
    const other = this.card?.id !== card.id;
    this.card = card;
    if (other) {
      this.tell("");
      this.ask(null);
    } else if (this.asking && !card.actions.includes(this.asking)) {
      this.ask(null);
    }
    this.draw();
  }

  /** Write the buttons; the open form only when it changes, so that typing survives. */
  draw() {
    const key = JSON.stringify([this.card?.id, this.card?.actions, this.asking, this.sending, t("ack"), desk.name]);
    if (key === this.drawn) return;
    this.drawn = key;
    const actions = this.card?.actions ?? [];
    const focused = document.activeElement?.getAttribute("data-act");
    this.buttons.hidden = !this.form.hidden;
    this.buttons.replaceChildren(
      ...(actions.includes("ack") ? [this.button("ack", t("ack"), "A", "first")] : []),
      ...(actions.includes("resolve") ? [this.button("resolve", t("resolve"), "R", actions.includes("ack") ? "" : "first")] : []),
      ...(actions.length ? [] : [h("p", { class: "faint" }, t("act.nothing"))]),
    );
    const again = this.buttons.querySelector(`[data-act="${focused}"]`);
    if (again instanceof HTMLElement) again.focus();
  }

  /** Write everything in the present language. */
  retranslate() {
    this.drawn = "";
    this.tell("");
    this.draw();
    if (this.asking) this.drawForm();
  }

  /**
   * @param {Act} name
   * @param {string} text
   * @param {string} key
   * @param {string} rank
   */
  button(name, text, key, rank) {
    const busy = this.sending;
    return h(
      "button",
      { type: "button", class: rank, "data-act": name, "aria-disabled": busy ? "true" : null,
        "aria-keyshortcuts": key, onclick: () => this.start(name) }, // prettier-ignore
      busy ? t("act.sending") : text,
      h("kbd", { translate: "no", "aria-hidden": "true" }, key),
    );
  }

  /**
   * Begin an act: an acknowledgement by somebody known goes at once, everything else asks.
   *
   * @param {Act} name
   */
  start(name) {
    if (this.sending || !this.card) return;
    if (!this.card.actions.includes(name)) {
      this.tell(t("act.notNow"), "refused");
      return;
    }
    this.tell("");
    this.ask(name);
    if (name === "ack" && desk.name && !this.needsToken) void this.send();
    else this.drawForm();
  }

  /** @param {Act|null} name */
  ask(name) {
    this.asking = name;
    if (name === null) {
      const inside = this.form.contains(document.activeElement);
      this.form.hidden = true;
      this.form.replaceChildren();
      this.draw();
      if (inside) this.buttons.querySelector("button")?.focus();
    }
  }

  drawForm() {
    const kept = new FormData(this.form);
    const text = (/** @type {string} */ name) => String(kept.get(name) ?? "");
    const resolving = this.asking === "resolve";
    const naming = !desk.name;
    this.form.replaceChildren(
      ...(resolving ? [reasons(text("reason"))] : []),
      ...(resolving ? [field("note", t("act.note"), text("note"), 500)] : []),
      ...(naming ? [field("by", t("act.name"), text("by"), 80, "name")] : [this.knownAs()]),
      ...(this.needsToken ? [field("token", t("act.token"), text("token"), 500, "off", "password")] : []),
      h("div", { class: "buttons" },
        h("button", { type: "submit", class: "first" }, t(resolving ? "act.confirm" : "act.ackAs")),
        h("button", { type: "button", onclick: () => this.ask(null) }, t("act.cancel"), h("kbd", { translate: "no" }, "Esc"))), // prettier-ignore
    );
    this.form.hidden = false;
    this.draw();
    /** @type {HTMLElement|null} */ (this.form.querySelector("input"))?.focus();
  }

  /** Who acts, with a way to say that it is somebody else now. */
  knownAs() {
    const forget = () => {
      desk.name = "";
      this.drawForm();
    };
    return h("p", { class: "as" }, ...around(t("act.as", { name: SLOT }), h("b", { translate: "no" }, desk.name)), " ",
      h("button", { type: "button", class: "quiet", onclick: forget }, t("act.change"))); // prettier-ignore
  }

  async send() {
    const card = this.card;
    const name = this.asking;
    if (!card || !name || this.sending) return;
    const given = new FormData(this.form);
    const by = desk.name || String(given.get("by") ?? "").trim();
    const reason = String(given.get("reason") ?? "");
    if (!by) return this.complain(t("act.nameMissing"), "by");
    if (name === "resolve" && !reason) return this.complain(t("act.reasonMissing"), "reason");
    desk.name = by;
    if (given.get("token")) desk.token = String(given.get("token"));
    const note = String(given.get("note") ?? "").trim() || null;
    const body = { by, note, version: card.version, ...(name === "resolve" ? { reason } : {}) };
    this.sending = true;
    this.tell(t("act.sending"));
    this.draw();
    const answer = await act(card.id, name, body, desk.token);
    this.sending = false;
    this.answered(card, name, answer);
  }

  /**
   * @param {Card} card
   * @param {Act} name
   * @param {import("./api.js").Answer} answer
   */
  answered(card, name, answer) {
    const here = this.card?.id === card.id;
    if (here) {
      if (answer.outcome === "token") {
        this.needsToken = true;
        this.tell(t("act.token"), "refused");
        this.drawForm();
      } else if (answer.outcome === "unreachable") {
        this.tell(t("act.unreachable"), "refused");
        if (this.form.hidden) this.ask(null);
      } else if (answer.outcome === "refused") {
        const words = [say(answer.error), say(answer.mend)].filter(Boolean).join(". ");
        this.tell(t("act.refused"), "refused", words);
        this.ask(null);
      } else {
        this.needsToken = false;
        this.tell(t(name === "ack" ? "act.done.ack" : "act.done.resolve"));
        this.ask(null);
      }
    }
    if (answer.card) this.changed(answer.card);
    this.draw();
  }

  /**
   * @param {string} text
   * @param {string} field
   */
  complain(text, field) {
    this.tell(text, "refused");
    if (this.form.hidden) this.drawForm();
    /** @type {HTMLElement|null} */ (this.form.querySelector(`[name=${field}]`))?.focus();
  }

  /**
   * @param {string} text
   * @param {string} [tone]
   * @param {string} [quoted] the server's own words
   */
  tell(text, tone = "", quoted = "") {
    this.said.className = `said ${tone}`.trim();
    if (!quoted) write(this.said, text);
    else this.said.replaceChildren(text, " ", h("q", { translate: "no" }, quoted));
  }
}

/** @param {string} chosen */
function reasons(chosen) {
  return h(
    "fieldset",
    {},
    h("legend", {}, t("act.reason")),
    ...REASONS.map((reason) =>
      h("label", { class: "choice" },
        h("input", { type: "radio", name: "reason", value: reason, checked: reason === chosen }),
        h("span", {}, t(`reason.${reason}`)))), // prettier-ignore
  );
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} value
 * @param {number} longest
 * @param {string} [complete]
 * @param {string} [type]
 */
function field(name, label, value, longest, complete = "off", type = "text") {
  return h("label", { class: "field" }, h("span", {}, label),
    h("input", { type, name, value, maxlength: longest, autocomplete: complete })); // prettier-ignore
}
