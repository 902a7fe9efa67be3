/** The quiet part of the map: streets' names, links, assets. Drawn once per city, in grey. */

import { s } from "./dom.js";
import { middle, positions } from "./geo.js";

/** @typedef {import("./types.js").City} City */
/** @typedef {import("./geo.js").Point} Point */

/**
 * @typedef {object} Ground
 * @property {SVGElement[]} parts
 * @property {Map<string, SVGElement>} shapes the drawn shape of each asset
 * @property {Map<string, Point>} centres the middle of each asset, in the picture's units
 * @property {{at: Point, name: import("./types.js").Words}[]} names
 */

/**
 * @param {City} city
 * @param {(point: Point) => Point} project
 * @returns {Ground}
 */
export function ground(city, project) {
  /** @type {Map<string, SVGElement>} */
  const shapes = new Map();
  /** @type {Map<string, Point>} */
  const centres = new Map();
  /** @type {Map<string, SVGElement>} the floors of a tower share one outline */
  const drawn = new Map();
  for (const asset of city.assets) {
    const points = positions(asset.geometry).map(project);
    if (!asset.geometry || !points.length) continue;
    centres.set(asset.id, middle(points));
    const outline = path(points, asset.geometry.type);
    const shape =
      drawn.get(outline) ?? s("path", { class: `asset ${asset.kind} ${asset.geometry.type}`, d: outline });
    drawn.set(outline, shape);
    shapes.set(asset.id, shape);
  }
  const areas = city.areas.flatMap((area) => {
    const points = positions(area.geometry).map(project);
    return points.length > 2 ? [s("path", { class: `area ${area.kind}`, d: path(points, "Polygon") })] : [];
  });
  const order = (/** @type {SVGElement} */ shape) => Number(shape.classList.contains("Point"));
  const assets = [...new Set(shapes.values())].sort((a, b) => order(a) - order(b));
  return { parts: [...areas, ...links(city, centres), ...assets], shapes, centres, names: streets(city, centres) };
}

/**
 * @param {City} city
 * @param {Map<string, Point>} centres
 */
function links(city, centres) {
  return city.links.flatMap(({ a, b, kind }) => {
    const from = centres.get(a);
    const to = centres.get(b);
    if (!from || !to || (from[0] === to[0] && from[1] === to[1])) return [];
    return [s("path", { class: `link ${kind}`, d: path([from, to], "LineString") })];
  });
}

/**
 * A street's name stands in the middle of what belongs to it.
 *
 * @param {City} city
 * @param {Map<string, Point>} centres
 */
function streets(city, centres) {
  const parents = new Map(city.areas.map((area) => [area.id, area]));
  /** @type {Map<string, Point[]>} */
  const inside = new Map();
  for (const asset of city.assets) {
    const centre = centres.get(asset.id);
    let area = parents.get(asset.area);
    while (area && area.kind !== "street") area = parents.get(area.parent ?? "");
    if (centre && area) inside.set(area.id, [...(inside.get(area.id) ?? []), centre]);
  }
  return [...inside].map(([id, points]) => {
    const area = /** @type {City["areas"][number]} */ (parents.get(id));
    return { at: middle(points), name: area.name };
  });
}

/**
 * @param {Point[]} points
 * @param {string} type
 */
function path(points, type) {
  const line = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");
  // A dot is a line of no length: its round ends keep their size at every zoom.
  if (type === "Point") return `${line}h0`;
  return type === "Polygon" ? `${line}Z` : line;
}
