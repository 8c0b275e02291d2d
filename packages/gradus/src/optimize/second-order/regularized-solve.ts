import { solve } from "../../iterate/iterate.ts";
import { regularizedCholeskyInPlace } from "../../linalg/factorize/cholesky-in-place.ts";
import { solveLower, solveLowerTransposed } from "../../linalg/factorize/triangular.ts";
import { truncatedConjugateGradient } from "../../linalg/krylov/truncated-conjugate-gradient.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { after, type CompiledSystem, type LinearOperator } from "../../linalg/operator/contract.ts";
import { diagonalOperator } from "../../linalg/operator/structured.ts";
import { axpy, dot } from "../../linalg/vector.ts";
import type { HessianModel } from "../../objectives/hessian-model.ts";
import type { MaybePromise } from "../../objectives/objective.ts";
import type { DescentCounts } from "../descent/descent.ts";
import type { InnerProduct } from "../descent/metric.ts";
import { lowRankSolve } from "./low-rank-solve.ts";

/**
 * The step  h(lambda) = -(H + lambda B)^-1 g  of one iterate; undefined where H + lambda B is found not to be positive
 * definite. Adds its products to the counts.
 */
export type RegularizedSolve = (
  lambda: number,
  counts: Pick<DescentCounts, "products">,
) => MaybePromise<Float64Array | undefined>;

/** What matrix-free solves need in addition to the matrix. */
export interface InnerSolve {
  /** ||residual|| / ||g|| at which conjugate gradients end. */
  readonly relativeTolerance: number;
  readonly maxProducts: number;
  /** Solves in place of conjugate gradients that have spent their products; their last point is the step without it. */
  readonly exhausted?: RegularizedSolve;
}

function negated(array: Float64Array): Float64Array {
  return axpy(-1, array, new Float64Array(array.length));
}

/** Entry j of the diagonal of a metric that is not dense. */
const weightAt = ({ kind, values }: InnerProduct, j: number) => (kind === "identity" ? 1 : values[j]);

/** Adds lambda B to a dense matrix. */
function addMetric(matrix: Float64Array, metric: InnerProduct, lambda: number): void {
  const { kind, values, dimension: n } = metric;
  if (kind === "dense") for (let k = 0; k < matrix.length; k++) matrix[k] += lambda * values[k];
  else for (let j = 0; j < n; j++) matrix[j * (n + 1)] += lambda * weightAt(metric, j);
}

/**
 * One Cholesky factorization per trial, n^3/3, in separate memory. Rounding does not make it refuse a semidefinite H,
 * however small lambda B beside it.
 */
function denseSolve(hessian: Float64Array, metric: InnerProduct, g: Float64Array): RegularizedSolve {
  const { dimension: n } = metric;
  const factor = new Float64Array(hessian.length);
  return (lambda) => {
    factor.set(hessian);
    addMetric(factor, metric, lambda);
    const leastPivots = metric.pivots.map((pivot) => lambda * pivot);
    if (regularizedCholeskyInPlace(factor, n, leastPivots) < n) return undefined;
    return solveLowerTransposed(denseMatrix(factor, n, n), solveLower(denseMatrix(factor, n, n), negated(g)));
  };
}

function diagonalSolve(diagonal: Float64Array, metric: InnerProduct, g: Float64Array): RegularizedSolve {
  const n = metric.dimension;
  if (metric.kind === "dense") {
    const dense = new Float64Array(n * n);
    for (let j = 0; j < n; j++) dense[j * (n + 1)] = diagonal[j];
    return denseSolve(dense, metric, g);
  }
  return (lambda) => {
    const h = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      const pivot = diagonal[j] + lambda * weightAt(metric, j);
      if (!(pivot > 0)) return undefined;
      h[j] = -g[j] / pivot;
    }
    return h;
  };
}

/** H + lambda B by products. */
function shiftedOperator(H: LinearOperator, metric: InnerProduct, lambda: number): LinearOperator {
  return {
    rows: H.rows,
    columns: H.columns,
    symmetric: true,
    apply: (v, out) =>
      after(H.apply(v, out), () => {
        const shift = metric.kind === "identity" ? v : metric.apply(v);
        for (let j = 0; j < out.length; j++) out[j] += lambda * shift[j];
      }),
    ...(metric.kind === "identity" && {
      compiledConjugateGradients: (system: CompiledSystem) =>
        H.compiledConjugateGradients?.({ ...system, shift: (system.shift ?? 0) + lambda }),
    }),
  };
}

/**
 * An approximation of (H + lambda B)^-1: by the diagonal of H where it is estimated, positive with lambda B, and B is diagonal too, else
 * B^-1. Undefined where it would be the identity.
 */
function preconditionerFor(
  diagonal: Float64Array | undefined,
  metric: InnerProduct,
  lambda: number,
): LinearOperator | undefined {
  const n = metric.dimension;
  if (diagonal && metric.kind !== "dense") {
    const inverse = diagonal.map((h, j) => 1 / (h + lambda * weightAt(metric, j)));
    if (inverse.every((pivot) => pivot > 0)) return diagonalOperator(inverse);
  }
  if (metric.kind === "identity") return undefined;
  return { rows: n, columns: n, symmetric: true, apply: (v, out) => out.set(metric.solve(v)) };
}

/** Steps by conjugate gradients, and the last of them. */
export interface IterativeSolve {
  readonly solveAt: RegularizedSolve;
  /** The last step that conjugate gradients made, and its residual -g - (H + lambda B) h. */
  last(): Readonly<Record<"h" | "residual", Float64Array>> | undefined;
}

/**
 * Conjugate gradients: products alone.
 *
 * @param continued whether a step begins where the last one, for another lambda, ended
 */
export function iterativeSolve(
  { operator, diagonal }: Extract<HessianModel, { kind: "operator" }>,
  metric: InnerProduct,
  g: Float64Array,
  { relativeTolerance, maxProducts, exhausted }: InnerSolve,
  continued = false,
): IterativeSolve {
  const b = negated(g);
  let last: ReturnType<IterativeSolve["last"]>;
  return {
    async solveAt(lambda, counts) {
      const x0 = continued ? last?.h : undefined;
      const method = truncatedConjugateGradient(shiftedOperator(operator, metric, lambda), b, {
        relativeTolerance,
        x0,
        preconditioner: preconditionerFor(diagonal, metric, lambda),
      });
      const { iterate } = await solve(method, { maxIterations: maxProducts });
      const { x: h, outcome } = iterate;
      last = { h, residual: iterate.state.residual };
      counts.products += iterate.iteration + Number(x0 !== undefined);
      if (!outcome && exhausted) return exhausted(lambda, counts);
      return outcome === "nonpositive-curvature" ? undefined : h;
    },
    last: () => last,
  };
}

/**
 * Prepares the steps of one iterate: what does not depend on lambda is computed once. A trial costs one Cholesky
 * factorization of a dense matrix, O(n k + k^3) for rank k after k solves with B, O(n) for a diagonal in a diagonal
 * metric, and conjugate gradients for an operator.
 */
export function regularizedSolve(
  model: HessianModel,
  metric: InnerProduct,
  g: Float64Array,
  inner: InnerSolve,
): RegularizedSolve {
  switch (model.kind) {
    case "dense":
      return denseSolve(model.matrix.values, metric, g);
    case "diagonal":
      return diagonalSolve(model.values, metric, g);
    case "low-rank": {
      const solveAt = lowRankSolve(model.vectors.values, model.coefficients, metric, g);
      return (lambda) => {
        const h = solveAt(lambda);
        return h && dot(g, h) < 0 ? h : undefined;
      };
    }
    case "operator":
      return iterativeSolve(model, metric, g, inner).solveAt;
  }
}
