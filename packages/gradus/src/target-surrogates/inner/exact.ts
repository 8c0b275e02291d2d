import { areFinite } from "../../check/arrays.ts";
import { ConvergenceError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import { choleskySolve } from "../../linalg/factorize/cholesky.ts";
import { choleskyInPlace } from "../../linalg/factorize/cholesky-in-place.ts";
import { singularValueDecomposition } from "../../linalg/factorize/singular-values.ts";
import { conjugateGradient } from "../../linalg/krylov/conjugate-gradient.ts";
import { shortestSolution, solveLeastSquaresBySvd } from "../../linalg/least-squares.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { norm2 } from "../../linalg/vector.ts";
import type { DesignMap } from "../../objectives/design-map.ts";
import type { InnerSolver } from "./contract.ts";
import { adjoint, copyFor, requireQuadratic } from "./linear-system.ts";

/** A pivot below this fraction of its diagonal entry counts as zero; the minimum-norm solution is then used. */
const SMALLEST_PIVOT = 1e-12;

/** Cholesky factor of X^T diag(weights) X, or undefined if that is not safely positive definite. */
function factorOf(design: DesignMap, weights: Float64Array): Float64Array | undefined {
  const { rows, columns } = design;
  if (rows < columns) return undefined;
  using copy = design.copied?.();
  const L = (copy ?? design).gram(weights);
  if (choleskyInPlace(L, columns, SMALLEST_PIVOT) < columns) return undefined;
  return L;
}

/** Factors for equal weights, once per matrix: a deterministic run solves with the same factor in every step. */
const unitFactors = new WeakMap<DesignMap, { readonly L: Float64Array | undefined }>();

function unitFactor(design: DesignMap): Float64Array | undefined {
  const known = unitFactors.get(design);
  if (known) return known.L;
  const L = factorOf(design, new Float64Array(design.rows).fill(1));
  unitFactors.set(design, { L });
  return L;
}

/** Singular value decompositions of singular matrices, once per matrix. */
const decompositions = new WeakMap<DesignMap, ReturnType<typeof singularValueDecomposition>>();

/** The minimum-norm minimizer of sum_i w_i (b_i - x_i^T step)^2; weights default to 1. */
function shortestStep(design: DesignMap, b: Float64Array, weights: Float64Array | undefined): Float64Array {
  const X = () => denseMatrix(design.entries(), design.rows, design.columns);
  if (weights) return solveLeastSquaresBySvd(X(), b, { weights }).x;
  const known = decompositions.get(design) ?? singularValueDecomposition(X());
  decompositions.set(design, known);
  return shortestSolution(known, { b, sides: 1 }).x;
}

export interface InnerExactOptions {
  /** Throw for a singular normal matrix instead of using the minimum-norm solution. */
  readonly strict?: boolean;
}

/**
 * The exact minimizer of a linear model's surrogate: theta_t - eta (X^T X)^+ X^T g, by Cholesky if X^T X is safely
 * positive definite, otherwise the minimum-norm solution by singular values. It is one step for any m. In target space
 * it is projected stochastic gradient descent, so its rate does not depend on the conditioning of X.
 *
 * @throws ConvergenceError from the solver on a singular matrix when `strict`
 */
export function innerExact(options: InnerExactOptions = {}): InnerSolver {
  checkOptions("innerExact", options, ["strict"]);
  const { strict = false } = options;
  return async (surrogate) => {
    const { design, weights } = requireQuadratic(surrogate, "exact");
    const { theta, targetGradient: g, scale, counts } = surrogate;
    const { rows, columns } = design;
    const right = adjoint(design, g);
    counts.pullback += 1;
    counts.forward += 1;
    const equal = weights.every((w) => w === weights[0]);
    const L = equal ? unitFactor(design) : factorOf(design, weights);
    if (L === undefined && strict)
      throw new ConvergenceError(
        `the normal matrix of ${rows} rows and ${columns} columns is singular; without strict, the minimum-norm solution is returned`,
      );
    const step = L
      ? choleskySolve({ L: denseMatrix(L, columns, columns) }, right).map((s) => (equal ? s / weights[0] : s))
      : shortestStep(
          design,
          g.map((entry, i) => entry / weights[i]),
          equal ? undefined : weights,
        );
    return {
      theta: theta.map((value, k) => value - step[k]),
      status: areFinite(step) ? "completed" : "not-finite",
      steps: 1,
      stepSize: 1,
      gradientNorm: scale * norm2(right),
      rankDeficient: L === undefined,
    };
  };
}

export interface InnerConjugateGradientOptions {
  /** The inner solve ends when the residual norm falls to this fraction of the initial one. */
  readonly relativeTolerance?: number;
}

/**
 * Conjugate gradients on a linear model's surrogate: like `innerExact` without forming X^T X, with at most m steps.
 *
 * @throws ArgumentError unless relativeTolerance >= 0
 */
export function innerConjugateGradient(options: InnerConjugateGradientOptions = {}): InnerSolver {
  checkOptions("innerConjugateGradient", options, ["relativeTolerance"]);
  const { relativeTolerance = 1e-10 } = options;
  return async (surrogate, { steps }) => {
    const parts = requireQuadratic(surrogate, "conjugateGradient");
    const { weights } = parts;
    using copy = copyFor(parts.design, steps);
    const design = copy ?? parts.design;
    const { theta, targetGradient, scale, counts } = surrogate;
    const right = adjoint(design, targetGradient);
    counts.pullback += 1;
    const between = new Float64Array(design.rows);
    const normal = {
      rows: design.columns,
      columns: design.columns,
      symmetric: true,
      apply(v: Float64Array, out: Float64Array) {
        design.product(v, between);
        for (let i = 0; i < between.length; i++) between[i] *= weights[i];
        design.adjoint(between, out);
        counts.forward += 1;
        counts.pullback += 1;
      },
    };
    const gradientNorm = scale * norm2(right);
    let moved = theta;
    let made = 0;
    let converged = false;
    for await (const { x, iteration, done } of conjugateGradient(normal, right, { relativeTolerance })) {
      moved = theta.map((value, k) => value - x[k]);
      made = iteration;
      converged = done;
      if (iteration === steps) break;
    }
    const status = converged ? "converged" : "completed";
    return { theta: moved, status, steps: made, stepSize: 1, gradientNorm };
  };
}
