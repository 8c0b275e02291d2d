import { dot } from "../../linalg/vector.ts";
import type { HessianModel } from "../../objectives/hessian-model.ts";
import { type MaybePromise, type Objective, whenReady } from "../../objectives/objective.ts";
import type { RegularizedState } from "../descent/adapted-parameter.ts";
import type { DescentCounts } from "../descent/descent.ts";
import type { InnerProduct } from "../descent/metric.ts";
import { type HessianSource, hessianSource } from "./hessian-source.ts";
import { iterativeSolve, type RegularizedSolve, regularizedSolve } from "./regularized-solve.ts";

/** Fewer products than this are not worth a try. */
const LEAST_PRODUCTS = 3;
/** The first lambda by products, as a share of the mean curvature. */
const FIRST_SHARE = 0.01;
/** The largest relative residual of a step by products, and its share of the last step's reduction of the gradient. */
const LOOSEST = 0.3;
const REDUCTION_SHARE = 0.5;

type OperatorModel = Extract<HessianModel, { kind: "operator" }>;

/** The steps of one iterate, and whether they need the Hessian's matrix for want of better products. */
export interface IterateSolve {
  readonly solveAt: RegularizedSolve;
  /**
   * ||r||_* / ||h|| of the last step h and its residual r = -g - (H + lambda B) h: h is the exact step of a Hessian that
   * differs by no more than this, so that it counts as regularization beside lambda.
   */
  excess(): number;
  formsHessian(): boolean;
  /** The lambda that a first step tries first, where that is not left to gamma. */
  firstLambda?(counts: DescentCounts): MaybePromise<number | undefined>;
}

/** What prepares the steps of an iterate. */
export type SolveFor = (state: RegularizedState) => Promise<IterateSolve>;

/** Steps with a given Hessian; by products to the relative residual min(0.1, sqrt(||g||_*)). */
export function solvesWith(source: HessianSource, metric: InnerProduct, maxProducts: number): SolveFor {
  return async ({ x, gradient, gradientNorm }) => {
    const relativeTolerance = Math.min(0.1, Math.sqrt(gradientNorm));
    return {
      solveAt: regularizedSolve(await source(x), metric, gradient, { relativeTolerance, maxProducts }),
      excess: () => 0,
      formsHessian: () => false,
    };
  };
}

/** How many products with the Hessian take as many operations as forming and factorizing it; 0 where that is not known. */
function productsOfMatrix({ dimension: n, hessianFlops, hessian, hessianVectorProduct }: Objective): number {
  if (!hessianFlops || !hessian || !hessianVectorProduct) return 0;
  return Math.floor((hessianFlops.matrix + n ** 3 / 3) / hessianFlops.product);
}

/**
 * The mean eigenvalue of B^-1 H by the diagonal of H; where that is not known, the curvature  p^T H p / p^T B p  along the
 * steepest descent p = B^-1 g.
 */
function meanCurvature(
  { operator, diagonal }: OperatorModel,
  metric: InnerProduct,
  g: Float64Array,
  counts: DescentCounts,
): MaybePromise<number> {
  if (diagonal) return metric.solve(diagonal).reduce((sum, h) => sum + h, 0) / diagonal.length;
  const p = metric.solve(g);
  const product = new Float64Array(p.length);
  const curvature = () => dot(p, product) / metric.norm(p) ** 2;
  counts.products += 1;
  const pending = operator.apply(p, product);
  return pending ? pending.then(curvature) : curvature();
}

/**
 * Steps by conjugate gradients while they take fewer operations than the matrix would, and by the matrix from the
 * first step on for which they do not: at most about one matrix's worth of products is spent in vain. The choice depends
 * on counts of operations alone, never on time. By the matrix throughout where the objective does not report its
 * counts, where a matrix costs less than three products, and in a dense metric.
 *
 * Conjugate gradients end at the relative residual  min(0.3, ||g||_* / (2 ||g_before||_*)): superlinear convergence in
 * any scale of f (Eisenstat & Walker 1996). After a rejection they continue from the rejected step.
 */
export function economicalSolves(objective: Objective, metric: InnerProduct, maxProducts: number): SolveFor {
  const byMatrix = solvesWith(hessianSource(objective, "exact"), metric, maxProducts);
  const worth = metric.kind === "dense" ? 0 : productsOfMatrix(objective);
  if (worth < LEAST_PRODUCTS) return byMatrix;
  const productsAt = hessianSource(objective, "products");

  return async (state) => {
    const { x, gradient, gradientNorm, memory, step } = state;
    if (memory.formsHessian) return { ...(await byMatrix(state)), formsHessian: () => true };
    let formed: RegularizedSolve | undefined;
    const exhausted: RegularizedSolve = async (lambda, counts) => {
      formed ??= (await byMatrix(state)).solveAt;
      return formed(lambda, counts);
    };
    // lambda gamma is the norm of the gradient before the step
    const reduction = step ? gradientNorm / (step.lambda * step.gamma) : 1;
    const relativeTolerance = Math.min(LOOSEST, REDUCTION_SHARE * reduction);
    const inner = { relativeTolerance, maxProducts: Math.min(worth, maxProducts), exhausted };
    const model = await productsAt(x);
    if (model.kind !== "operator") throw new Error("unreachable");
    const byProducts = iterativeSolve(model, metric, gradient, inner, true);
    return {
      solveAt: (lambda, counts) => (formed ?? byProducts.solveAt)(lambda, counts),
      formsHessian: () => formed !== undefined,
      excess() {
        const last = formed ? undefined : byProducts.last();
        return last ? metric.dualNorm(last.residual) / metric.norm(last.h) : 0;
      },
      firstLambda: (counts) =>
        whenReady(meanCurvature(model, metric, gradient, counts), (curvature) =>
          curvature > 0 && curvature < Number.POSITIVE_INFINITY ? FIRST_SHARE * curvature : undefined,
        ),
    };
  };
}
