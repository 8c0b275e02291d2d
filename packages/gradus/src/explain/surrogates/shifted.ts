import { type DesignRows, designRows } from "@gradus/blas/rows";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { lendingScratch } from "../scratch.ts";

/** Perturbations less an origin, as sums over them need it: far from it, small differences would lose their digits. */
export interface ShiftedPerturbations extends Disposable {
  /** N x d. */
  readonly xi: DenseMatrix;
  /** Whether designs of these perturbations are centered, as an intercept has it. */
  readonly centered: boolean;
  /** d numbers. */
  readonly origin: Float64Array;
  /** [xi_k - origin, 1], N x (d + 1). */
  readonly augmented: DenseMatrix;
  /** `augmented` for weighted sums of squares. */
  readonly rows: DesignRows;
}

function meanOf({ rows, columns: d, values: xi }: DenseMatrix): Float64Array<ArrayBuffer> {
  const mean = new Float64Array(d);
  for (let k = 0; k < rows * d; k += d) for (let j = 0; j < d; j++) mean[j] += xi[k + j];
  for (let j = 0; j < d; j++) mean[j] /= rows;
  return mean;
}

const lent = lendingScratch();

function shiftedBy(origin: Float64Array, xi: DenseMatrix, centered: boolean): ShiftedPerturbations {
  const { rows: count, columns: d } = xi;
  const memory = lent(count * (d + 1));
  const { values } = memory;
  for (let k = 0, from = 0, to = 0; k < count; k++) {
    for (let j = 0; j < d; j++) values[to++] = xi.values[from++] - origin[j];
    values[to++] = 1;
  }
  const augmented = { rows: count, columns: d + 1, values };
  const rows = designRows(augmented);
  const dispose = () => {
    rows.release();
    memory[Symbol.dispose]();
  };
  return { xi, centered, origin, augmented, rows, [Symbol.dispose]: dispose };
}

/** The perturbations less their mean where they are centered, and as they are where not; to be disposed of. */
export function shiftedPerturbations(xi: DenseMatrix, centered: boolean): ShiftedPerturbations {
  return shiftedBy(centered ? meanOf(xi) : new Float64Array(xi.columns), xi, centered);
}

/** The perturbations less a center of their own; to be disposed of. */
export function closerPerturbations(xi: DenseMatrix, center: Float64Array): ShiftedPerturbations {
  return shiftedBy(center, xi, false);
}
