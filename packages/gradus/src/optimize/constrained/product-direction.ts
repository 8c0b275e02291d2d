import { denseMultiply, denseMultiplyTransposed } from "../../linalg/dense.ts";
import { SingularMatrixError } from "../../linalg/factorize/errors.ts";
import { type LowerUpper, luFactorize, luSolve } from "../../linalg/factorize/lu.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { axpy, dot, norm2 } from "../../linalg/vector.ts";
import { kktMatrix } from "./kkt-system.ts";
import type { ExactPenalties } from "./merit.ts";
import { type EqualityProblem, hessianProduct, type PrimalDualPoint, type ProblemCounts } from "./problem.ts";

/** Forming a matrix does this many times the operations a second of a product, which reads the data each time. */
const SLOWER = 4;
/** Operations of a solve with the preconditioner's factors, over their entries: 2, at a quarter of a product's rate. */
const SOLVE = 8;
/** Fewer products than this are not worth a try. */
const LEAST_PRODUCTS = 8;

/** How many products with H, each with a solve, take about as long as forming H; 0 where that is not known, or few. */
export function productsOfHessian({
  dimension,
  constraintCount,
  hessianLagrangian,
  hessianVectorProduct,
  hessianFlops,
}: EqualityProblem): number {
  if (!hessianLagrangian || !hessianVectorProduct || !hessianFlops) return 0;
  const each = hessianFlops.product + SOLVE * (dimension + constraintCount) ** 2;
  const products = Math.floor(hessianFlops.matrix / (SLOWER * each));
  return products < LEAST_PRODUCTS ? 0 : products;
}

/** A direction that was found without H at its point. */
export interface ProductDirection {
  /** n + m numbers. */
  readonly step: Float64Array;
  /** The merit function's slope along it. */
  readonly slope: number;
  /** ||K dz + grad L||. */
  readonly residualNorm: number;
  /** Products with H. */
  readonly steps: number;
  /** Multiplications and additions beside the products. */
  readonly flops: number;
}

/** What `productDirection` aims at, and where it gives up. */
export interface ProductOptions {
  /** t. */
  readonly shift: number;
  /** The least curvature  p^T (H + t I) p / p^T p  along a direction. */
  readonly floor: number;
  /** The largest residual of a solution. */
  readonly threshold: number;
  readonly mostProducts: number;
  readonly pause: () => Promise<void> | undefined;
  /** Gets the products. */
  readonly counts: ProblemCounts;
}

function factorsOf(K: Float64Array, order: number): LowerUpper | undefined {
  try {
    return luFactorize(denseMatrix(K, order, order));
  } catch (error) {
    if (error instanceof SingularMatrixError) return undefined;
    throw error;
  }
}

/**
 * The Newton direction at a point by conjugate gradients on the null space of G, preconditioned by the Newton system with
 * the Hessian of an earlier point:
 *
 *     K dz = -grad L,   K = [[H + t I, G^T], [G, 0]],   P = [[H_earlier + t I, G^T], [G, 0]]
 *
 * @param earlier H_earlier, n x n
 * @param penalties of the merit function
 * @returns undefined where H itself is needed: the curvature along a direction is below the floor, the preconditioner is
 * singular or indefinite, or this many products give no solution
 * Source: Gould, Hribar & Nocedal 2001, "On the solution of equality constrained quadratic programming problems arising in
 * optimization", Algorithm 6.2, here with the multipliers.
 */
export async function productDirection(
  problem: EqualityProblem,
  point: PrimalDualPoint,
  earlier: Float64Array,
  penalties: ExactPenalties,
  { shift, floor, threshold, mostProducts, pause, counts }: ProductOptions,
): Promise<ProductDirection | undefined> {
  const { jacobian: G, constraints: c, lagrangianGradient: g } = point;
  const [n, m] = [g.length, c.length];
  const order = n + m;
  const factors = factorsOf(kktMatrix(earlier, G, n, m, shift), order);
  if (!factors) return undefined;
  const right = new Float64Array(order);
  for (let i = 0; i < m; i++) right[n + i] = -c[i];
  for (let j = 0; j < n; j++) right[j] = -g[j];
  const step = luSolve(factors, right);
  const [d, multipliers] = [step.subarray(0, n), step.subarray(n)];
  right.fill(0, n);

  let steps = 0;
  async function curved(v: Float64Array): Promise<Float64Array> {
    const turn = pause();
    if (turn) await turn;
    steps += 1;
    counts.hessian += 1 / n;
    const image = Float64Array.from(await hessianProduct(problem, point, v));
    return axpy(shift, v, image);
  }

  const image = await curved(d);
  // of K dz + grad L, the first n numbers
  const residual = denseMultiplyTransposed(G, m, n, multipliers);
  for (let j = 0; j < n; j++) residual[j] += image[j] + g[j];
  let direction: Float64Array | undefined;
  let lastSize = 0;
  for (;;) {
    for (let j = 0; j < n; j++) right[j] = -residual[j];
    const correction = luSolve(factors, right);
    const [z, w] = [correction.subarray(0, n), correction.subarray(n)];
    // multipliers that make the residual smallest in the norm of P
    axpy(1, w, multipliers);
    axpy(1, denseMultiplyTransposed(G, m, n, w), residual);
    const infeasible = axpy(1, c, denseMultiply(G, m, n, d));
    const residualNorm = Math.hypot(norm2(residual), norm2(infeasible));
    if (residualNorm <= threshold) {
      axpy(-shift, d, image);
      const slope = meritSlope(point, step, image, penalties);
      return { step, slope, residualNorm, steps, flops: (2 * order ** 3) / 3 + 2 * order ** 2 * (steps + 1) };
    }
    const size = -dot(residual, z);
    if (steps >= mostProducts || !(size > 0)) return undefined;
    direction = direction ? axpy(size / lastSize, direction, z.slice()) : z.slice();
    lastSize = size;
    const product = await curved(direction);
    const curvature = dot(direction, product);
    if (!(curvature >= floor * dot(direction, direction))) return undefined;
    const length = size / curvature;
    axpy(length, direction, d);
    axpy(length, product, image);
    axpy(length, product, residual);
  }
}

/**
 * The slope of the merit function along a step (dx, dlambda), from H dx in place of H grad_x L:
 *
 *     grad_x L^T dx + eta1 c^T G dx + eta2 grad_x L^T H dx + (c + eta2 G grad_x L)^T dlambda
 */
function meritSlope(
  { jacobian: G, constraints: c, lagrangianGradient: g }: PrimalDualPoint,
  step: Float64Array,
  curvedStep: Float64Array,
  { eta1, eta2 }: ExactPenalties,
): number {
  const [n, m] = [g.length, c.length];
  const [dx, dlambda] = [step.subarray(0, n), step.subarray(n)];
  const bent = axpy(eta2, denseMultiply(G, m, n, g), c.slice());
  return (
    dot(g, dx) + eta1 * dot(c, denseMultiply(G, m, n, dx)) + eta2 * dot(g, curvedStep) + dot(bent, dlambda)
  );
}
