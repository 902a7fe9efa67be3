/**
 * The live line to the server. Silence for three seconds is a lost connection, whatever the
 * browser believes; it heals by itself and asks for everything after the last change it saw.
 */

/** The server pulses every two seconds. */
export const SILENCE_MS = 3000;
const RETRY_MS = [250, 500, 1000, 2000, 4000];

/**
 * @typedef {object} Ear
 * @property {() => string} address where to listen, naming the last change seen
 * @property {(card: import("./types.js").Card) => void} change
 * @property {(pulse: import("./types.js").Pulse) => void} pulse
 * @property {() => void} reset the server no longer has what was missed: read the list again
 * @property {(live: boolean) => void} state
 */

export class Feed {
  /** @param {Ear} ear */
  constructor(ear) {
    this.ear = ear;
    this.live = true;
    this.tries = 0;
    /** @type {EventSource|null} */
    this.source = null;
    /** @type {number|undefined} the line counts as lost when this runs out */
    this.silence = undefined;
    /** @type {number|undefined} this connection is given up when this runs out */
    this.patience = undefined;
    /** @type {number|undefined} */
    this.retry = undefined;
    this.waitForWord();
  }

  /** Listen from here on; closes what was open. */
  open() {
    this.close();
    const source = new EventSource(this.ear.address());
    this.source = source;
    this.patience = setTimeout(() => this.again(), SILENCE_MS);
    source.addEventListener("incident", (event) => {
      this.heard();
      this.ear.change(JSON.parse(event.data));
    });
    source.addEventListener("pulse", (event) => {
      this.heard();
      this.ear.pulse(JSON.parse(event.data));
    });
    source.addEventListener("reset", () => {
      this.close();
      this.ear.reset();
    });
    source.addEventListener("error", () => this.again());
  }

  close() {
    this.source?.close();
    this.source = null;
    clearTimeout(this.patience);
    clearTimeout(this.retry);
  }

  /** Try now instead of at the next turn: the network is back, or somebody looks again. */
  hurry() {
    if (!this.live) {
      this.tries = 0;
      this.open();
    }
  }

  /** Something arrived: the line is alive. */
  heard() {
    this.tries = 0;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.again(), SILENCE_MS);
    this.waitForWord();
    if (!this.live) {
      this.live = true;
      this.ear.state(true);
    }
  }

  /** Only a word from the server starts this anew, never a mere attempt to connect. */
  waitForWord() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.live = false;
      this.ear.state(false);
    }, SILENCE_MS);
  }

  /** The line broke or went silent: open a new one, soon at first, then more patiently. */
  again() {
    this.close();
    const wait = RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)];
    this.tries += 1;
    this.retry = setTimeout(() => this.open(), wait);
  }
}
