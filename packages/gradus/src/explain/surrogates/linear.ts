import { gemm } from "@gradus/blas/dense";
import { choleskySolve } from "../../linalg/factorize/cholesky.ts";
import { choleskyInPlace } from "../../linalg/factorize/cholesky-in-place.ts";
import { solveLeastSquares } from "../../linalg/least-squares.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { keptScratch } from "../scratch.ts";
import type { Design } from "./design.ts";
import type { ShiftedPerturbations } from "./shifted.ts";

/** g(xi) = w . xi + b. */
export interface LinearFit {
  readonly weights: Float64Array;
  readonly intercept: number;
  /** Parameters that the perturbations determine, the intercept included. */
  readonly rank: number;
}

/** The scores of a row as its fit needs them. */
export interface Targets {
  /** One number a perturbation. */
  readonly y: Float64Array;
  /** What is taken off y: g(0) where it is given, the weighted mean where there is an intercept, else 0. */
  readonly offset: number;
  /** sum_k pi_k (xi_k - center) (y_k - offset) of every feature. */
  readonly responses: Float64Array;
}

/** What a linear fit is asked. */
export interface LinearProblem {
  readonly targets: Targets;
  /** Features of weight that may be other than 0, ascending. */
  readonly active: Int32Array;
  readonly ridge: number;
  readonly lasso: number;
  readonly intercept: boolean;
  /** g(0) and g(1), exact. */
  readonly anchors?: { readonly none: number; readonly all: number };
}

/** Below this smallest diagonal of the factor of a unit-diagonal Gram matrix, QR takes over. */
const SMALLEST_PIVOT = 1e-3;

type Solve = (right: Float64Array) => Float64Array;

/** Solves with the triangle of the active features, scaled to unit diagonal; undefined where it is close to singular. */
function factored({ gram }: Design, active: Int32Array, ridge: number): Solve | undefined {
  const [d, m] = [gram.columns, active.length];
  const scale = new Float64Array(m);
  for (let a = 0; a < m; a++) {
    scale[a] = Math.sqrt(gram.values[active[a] * (d + 1)] + ridge);
    if (!(scale[a] > 0)) return undefined;
  }
  const factor = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b < a; b++)
      factor[a * m + b] = gram.values[active[a] * d + active[b]] / (scale[a] * scale[b]);
    factor[a * m + a] = 1;
  }
  if (choleskyInPlace(factor, m) < m) return undefined;
  for (let a = 0; a < m; a++) if (factor[a * m + a] < SMALLEST_PIVOT) return undefined;
  const L = { rows: m, columns: m, values: factor };
  return (right) => {
    const scaled = new Float64Array(m);
    for (let a = 0; a < m; a++) scaled[a] = right[a] / scale[a];
    const solution = choleskySolve({ L }, scaled);
    for (let a = 0; a < m; a++) solution[a] /= scale[a];
    return solution;
  };
}

/** The last factor of a design: rows that share one mostly share their active features. */
const lastFactors = new WeakMap<
  Design,
  { readonly active: Int32Array; readonly ridge: number; readonly solve: Solve | undefined }
>();

/** `factored`, once for rows with the same design and features. */
function solverOf(design: Design, active: Int32Array, ridge: number): Solve | undefined {
  const last = lastFactors.get(design);
  const same = last?.active.length === active.length && last.active.every((j, a) => j === active[a]);
  if (last && same && last.ridge === ridge) return last.solve;
  const solve = factored(design, active, ridge);
  lastFactors.set(design, { active, ridge, solve });
  return solve;
}

/** sqrt(pi_k) (xi_k - center) of the active features. */
function activeColumns({ xi, weights: pi, center }: Design, active: Int32Array): DenseMatrix {
  const { rows: count, columns: d, values } = xi;
  const m = active.length;
  const chosen = new Float64Array(count * m);
  for (let k = 0; k < count; k++) {
    const root = Math.sqrt(pi[k]);
    for (let a = 0; a < m; a++) chosen[k * m + a] = root * (values[k * d + active[a]] - center[active[a]]);
  }
  return { rows: count, columns: m, values: chosen };
}

/** min sum_k pi_k (y_k - w . xi_k - b)^2 + ridge ||w||^2 + lasso ||w||_1 by coordinate descent on the Gram matrix. */
function lassoWeights({ gram }: Design, active: Int32Array, c: Float64Array, ridge: number, lasso: number) {
  const [d, m] = [gram.columns, active.length];
  const entry = (a: number, b: number) =>
    gram.values[Math.max(active[a], active[b]) * d + Math.min(active[a], active[b])];
  const w = new Float64Array(m);
  const size = Math.sqrt(c.reduce((sum, value) => sum + value * value, 0));
  for (let sweep = 0; sweep < 10_000; sweep++) {
    let change = 0;
    for (let a = 0; a < m; a++) {
      const diagonal = entry(a, a) + ridge;
      if (diagonal <= 0) continue;
      let residual = c[a];
      for (let b = 0; b < m; b++) if (b !== a) residual -= entry(a, b) * w[b];
      const next =
        Math.abs(residual) <= lasso / 2 ? 0 : (residual - (Math.sign(residual) * lasso) / 2) / diagonal;
      change = Math.max(change, Math.abs(next - w[a]) * diagonal);
      w[a] = next;
    }
    if (change <= 1e-14 * size) break;
  }
  return w;
}

/** The numbers of the active features. */
function picked(all: Float64Array, active: Int32Array): Float64Array<ArrayBuffer> {
  const chosen = new Float64Array(active.length);
  for (let a = 0; a < active.length; a++) chosen[a] = all[active[a]];
  return chosen;
}

/** Weights over the active features as weights over all. */
function spread(weights: Float64Array, active: Int32Array, d: number): Float64Array<ArrayBuffer> {
  const all = new Float64Array(d);
  for (let a = 0; a < active.length; a++) all[active[a]] = weights[a];
  return all;
}

/**
 * With g(0) = b and g(1) = b + sum w given: the minimizer on that plane, w = u - v (sum u - D) / sum v with G u = c and
 * G v = 1.
 */
function anchoredFit(design: Design, problem: LinearProblem, none: number, all: number): LinearFit {
  const { active, ridge, targets } = problem;
  const [d, m] = [design.gram.columns, active.length];
  const total = all - none;
  if (m === 0) return { weights: new Float64Array(d), intercept: none, rank: 1 };
  if (m === 1) return { weights: spread(Float64Array.of(total), active, d), intercept: none, rank: 2 };
  const solve = solverOf(design, active, ridge);
  if (solve) {
    const u = solve(picked(targets.responses, active));
    const v = solve(new Float64Array(m).fill(1));
    const sum = (vector: Float64Array) => vector.reduce((a, b) => a + b, 0);
    const excess = (sum(u) - total) / sum(v);
    return {
      weights: spread(
        u.map((value, a) => value - v[a] * excess),
        active,
        d,
      ),
      intercept: none,
      rank: m + 1,
    };
  }
  // The last weight is the total less the others.
  const columns = activeColumns(design, active);
  const reduced = new Float64Array(columns.rows * (m - 1));
  const target = new Float64Array(columns.rows);
  for (let k = 0; k < columns.rows; k++) {
    const last = columns.values[k * m + m - 1];
    for (let a = 0; a < m - 1; a++) reduced[k * (m - 1) + a] = columns.values[k * m + a] - last;
    target[k] = Math.sqrt(design.weights[k]) * (targets.y[k] - none) - last * total;
  }
  const { x, rank } = solveLeastSquares({ rows: columns.rows, columns: m - 1, values: reduced }, target, {
    ridge,
  });
  const weights = Float64Array.from({ length: m }, (_, a) =>
    a < m - 1 ? x[a] : total - x.reduce((s, v) => s + v, 0),
  );
  return { weights: spread(weights, active, d), intercept: none, rank: rank + 2 };
}

/** A row whose scores are fitted. */
export interface ScoredRow {
  readonly design: Design;
  /** One number a perturbation. */
  readonly y: Float64Array;
  /** What is taken off y; its weighted mean by default. */
  readonly offset?: number;
}

/** sum_k pi_k y_k. */
export function weightedMean(pi: Float64Array, y: Float64Array): number {
  let mean = 0;
  for (let k = 0; k < pi.length; k++) mean += pi[k] * y[k];
  return mean;
}

const targetMemory = keptScratch();

/**
 * The targets of rows that share perturbations: one compiled product for all of them, in which no row depends on the
 * others.
 */
export function targetsOf(
  { origin, augmented }: ShiftedPerturbations,
  rows: readonly ScoredRow[],
): Targets[] {
  const { rows: count, columns } = augmented;
  const d = columns - 1;
  const weighted = targetMemory(rows.length * count);
  const offsets = rows.map(({ design: { weights: pi }, y, offset = weightedMean(pi, y) }, i) => {
    const own = weighted.subarray(i * count, (i + 1) * count);
    for (let k = 0; k < count; k++) own[k] = pi[k] * (y[k] - offset);
    return offset;
  });
  const { values: products } = gemm({
    a: { rows: rows.length, columns: count, values: weighted },
    b: augmented,
  });
  return rows.map(({ design: { center }, y }, i) => {
    const responses = products.subarray(i * columns, i * columns + d);
    const sum = products[i * columns + d];
    for (let j = 0; j < d; j++) responses[j] -= (center[j] - origin[j]) * sum;
    return { y, offset: offsets[i], responses };
  });
}

/**
 * The weighted least-squares fit of g to y. Where the perturbations do not determine all weights, `rank` says so and the
 * shortest minimizer is returned.
 */
export function fitLinear(design: Design, problem: LinearProblem): LinearFit {
  const { targets, active, ridge, lasso, intercept, anchors } = problem;
  if (anchors) return anchoredFit(design, problem, anchors.none, anchors.all);
  const { weights: pi, center } = design;
  const d = design.gram.columns;
  const { y, offset } = targets;
  const c = picked(targets.responses, active);
  const constant = intercept ? 1 : 0;
  const finish = (found: Float64Array, rank: number): LinearFit => {
    const weights = spread(found, active, d);
    let b = offset;
    if (intercept) for (let j = 0; j < d; j++) b -= weights[j] * center[j];
    return { weights, intercept: b, rank };
  };
  if (active.length === 0) return finish(new Float64Array(0), constant);
  if (lasso > 0) return finish(lassoWeights(design, active, c, ridge, lasso), active.length + constant);
  const solve = solverOf(design, active, ridge);
  if (solve) return finish(solve(c), active.length + constant);
  const target = y.map((value, k) => Math.sqrt(pi[k]) * (value - offset));
  const { x, rank } = solveLeastSquares(activeColumns(design, active), target, { ridge });
  return finish(x, rank + constant);
}
