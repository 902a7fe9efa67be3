/** Every request the page makes. Addresses are relative, so it also lives under a path. */

/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").Snapshot} Snapshot */

const PAGE_CARDS = 200;
/** More open incidents than this are counted, not listed: no hand works through them. */
export const CARDS_MAX = 2000;
const PATIENCE_MS = 10_000;

/** @param {string} path */
function address(path) {
  return new URL(path, document.baseURI).toString();
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
function ask(path, options = {}) {
  return fetch(address(path), { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
}

/** @param {string} path */
async function read(path) {
  const answer = await ask(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/**
 * All open incidents. The number of the first page counts: whatever changes while the next
 * pages are read comes again on the feed.
 *
 * @returns {Promise<{open: Snapshot, closed: Card[]}>}
 */
export async function readIncidents() {
  /** @type {Snapshot} */
  const first = await read(`api/v1/incidents?state=open&limit=${PAGE_CARDS}`);
  const incidents = [...first.incidents];
  let cursor = first.cursor;
  while (cursor && incidents.length < CARDS_MAX) {
    const more = await read(
      `api/v1/incidents?state=open&limit=${PAGE_CARDS}&cursor=${encodeURIComponent(cursor)}`,
    );
    incidents.push(...more.incidents);
    cursor = more.cursor;
  }
  const closed = await read("api/v1/incidents?state=resolved&limit=20");
  return { open: { ...first, incidents }, closed: closed.incidents };
}

/**
 * @param {string} id
 * @returns {Promise<import("./types.js").Detail>}
 */
export function readDetail(id) {
  return read(`api/v1/incidents/${encodeURIComponent(id)}`);
}

/** @returns {Promise<import("./types.js").City>} */
export function readCity() {
  return read("api/v1/assets");
}

/** @param {number} after */
export function feedAddress(after) {
  return address(`api/v1/feed?after=${after}`);
}

/**
 * @typedef {object} Answer
 * @property {"done"|"refused"|"token"|"unreachable"} outcome
 * @property {Card|null} card the incident as it is now, where the server said so
 * @property {import("./types.js").Words|string} error the server's own words
 * @property {import("./types.js").Words|string} mend
 */

/**
 * Acknowledge or resolve. Never throws: what went wrong is the answer.
 *
 * @param {string} id
 * @param {"ack"|"resolve"} act
 * @param {Record<string, unknown>} body
 * @param {string} token
 * @returns {Promise<Answer>}
 */
export async function act(id, act, body, token) {
  /** @type {Record<string, string>} */
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  try {
    const path = `api/v1/incidents/${encodeURIComponent(id)}/${act}`;
    const answer = await ask(path, { method: "POST", headers, body: JSON.stringify(body) });
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return { outcome: "done", card: said, error: "", mend: "" };
    const outcome = answer.status === 401 || answer.status === 403 ? "token" : "refused";
    const error = said.error ?? said.detail ?? `HTTP ${answer.status}`;
    const words = Array.isArray(error) ? error.map((one) => one.msg).join("; ") : error;
    return { outcome, card: said.card ?? null, error: words, mend: said.mend ?? "" };
  } catch {
    return { outcome: "unreachable", card: null, error: "", mend: "" };
  }
}
