import type { Objective } from "../../objectives/objective.ts";
import type { RegularizedState } from "../descent/adapted-parameter.ts";
import type { InnerProduct } from "../descent/metric.ts";
import { type HessianSource, hessianSource } from "./hessian-source.ts";
import { type RegularizedSolve, regularizedSolve } from "./regularized-solve.ts";

/** Fewer products than this are not worth a try. */
const LEAST_PRODUCTS = 3;

/** The steps of one iterate, and whether they need the Hessian's matrix for want of better products. */
export interface IterateSolve {
  readonly solveAt: RegularizedSolve;
  formsHessian(): boolean;
}

/** What prepares the steps of an iterate, solved to a relative residual where that is by products. */
export type SolveFor = (state: RegularizedState, relativeTolerance: number) => Promise<IterateSolve>;

/** Steps with a given Hessian. */
export function solvesWith(source: HessianSource, metric: InnerProduct, maxProducts: number): SolveFor {
  return async ({ x, gradient }, relativeTolerance) => ({
    solveAt: regularizedSolve(await source(x), metric, gradient, { relativeTolerance, maxProducts }),
    formsHessian: () => false,
  });
}

/** How many products with the Hessian take as many operations as forming and factorizing it; 0 where that is not known. */
function productsOfMatrix({ dimension: n, hessianFlops, hessian, hessianVectorProduct }: Objective): number {
  if (!hessianFlops || !hessian || !hessianVectorProduct) return 0;
  return Math.floor((hessianFlops.matrix + n ** 3 / 3) / hessianFlops.product);
}

/**
 * Steps by conjugate gradients while they take fewer operations than the matrix would, and by the matrix from the
 * first step on for which they do not: at most about one matrix's worth of products is spent in vain. The choice depends
 * on counts of operations alone, never on time. By the matrix throughout where the objective does not tell its counts,
 * where a matrix costs less than three products, and in a dense metric.
 */
export function economicalSolves(objective: Objective, metric: InnerProduct, maxProducts: number): SolveFor {
  const byMatrix = solvesWith(hessianSource(objective, "exact"), metric, maxProducts);
  const worth = metric.kind === "dense" ? 0 : productsOfMatrix(objective);
  if (worth < LEAST_PRODUCTS) return byMatrix;
  const productsAt = hessianSource(objective, "products");

  return async (state, relativeTolerance) => {
    const { x, gradient, memory } = state;
    if (memory.formsHessian) {
      const { solveAt } = await byMatrix(state, relativeTolerance);
      return { solveAt, formsHessian: () => true };
    }
    let formed: RegularizedSolve | undefined;
    const exhausted: RegularizedSolve = async (lambda) => {
      formed ??= (await byMatrix(state, relativeTolerance)).solveAt;
      return formed(lambda);
    };
    const inner = { relativeTolerance, maxProducts: Math.min(worth, maxProducts), exhausted };
    const byProducts = regularizedSolve(await productsAt(x), metric, gradient, inner);
    return {
      solveAt: (lambda) => (formed ?? byProducts)(lambda),
      formsHessian: () => formed !== undefined,
    };
  };
}
