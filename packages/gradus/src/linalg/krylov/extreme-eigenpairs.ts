import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkLimit } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import type { LinearOperator } from "../operator/contract.ts";
import type { OperatorOrMatrix } from "../operator/matrix-operator.ts";
import { symmetricResidentOf } from "../operator/resident-operator.ts";
import { lanczos } from "./lanczos.ts";
import { ritzPairs, ritzValues } from "./ritz.ts";

export interface ExtremeEigenpairsOptions {
  /** How many eigenpairs. */
  readonly count: number;
  /** Which end of the spectrum; `magnitude`: the largest in size. */
  readonly which?: "largest" | "smallest" | "magnitude";
  /** A pair has converged when its residual is at most tolerance max(|theta|, 1e-3 max |theta|). */
  readonly tolerance?: number;
  /** Most Lanczos steps of a start, and vectors kept. */
  readonly maxSteps?: number;
  /** Of the start vector. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** Eigenpairs at an end of the spectrum, with how well each is known. */
export interface ExtremeEigenpairs {
  /** Descending, whichever end is requested. */
  readonly values: Float64Array;
  /** Unit eigenvectors. */
  readonly vectors: readonly Float64Array[];
  /** ||A v - value v||. */
  readonly residuals: Float64Array;
  /** True when every pair has converged and no other lies beyond them; else `maxSteps` came first. */
  readonly converged: boolean;
  /** Products with A. */
  readonly products: number;
}

interface Pair {
  readonly value: number;
  readonly vector: Float64Array;
  readonly residual: number;
}

interface Growth {
  readonly pairs: readonly Pair[];
  readonly steps: number;
  readonly converged: boolean;
}

interface GrowthOptions {
  readonly count: number;
  readonly preference: (value: number) => number;
  /** Only pairs whose values are preferred to this one are wanted. */
  readonly beyond?: number;
  readonly tolerance: number;
  readonly locked: { readonly vectors: readonly Float64Array[]; readonly size: number };
  readonly start: Float64Array;
  readonly maxSteps: number;
  readonly signal?: AbortSignal;
}

const CHECK_EVERY = 5;
/** Small eigenvalues are not held to more digits than this share of the largest has. */
const SMALLEST_SCALE = 1e-3;
/** Nothing lies beyond a value when the best residual is at most this share of the distance to it. */
const SHARE_OF_DISTANCE = 0.01;

const preferences: Record<"largest" | "smallest" | "magnitude", (value: number) => number> = {
  largest: (value) => value,
  smallest: (value) => -value,
  magnitude: Math.abs,
};

/** Lanczos until the wanted pairs, at most `count`, have converged, the space has ended or there are maxSteps. */
async function grow(A: LinearOperator, options: GrowthOptions): Promise<Growth> {
  const { count, preference, beyond, tolerance, maxSteps, locked, start, signal } = options;
  for await (const iterate of lanczos(A, { start, locked, signal })) {
    const { iteration: steps, invariant: whole } = iterate;
    const over = whole || steps >= maxSteps;
    if (steps === 0 || (!over && steps % CHECK_EVERY !== 0)) continue;
    const { values, residuals } = ritzValues(iterate);
    const order = Array.from(values.keys()).sort((a, b) => preference(values[b]) - preference(values[a]));
    const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), locked.size);
    const allowed = (value: number) => tolerance * Math.max(Math.abs(value), SMALLEST_SCALE * size);
    const lead = (value: number) => (beyond === undefined ? 0 : preference(value) - preference(beyond));
    const wanted = order
      .slice(0, count)
      .filter((j) => beyond === undefined || lead(values[j]) > allowed(beyond));
    const [best] = order;
    const converged =
      wanted.length > 0
        ? (wanted.length === count || beyond !== undefined) &&
          wanted.every((j) => residuals[j] <= allowed(values[j]))
        : residuals[best] <= Math.max(allowed(values[best]), -SHARE_OF_DISTANCE * lead(values[best]));
    if (!converged && !over) continue;
    // a whole space is taken out before the next start
    const { vectors, ...pairs } = ritzPairs(iterate, whole ? order : wanted);
    return {
      pairs: vectors.map((vector, j) => ({ vector, value: pairs.values[j], residual: pairs.residuals[j] })),
      steps,
      converged: converged || whole,
    };
  }
  throw new ArgumentError("maxSteps must be at least 1");
}

/**
 * Eigenpairs at an end of the spectrum of a symmetric A, by Lanczos with full reorthogonalization, grown until their
 * residuals meet the tolerance. A Krylov space has one vector for each distinct eigenvalue, so that for `count` > 1 the
 * process starts again on what is orthogonal to the pairs, until nothing there lies beyond the last of them: all copies of
 * multiple eigenvalues are found. Memory and time of each start are those of `lanczos`.
 *
 * @param matrix A, symmetric, n x n: a matrix, or an operator that says so
 * @returns eigenvalues in descending order, with their vectors
 * @throws ArgumentError, DataError when A is not symmetric, count is not an integer from 1 to n, maxSteps is smaller
 *   than count, or an option or its value is unknown
 * @throws ConvergenceError when a product is not finite
 */
export async function extremeEigenpairs(
  matrix: OperatorOrMatrix,
  options: ExtremeEigenpairsOptions,
): Promise<ExtremeEigenpairs> {
  const A = symmetricResidentOf("A", matrix);
  const n = A.rows;
  checkGivenOptions("extremeEigenpairs", options, [
    "count",
    "which",
    "tolerance",
    "maxSteps",
    "seed",
    "signal",
  ]);
  const { count, which = "largest", tolerance = 1e-8, seed = 0, signal } = options;
  checkIntegerWithin(1, n, { count });
  checkOneOf(["largest", "smallest", "magnitude"], { which });
  const { maxSteps = Math.max(300, 4 * count) } = options;
  checkIntegerWithin(count, Number.POSITIVE_INFINITY, { maxSteps });
  checkLimit({ tolerance });
  const preference = preferences[which];
  const stream = randomStream(seed);

  let products = 0;
  let found: Pair[] = [];
  for (;;) {
    const beyond = found[count - 1]?.value;
    const { pairs, steps, converged } = await grow(A, {
      count: Math.min(count, n - found.length),
      preference,
      beyond,
      tolerance,
      locked: {
        vectors: found.map((pair) => pair.vector),
        size: found.reduce((most, pair) => Math.max(most, Math.abs(pair.value)), 0),
      },
      start: stream.fillNormal(new Float64Array(n)),
      maxSteps: maxSteps - found.length,
      signal,
    });
    products += steps;
    found = [...found, ...pairs].sort((a, b) => preference(b.value) - preference(a.value));
    const enters = beyond === undefined || pairs.some(({ value }) => preference(value) > preference(beyond));
    const complete = found.length >= count && (count === 1 || !enters);
    if (converged && !complete && found.length < Math.min(n, maxSteps)) continue;
    const best = found.slice(0, count).sort((a, b) => b.value - a.value);
    return {
      values: Float64Array.from(best, (pair) => pair.value),
      vectors: best.map((pair) => pair.vector),
      residuals: Float64Array.from(best, (pair) => pair.residual),
      converged: converged && best.length === count,
      products,
    };
  }
}
