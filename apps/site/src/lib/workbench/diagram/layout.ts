import { spread } from "./spread.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A drawing of boxes in layers, each above what it leads to. */
export interface Layout extends Size {
  /** The middle of each box's upper edge. */
  readonly places: readonly { readonly x: number; readonly y: number; readonly layer: number }[];
  /** A curve for each edge, as the d of an SVG path. */
  readonly curves: readonly string[];
}

/** Between two layers, and between two boxes of a layer. */
const LAYER_GAP = 26;
const BOX_GAP = 18;
/** The room of an edge that passes a layer. */
const PASSAGE = 10;
/** Edges that pass a layer make room for boxes, which stay in straight columns. */
const PASSAGE_WEIGHT = 0.1;
const SWEEPS = 8;

/** A place in a layer: a box, or where an edge passes. */
interface Item {
  readonly layer: number;
  readonly width: number;
  readonly weight: number;
  readonly above: number[];
  readonly below: number[];
  x: number;
}

/** The longest path to each box; what nothing leads to stands right above what it leads to. */
function layersOf(count: number, edges: readonly (readonly [number, number])[]): number[] {
  const layers = new Array<number>(count).fill(0);
  const into = new Array<number>(count).fill(0);
  const outOf: number[][] = Array.from({ length: count }, () => []);
  for (const [from, to] of edges) {
    outOf[from].push(to);
    into[to] += 1;
  }
  for (let from = 0; from < count; from++)
    for (const to of outOf[from]) layers[to] = Math.max(layers[to], layers[from] + 1);
  for (let k = 0; k < count; k++)
    if (into[k] === 0 && outOf[k].length > 0) layers[k] = Math.min(...outOf[k].map((to) => layers[to])) - 1;
  return layers;
}

/** Items by layer, and for each edge the items that it passes from end to end. */
function itemsOf(sizes: readonly Size[], edges: readonly (readonly [number, number])[], layers: number[]) {
  const items: Item[] = sizes.map(({ width }, k) => ({
    layer: layers[k],
    width,
    weight: 1,
    above: [],
    below: [],
    x: 0,
  }));
  const chains = edges.map(([from, to]) => {
    const chain = [from];
    for (let layer = layers[from] + 1; layer < layers[to]; layer++) {
      chain.push(items.length);
      items.push({ layer, width: PASSAGE, weight: PASSAGE_WEIGHT, above: [], below: [], x: 0 });
    }
    chain.push(to);
    for (let k = 0; k + 1 < chain.length; k++) {
      items[chain[k]].below.push(chain[k + 1]);
      items[chain[k + 1]].above.push(chain[k]);
    }
    return chain;
  });
  return { items, chains };
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/** Orders each layer by the mean place of its neighbors in the layer before, down and up again. */
function order(layers: number[][], items: readonly Item[]): void {
  const place = new Float64Array(items.length);
  const settle = (layer: readonly number[]) => {
    layer.forEach((k, i) => {
      place[k] = i;
    });
  };
  layers.forEach(settle);
  const sweep = (layer: number[], neighbors: "above" | "below") => {
    const wanted = new Map(
      layer.map((k) => {
        const others = items[k][neighbors];
        return [k, others.length > 0 ? mean(others.map((other) => place[other])) : place[k]] as const;
      }),
    );
    layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    settle(layer);
  };
  for (let k = 0; k < SWEEPS; k++)
    if (k % 2 === 0) for (const layer of layers) sweep(layer, "above");
    else for (const layer of layers.toReversed()) sweep(layer, "below");
}

/**
 * Moves items near the middle of their neighbors without changing their order: at last of those above, so that chains
 * are straight.
 */
function align(layers: readonly number[][], items: readonly Item[]): void {
  const move = (layer: readonly number[], neighbors: "above" | "below") => {
    const wanted = layer.map((k) => {
      const others = items[k][neighbors];
      return others.length > 0 ? mean(others.map((other) => items[other].x)) : items[k].x;
    });
    const distances = layer.slice(1).map((k, i) => (items[layer[i]].width + items[k].width) / 2 + BOX_GAP);
    const weights = layer.map((k) => items[k].weight);
    spread(wanted, distances, weights).forEach((x, i) => {
      items[layer[i]].x = x;
    });
  };
  for (let k = 0; k < SWEEPS; k++) {
    for (const layer of layers) move(layer, "above");
    for (const layer of layers.toReversed()) move(layer, "below");
  }
  for (const layer of layers) move(layer, "above");
}

const round = (x: number) => Math.round(10 * x) / 10;

/** A curve through the given columns: straight down through a layer, in an S between layers. */
function curve(
  points: readonly { readonly x: number; readonly top: number; readonly bottom: number }[],
): string {
  const parts = [`M${round(points[0].x)},${round(points[0].bottom)}`];
  for (let k = 1; k < points.length; k++) {
    const [from, to] = [points[k - 1], points[k]];
    const middle = round((from.bottom + to.top) / 2);
    parts.push(
      from.x === to.x
        ? `V${round(to.top)}`
        : `C${round(from.x)},${middle} ${round(to.x)},${middle} ${round(to.x)},${round(to.top)}`,
    );
    if (k + 1 < points.length) parts.push(`V${round(to.bottom)}`);
  }
  return parts.join("");
}

/**
 * Lays boxes out in layers: by the longest path to each, with few crossings by barycenters (Sugiyama, Tagawa & Toda
 * 1981), near the middle of what they are connected to.
 *
 * @param edges from an earlier box to a later one
 */
export function layOut(sizes: readonly Size[], edges: readonly (readonly [number, number])[]): Layout {
  if (sizes.length === 0) return { width: 0, height: 0, places: [], curves: [] };
  const layerOf = layersOf(sizes.length, edges);
  const { items, chains } = itemsOf(sizes, edges, layerOf);
  const first = Math.min(...layerOf);
  const layers: number[][] = Array.from({ length: Math.max(...layerOf) - first + 1 }, () => []);
  items.forEach(({ layer }, k) => {
    layers[layer - first].push(k);
  });
  order(layers, items);
  align(layers, items);
  const heights = layers.map((layer) =>
    Math.max(...layer.map((k) => (k < sizes.length ? sizes[k].height : 0))),
  );
  const tops: number[] = [];
  let y = 0;
  for (const height of heights) {
    tops.push(y);
    y += height + LAYER_GAP;
  }
  const left = Math.min(...items.map(({ x, width }) => x - width / 2));
  const right = Math.max(...items.map(({ x, width }) => x + width / 2));
  const extent = (k: number) => {
    const layer = items[k].layer - first;
    const height = k < sizes.length ? sizes[k].height : heights[layer];
    return { x: items[k].x - left, top: tops[layer], bottom: tops[layer] + height };
  };
  return {
    width: right - left,
    height: y - LAYER_GAP,
    places: sizes.map((_, k) => {
      const { x, top } = extent(k);
      return { x: round(x), y: top, layer: items[k].layer - first };
    }),
    curves: chains.map((chain) => curve(chain.map(extent))),
  };
}
