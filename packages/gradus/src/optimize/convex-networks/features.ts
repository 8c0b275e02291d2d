import { gemm, gemv, type ResidentMatrix, residentMatrix } from "@gradus/blas/dense";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { zeroMatrix } from "./products.ts";

/** N directions uniform on the unit sphere of R^d, one a row. */
export function unitDirections(count: number, d: number, seed: number): DenseMatrix {
  const stream = randomStream(seed);
  const directions = zeroMatrix(count, d);
  for (let j = 0; j < count; j++) directions.values.set(stream.unitSphere(d), j * d);
  return directions;
}

/** Phi = (X U^T)_+, n x N: what hidden units with the rows of U as weights put out. */
export function hiddenFeatures(design: DenseMatrix, directions: DenseMatrix): DenseMatrix {
  const features = gemm({ a: design, b: directions, transposeB: true });
  const { values } = features;
  for (let at = 0; at < values.length; at++) if (!(values[at] > 0)) values[at] = 0;
  return { rows: features.rows, columns: features.columns, values };
}

const POWER_ROUNDS = 200;
const CLOSE = 1.001;

/**
 * An upper bound of |Phi|_2^2 for a matrix without negative entries: max_k (Phi Phi^T r)_k / r_k for r > 0, where power
 * iteration has brought it close (Collatz and Wielandt). Rows of zeros are left out.
 */
export function squaredNormBound(features: DenseMatrix): number {
  const resident: ResidentMatrix = residentMatrix(features);
  let r: Float64Array = new Float64Array(features.rows).fill(1);
  let bound = 0;
  for (let round = 0; round < POWER_ROUNDS; round++) {
    const image = gemv({ a: resident, x: gemv({ a: resident, transpose: true, x: r }) });
    let [low, high, largest] = [Number.POSITIVE_INFINITY, 0, 0];
    for (let k = 0; k < r.length; k++) {
      if (image[k] === 0) continue;
      low = Math.min(low, image[k] / r[k]);
      high = Math.max(high, image[k] / r[k]);
      largest = Math.max(largest, image[k]);
    }
    bound = high;
    if (high <= CLOSE * low || largest === 0) break;
    // entries far below the largest would underflow to 0, by which no ratio is bounded
    r = image.map((value) => (value === 0 ? 0 : Math.max(value / largest, 1e-12)));
  }
  resident.dispose();
  return bound;
}
