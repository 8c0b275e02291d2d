import { type AnyMatrix, residentMatrix } from "@gradus/blas/dense";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { ascents, scoreRows } from "./ascents.ts";
import { Climber } from "./climb.ts";
import { cellDirections } from "./patterns.ts";
import type { Pieces } from "./pieces.ts";
import { type Factor, productInto, productTransposedInto, zeroMatrix } from "./products.ts";

/** A unit direction u and  h(u) = nu^T (X u)_+. */
export interface ScoredDirection {
  readonly direction: Float64Array;
  readonly score: number;
}

/** Unit directions by |h(u)|, the largest first. */
export interface WorstDirections {
  readonly directions: readonly ScoredDirection[];
  /** Whether the first is proved to be the largest. */
  readonly proved: boolean;
}

export interface WorstDirectionsOptions {
  readonly starts: number;
  readonly seed: number;
  /** Rows to start from, beside random ones. */
  readonly also: DenseMatrix;
  /**
   * `full`: every given row and the best of random ones climb to the end, one at a time; `coarse`: all of them climb some
   * steps together, and the best of these to the end.
   */
  readonly search: "coarse" | "full";
}

/** Random directions that are scored at a time. */
const CHUNK = 512;
/** Entries of the inputs of directions that are scored at a time. */
const BLOCK_ENTRIES = 4_000_000;

/** Scales each row to length 1; rows of zeros become the first axis. */
function normalizeRows({ rows, columns, values }: DenseMatrix): void {
  for (let i = 0; i < rows; i++) {
    const row = values.subarray(i * columns, (i + 1) * columns);
    let square = 0;
    for (const value of row) square += value * value;
    const length = Math.sqrt(square);
    if (length > 0) for (let j = 0; j < columns; j++) row[j] /= length;
    else row[0] = 1;
  }
}

/** One in this many random starts climbs: the best of each sign. */
const SCREEN = 20;

/** The best of random unit directions by h, as many for h as for -h. */
function* screened(X: Factor, nu: Float64Array, starts: number, seed: number): Pieces<ScoredDirection[]> {
  const d = X.plain.columns;
  const stream = randomStream(seed);
  const found: ScoredDirection[] = [];
  for (let first = 0; first < starts; first += CHUNK) {
    const rows = Math.min(CHUNK, starts - first);
    const directions = { rows, columns: d, values: stream.fillNormal(new Float64Array(rows * d)) };
    normalizeRows(directions);
    const inputs = zeroMatrix(rows, nu.length);
    const scores = new Float64Array(rows);
    productTransposedInto(directions, X, inputs);
    scoreRows(inputs, nu, scores);
    scores.forEach((score, i) => {
      found.push({ score, direction: directions.values.slice(i * d, (i + 1) * d) });
    });
    yield;
  }
  found.sort((a, b) => b.score - a.score);
  const kept = Math.ceil(starts / SCREEN);
  return [...found.slice(0, kept), ...found.slice(Math.max(kept, found.length - kept))];
}

/** Steps that directions of a coarse search climb together, and how many of them go on to the end. */
const COARSE_STEPS = 25;
const COARSE_ENDS = 40;

/** The ends of climbs from directions. */
function* climbed(
  X: Factor,
  nu: Float64Array,
  starts: readonly ScoredDirection[],
): Pieces<ScoredDirection[]> {
  const opposite = nu.map((value) => -value);
  const climber = new Climber(X.plain);
  const ends: ScoredDirection[] = [];
  for (const { score, direction: start } of starts) {
    const direction = start.slice();
    ends.push({
      score: score < 0 ? -climber.climb(opposite, direction) : climber.climb(nu, direction),
      direction,
    });
    yield;
  }
  return ends;
}

/** Rows as directions with their scores. */
const scoredRows = ({ columns: d, values }: DenseMatrix, scores: Float64Array): ScoredDirection[] =>
  Array.from(scores, (score, i) => ({ score, direction: values.slice(i * d, (i + 1) * d) }));

function* fullSearch(
  X: Factor,
  nu: Float64Array,
  { starts, seed, also }: WorstDirectionsOptions,
): Pieces<ScoredDirection[]> {
  const given = { ...also, values: also.values.slice() };
  normalizeRows(given);
  const inputs = zeroMatrix(given.rows, nu.length);
  const scores = new Float64Array(given.rows);
  productTransposedInto(given, X, inputs);
  scoreRows(inputs, nu, scores);
  const random = yield* screened(X, nu, starts, seed);
  return yield* climbed(X, nu, [...scoredRows(given, scores), ...random]);
}

function* coarseSearch(
  X: Factor,
  nu: Float64Array,
  { starts, seed, also }: WorstDirectionsOptions,
): Pieces<ScoredDirection[]> {
  const d = X.plain.columns;
  const rows = zeroMatrix(also.rows + starts, d);
  rows.values.set(also.values);
  randomStream(seed).fillNormal(rows.values.subarray(also.rows * d));
  normalizeRows(rows);
  const scores = yield* ascents(X, nu, rows, COARSE_STEPS);
  const found = byHeight(scoredRows(rows, scores));
  const ends = yield* climbed(X, nu, found.slice(0, COARSE_ENDS));
  return [...ends, ...found.slice(COARSE_ENDS)];
}

const byHeight = (directions: ScoredDirection[]) =>
  directions.sort((a, b) => Math.abs(b.score) - Math.abs(a.score));

/** Every direction at which |h| can be largest, where the design has one or two columns. */
function allCandidates(X: Factor, nu: Float64Array): ScoredDirection[] {
  const { cells, rays } = cellDirections(X.plain);
  const d = X.plain.columns;
  const block = Math.max(1, Math.floor(BLOCK_ENTRIES / nu.length));
  /** Scores directions, some at a time: their inputs are as many numbers as directions times rows. */
  function scored(
    directions: readonly Float64Array[],
    visit?: (inputs: DenseMatrix) => void,
  ): ScoredDirection[] {
    const found: ScoredDirection[] = [];
    for (let first = 0; first < directions.length; first += block) {
      const some = directions.slice(first, first + block);
      const matrix = zeroMatrix(some.length, d);
      some.forEach((direction, i) => {
        matrix.values.set(direction, i * d);
      });
      normalizeRows(matrix);
      const inputs = zeroMatrix(some.length, nu.length);
      const scores = new Float64Array(some.length);
      productTransposedInto(matrix, X, inputs);
      scoreRows(inputs, nu, scores);
      scores.forEach((score, i) => {
        found.push({ score, direction: matrix.values.slice(i * d, (i + 1) * d) });
      });
      visit?.(inputs);
    }
    return found;
  }
  // inside a cell h is linear: its extremes are at +-X^T D nu, if these are in the cell, or on the rays around it
  const extremes: Float64Array[] = [];
  const inside = scored(cells, (inputs) => {
    const gradients = zeroMatrix(inputs.rows, d);
    productInto(inputs, X, gradients);
    for (let i = 0; i < inputs.rows; i++) {
      const gradient = gradients.values.slice(i * d, (i + 1) * d);
      extremes.push(
        gradient,
        gradient.map((value) => -value),
      );
    }
  });
  return [...inside, ...scored(extremes), ...scored(rays)];
}

/**
 * Directions at which  |nu^T (X u)_+|, |u| = 1,  is large: all that can be the largest where the design has one or two
 * columns; otherwise the ends of local ascents from given rows and from random directions, for both signs.
 */
export function* worstDirections(
  design: DenseMatrix,
  nu: Float64Array,
  options: WorstDirectionsOptions,
): Pieces<WorstDirections> {
  const { rows: n, columns: d } = design;
  const proved = d <= 2;
  const large = !proved && n * d >= CHUNK;
  const resident: AnyMatrix = large ? residentMatrix(design) : design;
  const X: Factor = { plain: design, resident };
  const search = options.search === "full" ? fullSearch : coarseSearch;
  try {
    const found = proved ? allCandidates(X, nu) : yield* search(X, nu, options);
    return { directions: byHeight(found), proved };
  } finally {
    if (resident !== design && "dispose" in resident) resident.dispose();
  }
}
