import type { VectorSystem } from "@gradus/blas/rows";
import type { CompiledVectors } from "../linalg/operator/contract.ts";
import { compensatedSum } from "../linalg/vector.ts";
import type { ScalarLoss } from "../losses/contract.ts";
import type { DesignMap } from "./design-map.ts";

/**
 * The losses phi(z_i, y_i) of a design's rows, z = A x, at the point x that was asked about last: what is known there is not
 * computed again.
 */
export interface LossPoint {
  /** z. */
  outputs(x: Float64Array): Float64Array;
  /** phi''(z). */
  curvatures(x: Float64Array): Float64Array;
  /** sum_i phi(z_i, y_i), compensated. */
  lossSum(x: Float64Array): number;
  /** out = A^T phi'(z). */
  gradient(x: Float64Array, out: Float64Array): void;
  /** Both. */
  lossSumAndGradient(x: Float64Array, out: Float64Array): number;
  /** sum_i phi''(z_i). */
  curvatureSum(x: Float64Array): number;
  /** out = A^T diag(phi''(z)) A v. */
  curvatureProduct(x: Float64Array, v: Float64Array, out: Float64Array): void;
  /** Vectors of conjugate gradients with  scale A^T diag(phi''(z)) A, where A is in WebAssembly memory. */
  curvatureVectors?(x: Float64Array, scale: number, system: VectorSystem): CompiledVectors;
}

/** The losses of rows in arrays, which are overwritten by the next call. */
export function lossPoint(map: DesignMap, loss: ScalarLoss, labels: Float64Array): LossPoint {
  const { rows, columns, weightedVectors } = map;
  const point = new Float64Array(columns).fill(Number.NaN);
  const z = new Float64Array(rows);
  const losses = new Float64Array(rows);
  const slopes = new Float64Array(rows);
  const curvatures = new Float64Array(rows);
  let evaluated = false;
  let curved = false;

  function moveTo(x: Float64Array): void {
    let j = 0;
    while (j < columns && x[j] === point[j]) j += 1;
    if (j === columns) return;
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

  function curvaturesAt(x: Float64Array): Float64Array<ArrayBuffer> {
    moveTo(x);
    if (!curved) loss.curvatures(z, labels, curvatures);
    curved = true;
    return curvatures;
  }

  function gradient(x: Float64Array, out: Float64Array): void {
    evaluateAt(x);
    map.adjoint(slopes, out);
  }

  function lossSum(x: Float64Array): number {
    evaluateAt(x);
    return compensatedSum(losses);
  }

  return {
    outputs(x) {
      moveTo(x);
      return z;
    },
    curvatures: curvaturesAt,
    lossSum,
    gradient,
    lossSumAndGradient(x, out) {
      gradient(x, out);
      return lossSum(x);
    },
    curvatureSum: (x) => curvaturesAt(x).reduce((sum, curvature) => sum + curvature, 0),
    curvatureProduct: (x, v, out) => map.weightedProduct(curvaturesAt(x), v, out),
    ...(weightedVectors && {
      curvatureVectors(x, scale, system) {
        const weights = curvaturesAt(x).map((curvature) => scale * curvature);
        return weightedVectors({ ...system, weights });
      },
    }),
  };
}
