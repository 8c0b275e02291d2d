import type { MeasuredPass } from "@gradus/blas/rows";
import { addLowerProducts, mirrorLower } from "../../linalg/lower-products.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { type CsrMatrix, csrAddRow, csrRowDot } from "../../linalg/sparse/csr.ts";
import type { DesignMap } from "../../objectives/design-map.ts";
import type { PointSet } from "./minimum-norm-point.ts";

/** The samples y_i a_i of a classification problem, as the linear maps that the methods need. */
export interface SignedSamples extends PointSet {
  /** Stored entries of A. */
  readonly entries: number;
  /** K_ij = y_i y_j <a_i, a_j>, n x n, row-major. */
  gram(): Float64Array;
  /** How many times `products` takes the time of `gram`. */
  readonly gramPasses: number;
  /** Writes the margins y_i <a_i, theta>. */
  products(theta: Float64Array, out: Float64Array): void;
  /** Writes sum_i weights_i y_i a_i. */
  combine(weights: Float64Array, out: Float64Array): void;
  /** One pass of the perceptron in less time than by `product` and `addTo`; returns the number of updates. */
  readonly perceptronPass?: ((step: number, theta: Float64Array) => number) | undefined;
  /** A pass from theta to `next` and the figures of the margins before it, in less time than both. */
  readonly measuredPass?:
    | ((step: number, theta: Float64Array, next: Float64Array) => MeasuredPass)
    | undefined;
  /** Gives memory back that is taken again when the samples are used again. */
  readonly release?: (() => void) | undefined;
  /** y_i <a_i, theta> of one sample. */
  product(i: number, theta: Float64Array): number;
  /** Adds scale y_i a_i to `out`. */
  addTo(i: number, scale: number, out: Float64Array): void;
}

/** The compiled passes of a map, where it has them. */
function passes(
  { perceptronPass, measuredPerceptronPass }: DesignMap,
  y: Float64Array,
): Pick<SignedSamples, "perceptronPass" | "measuredPass"> {
  return {
    perceptronPass: perceptronPass && ((step, theta) => perceptronPass(y, step, theta)),
    measuredPass:
      measuredPerceptronPass && ((step, theta, next) => measuredPerceptronPass(y, step, theta, next)),
  };
}

/** Dense samples, signed on the way. */
export function denseSamples(A: DenseMatrix, y: Float64Array, map: DesignMap): SignedSamples {
  const { rows, columns, values } = A;
  const signed = new Float64Array(rows);
  const { product, adjoint, release } = map;
  return {
    ...passes(map, y),
    release,
    count: rows,
    dimension: columns,
    entries: values.length,
    products(theta, out) {
      product(theta, out);
      for (let i = 0; i < rows; i++) out[i] *= y[i];
    },
    combine(weights, out) {
      for (let i = 0; i < rows; i++) signed[i] = weights[i] * y[i];
      adjoint(signed, out);
    },
    // half of the products of n passes, by blocks that take half of the time
    gramPasses: rows / 4,
    gram() {
      const gram = new Float64Array(rows * rows);
      addLowerProducts(gram, values, values, rows, columns);
      for (let i = 0; i < rows; i++) for (let j = 0; j <= i; j++) gram[i * rows + j] *= y[i] * y[j];
      mirrorLower(gram, rows);
      return gram;
    },
    product(i, theta) {
      const start = i * columns;
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += values[start + j] * theta[j];
      return y[i] * sum;
    },
    addTo(i, scale, out) {
      const start = i * columns;
      const factor = scale * y[i];
      for (let j = 0; j < columns; j++) out[j] += factor * values[start + j];
    },
    point(i, out) {
      for (let j = 0; j < columns; j++) out[j] = y[i] * values[i * columns + j];
    },
  };
}

/** Sparse samples: every pass touches the stored entries only. */
export function sparseSamples(A: CsrMatrix, y: Float64Array, map: DesignMap): SignedSamples {
  const signed = new Float64Array(A.rows);
  const { product, adjoint, release } = map;
  const products = (theta: Float64Array, out: Float64Array) => {
    product(theta, out);
    for (let i = 0; i < A.rows; i++) out[i] *= y[i];
  };
  const point = (i: number, out: Float64Array) => {
    out.fill(0);
    csrAddRow(A, i, y[i], out);
  };
  return {
    ...passes(map, y),
    count: A.rows,
    dimension: A.columns,
    entries: A.values.length,
    release,
    products,
    gramPasses: A.rows,
    gram() {
      const gram = new Float64Array(A.rows * A.rows);
      const sample = new Float64Array(A.columns);
      for (let i = 0; i < A.rows; i++) {
        point(i, sample);
        products(sample, gram.subarray(i * A.rows, (i + 1) * A.rows));
      }
      return gram;
    },
    combine(weights, out) {
      for (let i = 0; i < A.rows; i++) signed[i] = weights[i] * y[i];
      adjoint(signed, out);
    },
    product: (i, theta) => y[i] * csrRowDot(A, i, theta),
    addTo: (i, scale, out) => csrAddRow(A, i, scale * y[i], out),
    point,
  };
}
