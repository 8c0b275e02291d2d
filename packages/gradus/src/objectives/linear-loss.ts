import { checkOneOf } from "../check/options.ts";
import { compiledStepper } from "../linalg/krylov/compiled-conjugate-gradient.ts";
import type { ConjugateGradientStepper } from "../linalg/krylov/conjugate-gradient-state.ts";
import type { CompiledSystem } from "../linalg/operator/contract.ts";
import { compensatedSum } from "../linalg/vector.ts";
import type { ScalarLoss } from "../losses/contract.ts";
import { withCompiledNewton } from "./compiled-newton.ts";
import type { DesignMap } from "./design-map.ts";
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

/** The products A x, the losses and slopes of the rows and A^T slopes, by one reading of A; the bits are the same. */
export type LossPass = (
  x: Float64Array,
  written: Readonly<Record<"outputs" | "losses" | "slopes" | "gradient", Float64Array>>,
) => void;

function scaled(array: Float64Array, scale: number): Float64Array {
  if (scale !== 1) for (let j = 0; j < array.length; j++) array[j] *= scale;
  return array;
}

/**
 * The loss of a linear model:
 *
 *     f(x) = s sum_i phi(z_i, y_i),   z = A x,   g = s A^T phi'(z),   H = s A^T diag(phi''(z)) A
 *
 * The products of the last point are kept, so that its gradient, its Hessian and products with it do not repeat A x.
 */
export function linearLoss(
  map: DesignMap,
  {
    loss,
    labels,
    scale,
    pass,
  }: {
    readonly loss: ScalarLoss;
    readonly labels: Float64Array;
    readonly scale: number;
    readonly pass?: LossPass;
  },
): LinearLoss {
  const { rows, columns: dimension, weightedVectors } = map;
  const point = new Float64Array(dimension).fill(Number.NaN);
  const z = new Float64Array(rows);
  const losses = new Float64Array(rows);
  const slopes = new Float64Array(rows);
  const curvatures = new Float64Array(rows);
  let evaluated = false;
  let curved = false;
  let squares: Float64Array | undefined;

  function isHere(x: Float64Array): boolean {
    checkPoint(x, dimension);
    let j = 0;
    while (j < dimension && x[j] === point[j]) j += 1;
    return j === dimension;
  }

  function moveTo(x: Float64Array): void {
    if (isHere(x)) return;
    map.product(x, z);
    point.set(x);
    evaluated = false;
    curved = false;
  }

  function evaluateAt(x: Float64Array): void {
    moveTo(x);
    if (!evaluated) loss.evaluate(z, labels, losses, slopes);
    evaluated = true;
  }

  function curvaturesAt(x: Float64Array): void {
    moveTo(x);
    if (!curved) loss.curvatures(z, labels, curvatures);
    curved = true;
  }

  function gradient(x: Float64Array): Float64Array {
    evaluateAt(x);
    const result = new Float64Array(dimension);
    map.adjoint(slopes, result);
    return scaled(result, scale);
  }

  function value(x: Float64Array): number {
    evaluateAt(x);
    return scale * compensatedSum(losses);
  }

  function valueAndGradient(x: Float64Array): { value: number; gradient: Float64Array } {
    if (!pass || isHere(x)) return { value: value(x), gradient: gradient(x) };
    const slope = new Float64Array(dimension);
    pass(x, { outputs: z, losses, slopes, gradient: slope });
    point.set(x);
    evaluated = true;
    curved = false;
    return { value: value(x), gradient: scaled(slope, scale) };
  }

  function hessianVectorProduct(x: Float64Array, v: Float64Array): Float64Array {
    checkPoint(v, dimension, "v");
    curvaturesAt(x);
    const result = new Float64Array(dimension);
    map.weightedProduct(curvatures, v, result);
    return scaled(result, scale);
  }

  function newtonStepper(x: Float64Array, system: CompiledSystem): ConjugateGradientStepper | undefined {
    if (!weightedVectors) return undefined;
    curvaturesAt(x);
    const weights = scaled(curvatures.slice(), scale);
    return compiledStepper(() => weightedVectors({ ...system, weights }), system);
  }

  /** As if all rows had the mean curvature: the squares are then added up once for all points. */
  function diagonalEstimate(x: Float64Array): Float64Array {
    curvaturesAt(x);
    squares ??= map.gramDiagonal(new Float64Array(rows).fill(1));
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += curvatures[i];
    return scaled(squares.slice(), (scale * sum) / rows);
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
      curvaturesAt(x);
      return { rows: dimension, columns: dimension, values: scaled(map.gram(curvatures), scale) };
    },
    products(x) {
      moveTo(x);
      return z;
    },
    weightedGram: (weights) => scaled(map.gram(weights), scale),
    weightedGramDiagonal: (weights) => map.gramDiagonal(weights).map((entry) => scale * entry),
  };
}
