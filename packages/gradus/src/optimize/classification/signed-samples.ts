import { multiply, multiplyTransposed } from "../../linalg/dense.ts";
import type { PointSet } from "./minimum-norm-point.ts";

/** A dense n x d matrix, row by row: entry (i, j) at i d + j. */
export interface DenseRows {
  readonly n: number;
  readonly d: number;
  readonly values: Float64Array;
  readonly offsets?: undefined;
}

/** A sparse n x d matrix in compressed rows (CSR): the entries of row i lie in [offsets[i], offsets[i + 1]). */
export interface SparseRows {
  readonly n: number;
  readonly d: number;
  /** Length n + 1, from 0 to the number of entries. */
  readonly offsets: Int32Array;
  /** Columns, increasing within a row. */
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** The samples y_i a_i of a classification problem, as the linear maps that the methods need. */
export interface SignedSamples extends PointSet {
  /** Stored entries of A. */
  readonly entries: number;
  /** Writes the margins y_i <a_i, theta>. */
  products(theta: Float64Array, out: Float64Array): void;
  /** Writes sum_i weights_i y_i a_i. */
  combine(weights: Float64Array, out: Float64Array): void;
  /** y_i <a_i, theta> of one sample. */
  product(i: number, theta: Float64Array): number;
  /** Adds scale y_i a_i to `out`. */
  addTo(i: number, scale: number, out: Float64Array): void;
}

/** Dense samples, whose rows are read in place and signed on the way. */
export function denseSamples({ n, d, values }: DenseRows, y: Float64Array): SignedSamples {
  const signed = new Float64Array(n);
  return {
    count: n,
    dimension: d,
    entries: n * d,
    products(theta, out) {
      multiply(values, n, d, theta, out);
      for (let i = 0; i < n; i++) out[i] *= y[i];
    },
    combine(weights, out) {
      for (let i = 0; i < n; i++) signed[i] = weights[i] * y[i];
      multiplyTransposed(values, n, d, signed, out);
    },
    product(i, theta) {
      const start = i * d;
      let sum = 0;
      for (let j = 0; j < d; j++) sum += values[start + j] * theta[j];
      return y[i] * sum;
    },
    addTo(i, scale, out) {
      const start = i * d;
      const factor = scale * y[i];
      for (let j = 0; j < d; j++) out[j] += factor * values[start + j];
    },
    point(i, out) {
      for (let j = 0; j < d; j++) out[j] = y[i] * values[i * d + j];
    },
  };
}

/** Sparse samples: every pass touches the stored entries only. */
export function sparseSamples(
  { n, d, offsets, indices, values }: SparseRows,
  y: Float64Array,
): SignedSamples {
  function product(i: number, theta: Float64Array): number {
    let sum = 0;
    for (let k = offsets[i]; k < offsets[i + 1]; k++) sum += values[k] * theta[indices[k]];
    return y[i] * sum;
  }

  function addTo(i: number, scale: number, out: Float64Array): void {
    const factor = scale * y[i];
    for (let k = offsets[i]; k < offsets[i + 1]; k++) out[indices[k]] += factor * values[k];
  }

  return {
    count: n,
    dimension: d,
    entries: values.length,
    product,
    addTo,
    products(theta, out) {
      for (let i = 0; i < n; i++) out[i] = product(i, theta);
    },
    combine(weights, out) {
      out.fill(0);
      for (let i = 0; i < n; i++) if (weights[i] !== 0) addTo(i, weights[i], out);
    },
    point(i, out) {
      out.fill(0);
      addTo(i, 1, out);
    },
  };
}
