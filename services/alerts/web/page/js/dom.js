/** Small hands for the page's tree: make, fill, change only what differs. No inline styles. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {Node|string|null|undefined|false} Child
 * @typedef {Record<string, string|number|boolean|null|undefined|EventListener>} Props
 */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Props} [props] attributes; `on...` functions become listeners; false and null are left out
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/**
 * @param {string} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function s(tag, props = {}, ...children) {
  return fill(/** @type {SVGElement} */ (document.createElementNS(SVG, tag)), props, children);
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Props} props
 * @param {Child[]} children
 * @returns {E}
 */
function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else set(element, name, value);
  }
  for (const child of children) if (child || child === "") element.append(child);
  return element;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string|number|boolean|null|undefined} value
 */
export function set(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else {
    const text = value === true ? "" : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/**
 * Write a text only where it differs, so that nothing is announced or painted twice.
 *
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function find(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return /** @type {HTMLElement} */ (found);
}

/**
 * Put children into an order with the fewest moves; elements already in place are not touched.
 *
 * @param {Element} parent
 * @param {readonly Element[]} wanted
 */
export function reorder(parent, wanted) {
  const active = /** @type {HTMLElement|null} */ (document.activeElement);
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
  // A moved element loses the focus it had.
  if (active && active !== document.activeElement && parent.contains(active)) {
    active.focus({ preventScroll: true });
  }
}

/** What stands in a sentence where an element shall stand. */
export const SLOT = "\u0000";

/**
 * A sentence with an element in its slot.
 *
 * @param {string} sentence
 * @param {Node} element
 * @returns {(string|Node)[]}
 */
export function around(sentence, element) {
  const [before = "", after = ""] = sentence.split(SLOT);
  return [before, element, after];
}
