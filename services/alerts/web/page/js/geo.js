/** From degrees to a flat picture, and where labels find room. Pure. */

/** @typedef {[number, number]} Point */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

/** The picture's longer side, in the units everything is drawn in. */
const WORLD = 1000;

/**
 * Every position of a GeoJSON geometry.
 *
 * @param {{type: string, coordinates: any}|null|undefined} geometry
 * @returns {Point[]}
 */
export function positions(geometry) {
  if (!geometry) return [];
  if (geometry.type === "Point") return [geometry.coordinates];
  if (geometry.type === "LineString") return geometry.coordinates;
  return geometry.type === "Polygon" ? geometry.coordinates[0] : [];
}

/**
 * The middle of some positions: of a closed ring, its first position counts once.
 *
 * @param {Point[]} points
 * @returns {Point}
 */
export function middle(points) {
  const first = points[0];
  const last = points[points.length - 1];
  const closed = points.length > 3 && first && last && first[0] === last[0] && first[1] === last[1];
  const own = closed ? points.slice(1) : points;
  const sum = own.reduce(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
  return [(sum[0] ?? 0) / own.length, (sum[1] ?? 0) / own.length];
}

/**
 * A flat projection that keeps shapes true at the city's latitude.
 *
 * @param {Point[]} points all that must fit
 * @returns {(point: Point) => Point}
 */
export function projection(points) {
  const lons = points.map((point) => point[0]);
  const lats = points.map((point) => point[1]);
  const [west, east] = [Math.min(...lons), Math.max(...lons)];
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const size = Math.max((east - west) * narrow, north - south) || 1;
  const scale = WORLD / size;
  return ([lon, lat]) => [(lon - west) * narrow * scale, (north - lat) * scale];
}

/**
 * @param {Point[]} points
 * @returns {Box}
 */
export function extent(points) {
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  return {
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs),
    bottom: Math.max(...ys),
  };
}

/**
 * @param {Box} a
 * @param {Box} b
 */
export function touch(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** About how wide a text is at 13 px; Chinese characters are square. @param {string} text */
export function textWidth(text) {
  let width = 0;
  for (const letter of text) width += letter.charCodeAt(0) > 0x2e80 ? 13.5 : 7.2;
  return width;
}

/**
 * Where a label fits beside its mark without lying on another one; null where nowhere.
 *
 * @param {Point} at
 * @param {string} text
 * @param {number} gap from the mark's middle
 * @param {Box[]} taken boxes already used; the label's own is added
 * @param {Box} frame labels stay inside
 * @returns {{x: number, y: number, anchor: string}|null}
 */
export function placeLabel([x, y], text, gap, taken, frame) {
  const width = textWidth(text);
  const tries = [
    { x: x + gap, y: y + 5, anchor: "start", left: x + gap },
    { x: x - gap, y: y + 5, anchor: "end", left: x - gap - width },
    { x, y: y - gap, anchor: "middle", left: x - width / 2 },
    { x, y: y + gap + 12, anchor: "middle", left: x - width / 2 },
  ];
  for (const one of tries) {
    const box = { left: one.left - 2, right: one.left + width + 2, top: one.y - 13, bottom: one.y + 4 };
    const inside = box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
    if (inside && !taken.some((other) => touch(box, other))) {
      taken.push(box);
      return { x: one.x, y: one.y, anchor: one.anchor };
    }
  }
  return null;
}
