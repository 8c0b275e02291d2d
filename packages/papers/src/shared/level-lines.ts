import type { Point } from "../experiment.ts";

export interface LevelLineOptions {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly levels: readonly number[];
  /** Cells of the grid along each axis. */
  readonly cells: number;
  /** Points closer than this to the line through their neighbors are left out. */
  readonly tolerance: number;
}

type Place = readonly [number, number];

/**
 * Level lines of a function on a rectangle, for a figure: marching squares (Lorensen and Cline, 1987, in two dimensions)
 * with linear interpolation, simplified by the method of Douglas and Peucker (1973). Each connected line is a piece.
 */
export function levelLines(
  f: (x: number, y: number) => number,
  { x: [left, right], y: [bottom, top], levels, cells, tolerance }: LevelLineOptions,
): Point[] {
  const n = cells + 1;
  const across = Array.from({ length: n }, (_, i) => left + ((right - left) * i) / cells);
  const up = Array.from({ length: n }, (_, j) => bottom + ((top - bottom) * j) / cells);
  const values = up.flatMap((y) => across.map((x) => f(x, y)));
  const pieces = levels.flatMap((level) =>
    chained(crossings(values, n, level)).map((line) =>
      simplified(line, (tolerance / (right - left)) * cells),
    ),
  );
  return pieces.flatMap((line, piece) =>
    line.map(([i, j]) => ({
      x: left + ((right - left) * i) / cells,
      y: bottom + ((top - bottom) * j) / cells,
      piece,
    })),
  );
}

/** Where a level line crosses an edge of the grid, in units of cells. */
interface Crossing {
  readonly edge: string;
  readonly place: Place;
}
type Segment = readonly [Crossing, Crossing];

/** The segments of a level line in the cells. */
function crossings(values: readonly number[], n: number, level: number): Segment[] {
  const at = (i: number, j: number) => values[j * n + i] - level;
  const crossing = (a: Place, b: Place): Crossing => {
    const t = at(...a) / (at(...a) - at(...b));
    return { edge: `${a} ${b}`, place: [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])] };
  };
  const segments: Segment[] = [];
  for (let j = 0; j + 1 < n; j++)
    for (let i = 0; i + 1 < n; i++) {
      const [a, b, c, d]: readonly Place[] = [
        [i, j],
        [i + 1, j],
        [i + 1, j + 1],
        [i, j + 1],
      ];
      const above = [a, b, c, d].map((corner) => at(...corner) >= 0);
      const edges: readonly (readonly [Place, Place])[] = [
        [a, b],
        [b, c],
        [d, c],
        [a, d],
      ];
      const crossed = edges
        .filter((_, k) => above[k] !== above[(k + 1) % 4])
        .map(([from, to]) => crossing(from, to));
      if (crossed.length === 2) segments.push([crossed[0], crossed[1]]);
      if (crossed.length < 4) continue;
      // A saddle: the mean decides which corners belong together.
      const high = [a, b, c, d].reduce((sum, corner) => sum + at(...corner), 0) >= 0;
      const [below, right, over, left] = crossed;
      if (high === above[0]) segments.push([below, right], [over, left]);
      else segments.push([left, below], [right, over]);
    }
  return segments;
}

/** Joins segments at shared edges to lines; a closed line ends where it begins. */
function chained(segments: readonly Segment[]): Place[][] {
  const byEdge = new Map<string, number[]>();
  for (const [k, segment] of segments.entries())
    for (const { edge } of segment) byEdge.set(edge, [...(byEdge.get(edge) ?? []), k]);
  const used = new Set<number>();
  const follow = (from: Crossing): Place[] => {
    const line: Place[] = [];
    let { edge } = from;
    for (;;) {
      const k = byEdge.get(edge)?.find((one) => !used.has(one));
      if (k === undefined) return line;
      used.add(k);
      const next = segments[k][0].edge === edge ? segments[k][1] : segments[k][0];
      line.push(next.place);
      edge = next.edge;
    }
  };
  const lines: Place[][] = [];
  for (const [k, [start]] of segments.entries()) {
    if (used.has(k)) continue;
    const forward = follow(start);
    lines.push([...follow(start).reverse(), start.place, ...forward]);
  }
  return lines;
}

/** A line without the points that are within a distance of it. */
function simplified(line: readonly Place[], distance: number): readonly Place[] {
  if (line.length < 3) return line;
  const [first, last] = [line[0], line[line.length - 1]];
  const [dx, dy] = [last[0] - first[0], last[1] - first[1]];
  const length = Math.hypot(dx, dy);
  const away = ([i, j]: Place) =>
    length === 0
      ? Math.hypot(i - first[0], j - first[1])
      : Math.abs(dx * (j - first[1]) - dy * (i - first[0])) / length;
  let farthest = 1;
  for (let k = 2; k + 1 < line.length; k++) if (away(line[k]) > away(line[farthest])) farthest = k;
  if (away(line[farthest]) <= distance) return [first, last];
  const [head, tail] = [line.slice(0, farthest + 1), line.slice(farthest)];
  return [...simplified(head, distance).slice(0, -1), ...simplified(tail, distance)];
}
