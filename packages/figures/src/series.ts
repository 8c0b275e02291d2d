import { isMatrix, type PlotData, type PlotSpecification, type Point } from "@gradus/papers";

/** A series with the style given by its position. */
export interface DrawnSeries {
  readonly name: string;
  readonly role: "method" | "other" | "reference" | "stem" | "arrow";
  readonly color: string;
  readonly width: number;
  /** A dash pattern, in pixels. */
  readonly dash?: string;
  /** Whether dots and bars are outlined: from the palette's second round on. */
  readonly hollow: boolean;
  readonly points: readonly Point[];
}

const PALETTE = 5;
/** Dash patterns by round of the palette, which repeats after its last color. */
const DASHES_OF_ROUNDS = [undefined, "7 3", "2 2.5"];
const DASHES_OF_REFERENCES = ["3 4", "9 4", "1 3"];

/**
 * The series of a plot that have points, in palette order: first those that the plot names (the paper's method first
 * and thickest), then others in order of appearance, then references, thin and dashed; those in pieces, such as level
 * lines, are thinner and solid. After five colors the palette repeats with dashes and outlines. A variant of another series has its color, dashed. `expected` series are included
 * before they have points.
 */
export function drawnSeries(
  plot: PlotSpecification,
  data: PlotData,
  expected: readonly string[] = [],
): DrawnSeries[] {
  const { references = [], stems = [], arrows = [], variants = {} } = plot;
  const pointsOf = (name: string): readonly Point[] => {
    const one = data[name] ?? [];
    return isMatrix(one) ? [] : one;
  };
  const named = [...(plot.series ?? []), ...expected, ...Object.keys(data)].filter(
    (name) => !references.includes(name),
  );
  const names = [...new Set(named)];
  const isVariant = (name: string) => Object.hasOwn(variants, name) && names.includes(variants[name]);
  const colored = names.filter((name) => !isVariant(name));
  const own = names.map((name): DrawnSeries => {
    const i = colored.indexOf(isVariant(name) ? variants[name] : name);
    return {
      name,
      role: stems.includes(name)
        ? "stem"
        : arrows.includes(name)
          ? "arrow"
          : name === colored[0]
            ? "method"
            : "other",
      color: `var(--series-${(i % PALETTE) + 1})`,
      width: name === colored[0] ? 3 : 1.8,
      dash: DASHES_OF_ROUNDS[(Math.floor(i / PALETTE) + Number(isVariant(name))) % DASHES_OF_ROUNDS.length],
      hollow: i >= PALETTE || isVariant(name),
      points: pointsOf(name),
    };
  });
  const lines = references.map((name, i): DrawnSeries => {
    const points = pointsOf(name);
    const inPieces = points.some(({ piece }) => piece !== undefined);
    return {
      name,
      role: "reference",
      color: "var(--muted)",
      width: inPieces ? 0.6 : 1.2,
      dash: inPieces ? undefined : DASHES_OF_REFERENCES[i % DASHES_OF_REFERENCES.length],
      hollow: false,
      points,
    };
  });
  return [...own, ...lines].filter(({ name, points }) => points.length > 0 || expected.includes(name));
}

/** A point with finite coordinates. */
export interface DrawnPoint {
  readonly x: number;
  readonly y: number;
  readonly label?: string;
  readonly piece?: number;
}

/** The points that fit the axes: finite, and positive on logarithmic axes. */
export function drawablePoints(plot: PlotSpecification, points: readonly Point[]): DrawnPoint[] {
  const fits = (value: number, scale?: "linear" | "log") =>
    Number.isFinite(value) && (scale !== "log" || value > 0);
  const places: DrawnPoint[] = [];
  for (const { x, y, label, piece } of points)
    if (typeof x === "number" && fits(x, plot.x.scale) && fits(y, plot.y.scale))
      places.push({ x, y, label, piece });
  return places;
}

/**
 * Thins a line to about `2 * buckets` points without changing its look: keeps the ends and, of each run of neighbors,
 * the lowest and the highest point in their order.
 */
export function thinned(places: readonly DrawnPoint[], buckets: number): readonly DrawnPoint[] {
  if (places.length <= 2 * buckets + 2) return places;
  const inner = places.length - 2;
  const kept: DrawnPoint[] = [places[0]];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = 1 + Math.floor((bucket * inner) / buckets);
    const to = 1 + Math.floor(((bucket + 1) * inner) / buckets);
    let low = from;
    let high = from;
    for (let i = from + 1; i < to; i++) {
      if (places[i].y < places[low].y) low = i;
      if (places[i].y > places[high].y) high = i;
    }
    kept.push(places[Math.min(low, high)]);
    if (low !== high) kept.push(places[Math.max(low, high)]);
  }
  kept.push(places[places.length - 1]);
  return kept;
}

/** The rightmost point of a line. */
export function rightEnd(places: readonly DrawnPoint[]): DrawnPoint {
  return places.reduce((end, place) => (place.x >= end.x ? place : end));
}
