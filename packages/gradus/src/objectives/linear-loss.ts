import { checkOneOf } from "../check/options.ts";
import { compiledStepper } from "../linalg/krylov/compiled-conjugate-gradient.ts";
import type { ConjugateGradientStepper } from "../linalg/krylov/conjugate-gradient-state.ts";
import type { CompiledSystem } from "../linalg/operator/contract.ts";
import { withCompiledNewton } from "./compiled-newton.ts";
import type { DesignMap } from "./design-map.ts";
import type { LossPoint } from "./loss-point.ts";
import { checkPoint, type SmoothObjective } from "./objective.ts";

/** Whether the rows' losses are added up or averaged. */
export type LossReduction = "sum" | "mean";

/** @throws ArgumentError unless it is one of the two */
export function reductionScale(reduction: LossReduction, rows: number): number {
  checkOneOf(["sum", "mean"], { reduction });
  return reduction === "sum" ? 1 : 1 / rows;
}

/** An objective with the sums that approximations of its Hessian are made of. */
export interface LinearLoss extends SmoothObjective {
  /** The products z = A x, valid until the next call. */
  products(x: Float64Array): Float64Array;
  /** scale A^T diag(weights) A. */
  weightedGram(weights: Float64Array): Float64Array;
  /** The diagonal of that. */
  weightedGramDiagonal(weights: Float64Array): Float64Array;
}

function scaled(array: Float64Array, scale: number): Float64Array {
  if (scale !== 1) for (let j = 0; j < array.length; j++) array[j] *= scale;
  return array;
}

/**
 * The loss of a linear model:
 *
 *     f(x) = s sum_i phi(z_i, y_i),   z = A x,   g = s A^T phi'(z),   H = s A^T diag(phi''(z)) A
 *
 * What is known at the last point is kept, so that its gradient, its Hessian and products with it do not repeat A x.
 *
 * @param point the losses of the rows
 */
export function linearLoss(map: DesignMap, scale: number, point: LossPoint): LinearLoss {
  const { rows, columns: dimension } = map;
  let squares: Float64Array | undefined;

  function gradient(x: Float64Array): Float64Array {
    checkPoint(x, dimension);
    const result = new Float64Array(dimension);
    point.gradient(x, result);
    return scaled(result, scale);
  }

  function value(x: Float64Array): number {
    checkPoint(x, dimension);
    return scale * point.lossSum(x);
  }

  function valueAndGradient(x: Float64Array): { value: number; gradient: Float64Array } {
    checkPoint(x, dimension);
    const slope = new Float64Array(dimension);
    const value = scale * point.lossSumAndGradient(x, slope);
    return { value, gradient: scaled(slope, scale) };
  }

  function hessianVectorProduct(x: Float64Array, v: Float64Array): Float64Array {
    checkPoint(v, dimension, "v");
    checkPoint(x, dimension);
    const result = new Float64Array(dimension);
    point.curvatureProduct(x, v, result);
    return scaled(result, scale);
  }

  function newtonStepper(x: Float64Array, system: CompiledSystem): ConjugateGradientStepper | undefined {
    const { curvatureVectors } = point;
    if (!curvatureVectors) return undefined;
    checkPoint(x, dimension);
    // the method's own x moves on before the vectors are made
    const here = x.slice();
    return compiledStepper(() => curvatureVectors.call(point, here, scale, system), system);
  }

  /** As if all rows had the mean curvature: the squares are then added up once for all points. */
  function diagonalEstimate(x: Float64Array): Float64Array {
    checkPoint(x, dimension);
    squares ??= map.gramDiagonal(new Float64Array(rows).fill(1));
    return scaled(squares.slice(), (scale * point.curvatureSum(x)) / rows);
  }

  /**
   * With fewer rows than columns, gradients lie in the span of the rows, on which H is better conditioned than on the
   * space around it: dividing by the diagonal would leave the span.
   */
  const spanning = rows >= dimension;

  return {
    dimension,
    hessianFlops: map.flops,
    ...(spanning && { diagonalEstimate }),
    value,
    gradient,
    valueAndGradient,
    hessianVectorProduct: withCompiledNewton(hessianVectorProduct, newtonStepper),
    hessian(x) {
      checkPoint(x, dimension);
      const values = scaled(map.gram(point.curvatures(x)), scale);
      return { rows: dimension, columns: dimension, values };
    },
    products(x) {
      checkPoint(x, dimension);
      return point.outputs(x);
    },
    weightedGram: (weights) => scaled(map.gram(weights), scale),
    weightedGramDiagonal: (weights) => map.gramDiagonal(weights).map((entry) => scale * entry),
  };
}
