import { checkFiniteVector, checkLength } from "../../../check/arrays.ts";
import { ArgumentError } from "../../../check/errors.ts";
import { checkIntegerWithin, checkPositive } from "../../../check/numbers.ts";
import { checkGivenOptions } from "../../../check/options.ts";
import type { LabeledRows } from "../../../data/dataset.ts";
import { matrixProduct, transposed } from "../../../linalg/dense-product.ts";
import { checkFiniteDense, type DenseMatrix } from "../../../linalg/matrix.ts";
import { norm2 } from "../../../linalg/vector.ts";
import type { BilevelProblem, BilevelStart, FusedPenalty } from "../problem.ts";
import { checkRows } from "./check-rows.ts";
import { softmaxExamples, withIntercept } from "./softmax-examples.ts";

export interface ExampleWeightsOptions {
  /** Examples whose labels may be wrong. */
  readonly train: LabeledRows<Int32Array>;
  /** Examples whose labels can be trusted. */
  readonly validation: LabeledRows<Int32Array>;
  /** Number of classes; the largest label + 1 without it. */
  readonly classes?: number;
  /** Weight of the squared coefficients in the training loss. */
  readonly ridge?: number;
}

/** Softmax regression with a weight for each training example, chosen by gradient. */
export interface ExampleWeightsProblem {
  readonly problem: BilevelProblem;
  /** Weights of 1/2, coefficients of 0. */
  readonly start: BilevelStart;
  /** sigmoid(x), a weight for each training example. */
  weights(x: Float64Array): Float64Array;
  /** The most likely class of each row by the coefficients y. */
  predict(y: Float64Array, rows: DenseMatrix): Int32Array;
}

const sigmoid = (t: number): number => 1 / (1 + Math.exp(-t));

/**
 * A weight sigmoid(x_i) for every training example of a softmax regression, chosen by the loss on examples that can be
 * trusted: wrong labels lose their weight (data hyper-cleaning).
 *
 *     min_x (1/m) sum_i CE_i^v(W)   where   W minimizes  (1/n) sum_i sigmoid(x_i) CE_i(W) + ridge ||W||_F^2
 *
 * W has a row for each feature and one for the intercept, and a column for each class; y is W row by row.
 *
 * @throws ArgumentError when sizes do not fit or an option is out of range
 * @throws DataError when a number is not finite or a label is no class number
 */
export function exampleWeights(options: ExampleWeightsOptions): ExampleWeightsProblem {
  checkGivenOptions("exampleWeights", options, ["train", "validation", "classes", "ridge"]);
  const { train, validation, ridge = 1e-3 } = options;
  checkRows("train", train);
  checkRows("validation", validation);
  if (train.x.columns !== validation.x.columns)
    throw new ArgumentError(`validation.x must have ${train.x.columns} columns, got ${validation.x.columns}`);
  // what is no number is refused with its row
  const largest = (labels: Int32Array) =>
    labels.filter(Number.isFinite).reduce((most, label) => Math.max(most, label), 0);
  const { classes = Math.max(1, largest(train.y), largest(validation.y)) + 1 } = options;
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { classes });
  checkPositive({ ridge });
  const fit = softmaxExamples("train", train, classes);
  const judge = softmaxExamples("validation", validation, classes);
  const { rows: n, columns } = fit;
  const dimensionY = columns * classes;
  const evenly = new Float64Array(judge.rows).fill(1 / judge.rows);
  const shares = (x: Float64Array) => x.map((xi) => sigmoid(xi) / n);
  const byClass = (W: Float64Array) => transposed(W, columns, classes);
  const byFeature = (W: Float64Array) => transposed(W, classes, columns);
  /** Both at once: one product with the examples for the penalized and the plain lower problem. */
  const fused: FusedPenalty = {
    async inner(x, y, z, { sigma, stepSize, inverseProx, count }) {
      const weights = shares(x);
      const centers = new Float64Array(2 * dimensionY);
      centers.set(byClass(y));
      centers.set(byClass(z), dimensionY);
      const both = centers.slice();
      const [u, v] = [both.subarray(0, dimensionY), both.subarray(dimensionY)];
      let residuals: [number, number] = [0, 0];
      for (let t = 0; t < count; t++) {
        const slope = fit.slopes(both, weights);
        const upper = judge.slopes(u, evenly);
        for (let k = 0; k < dimensionY; k++) slope[k] += sigma * upper[k];
        for (let k = 0; k < 2 * dimensionY; k++) {
          slope[k] += 2 * ridge * both[k] + (both[k] - centers[k]) * inverseProx;
          both[k] -= stepSize * slope[k];
        }
        residuals = [norm2(slope.subarray(0, dimensionY)), norm2(slope.subarray(dimensionY))];
      }
      return { u: byFeature(u), v: byFeature(v), residuals };
    },
    async outer(x, u, v, sigma) {
      const G = fit.losses(byClass(u));
      const plain = fit.losses(byClass(v));
      for (let i = 0; i < n; i++) {
        const s = sigmoid(x[i]);
        G[i] = (s * (1 - s) * (G[i] - plain[i])) / (n * sigma);
      }
      return G;
    },
  };
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    problem: {
      dimensionX: n,
      dimensionY,
      upper: {
        value: (_, W) => mean(judge.losses(byClass(W))),
        gradientX: (_x, _W, out) => out.fill(0),
        gradientY: (_, W) => byFeature(judge.slopes(byClass(W), evenly)),
      },
      lower: {
        value(x, W) {
          const losses = fit.losses(byClass(W));
          const squares = W.reduce((sum, w) => sum + w * w, 0);
          return x.reduce((sum, xi, i) => sum + (sigmoid(xi) * losses[i]) / n, 0) + ridge * squares;
        },
        gradientX(x, W, out) {
          const losses = fit.losses(byClass(W));
          for (let i = 0; i < n; i++) {
            const s = sigmoid(x[i]);
            out[i] = (s * (1 - s) * losses[i]) / n;
          }
          return out;
        },
        gradientY(x, W) {
          const slope = byFeature(fit.slopes(byClass(W), shares(x)));
          for (let k = 0; k < dimensionY; k++) slope[k] += 2 * ridge * W[k];
          return slope;
        },
      },
      fused,
    },
    start: { x0: new Float64Array(n), y0: new Float64Array(dimensionY) },
    weights(x) {
      checkLength("x", x, n);
      checkFiniteVector("x", x);
      return x.map(sigmoid);
    },
    predict(y, rows) {
      checkFiniteDense("rows", rows);
      if (rows.columns + 1 !== columns)
        throw new ArgumentError(`rows must have ${columns - 1} columns, got ${rows.columns}`);
      checkLength("y", y, dimensionY);
      checkFiniteVector("y", y);
      const scores = matrixProduct(withIntercept(rows).values, y, columns);
      return Int32Array.from({ length: rows.rows }, (_, i) => {
        const row = scores.subarray(i * classes, (i + 1) * classes);
        return row.indexOf(row.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY));
      });
    },
  };
}
