import type { ConjugateGradientOutcome } from "../../linalg/krylov/conjugate-gradient-state.ts";
import { systemScale } from "../../linalg/krylov/system-scale.ts";
import {
  type TruncatedOptions,
  truncatedConjugateGradient,
} from "../../linalg/krylov/truncated-conjugate-gradient.ts";
import { forwardProduct, type LinearOperator } from "../../linalg/operator/contract.ts";
import { norm2 } from "../../linalg/vector.ts";
import { hessianOperator } from "../../objectives/hessian-model.ts";
import { type MaybePromise, type Objective, whenReady } from "../../objectives/objective.ts";
import type { DescentCounts } from "../descent/descent.ts";
import { defaultProducts, type HessianChoice, hessianSource } from "./hessian-source.ts";

/** Options of the methods that solve Newton's equations inexactly. */
export interface TruncatedNewtonOptions {
  /** The matrix H(x); by default products with the Hessian, or differences of gradients where there are none. */
  readonly hessian?: HessianChoice;
  /** Products a step may take; 10 n by default, at least 100. */
  readonly maxProducts?: number;
}

/** The operators H(x) of an objective; every product is counted. */
export function countedHessian(
  objective: Objective,
  hessian: HessianChoice = defaultProducts(objective),
): (x: Float64Array, counts: DescentCounts) => MaybePromise<LinearOperator> {
  const source = hessianSource(objective, hessian);
  return (x, counts) =>
    whenReady(source(x), (model) => {
      const operator = hessianOperator(model, objective.dimension);
      const { rows, columns, symmetric } = operator;
      const product = forwardProduct(operator, "the Hessian");
      return {
        rows,
        columns,
        symmetric,
        apply(v: Float64Array, out: Float64Array) {
          counts.products += 1;
          return product(v, out);
        },
      };
    });
}

/** How far conjugate gradients came. */
export interface TruncatedSolution {
  readonly d: Float64Array;
  readonly steps: number;
  /** d^T H d / d^T d of the direction stepped along last. */
  readonly curvature: number | undefined;
  readonly outcome: ConjugateGradientOutcome | undefined;
}

/**
 * Conjugate gradients on H d = -g to the relative residual min(1/2, sqrt(||g||)), with which Newton's method still
 * converges superlinearly (Dembo, Eisenstat & Steihaug 1982), up to negative curvature or a radius,
 * or until `maxProducts` are spent.
 */
export async function truncatedSolve(
  H: LinearOperator,
  gradient: Float64Array,
  maxProducts: number,
  { radius = Number.POSITIVE_INFINITY }: Pick<TruncatedOptions, "radius"> = {},
): Promise<TruncatedSolution> {
  const relativeTolerance = Math.min(0.5, Math.sqrt(norm2(gradient)));
  const scale = systemScale(gradient, undefined);
  const right = gradient.map((gj) => -gj / scale);
  const options = { relativeTolerance, radius: radius / scale };
  for await (const iterate of truncatedConjugateGradient(H, right, options)) {
    const { done, iteration: steps, curvature, outcome } = iterate;
    if (done || steps >= maxProducts)
      return { d: iterate.x.map((xj) => xj * scale), steps, curvature, outcome };
  }
  throw new Error("unreachable: the method yields until it is done");
}
