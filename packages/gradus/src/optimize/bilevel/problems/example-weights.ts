import { checkFiniteVector, checkLength } from "../../../check/arrays.ts";
import { ArgumentError } from "../../../check/errors.ts";
import { checkIntegerWithin, checkPositive } from "../../../check/numbers.ts";
import { checkGivenOptions } from "../../../check/options.ts";
import type { LabeledRows } from "../../../data/dataset.ts";
import { matrixProduct, transposed } from "../../../linalg/dense-product.ts";
import { checkFiniteDense, type DenseMatrix } from "../../../linalg/matrix.ts";
import { rowMajor, softmaxLoss, softmaxOfRows } from "../../../losses/softmax.ts";
import { rowNumbers } from "../../../objectives/design-matrix.ts";
import type { BilevelProblem, BilevelStart, FusedPenalty } from "../problem.ts";
import { checkRows } from "./check-rows.ts";

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

/** Losses of rows and their slopes, of a softmax regression with an intercept. */
function softmaxRows(name: string, { x, y }: LabeledRows<Int32Array>, classes: number) {
  const loss = softmaxLoss(classes);
  const numbers = rowNumbers(y, x.rows, `${name}.y`);
  loss.checkLabels(`${name}.y`, numbers);
  const labels = Int32Array.from(numbers);
  const X = withIntercept(x);
  const { rows, columns, values } = X;
  const XT = transposed(values, rows, columns);
  const losses = new Float64Array(rows);
  const told = { labels, losses };
  return {
    rows,
    columns,
    /** Losses of the rows at W, in memory that the next call overwrites. */
    losses(W: Float64Array): Float64Array {
      const scores = matrixProduct(values, W, columns);
      softmaxOfRows(scores, scores, rowMajor(rows, classes), told);
      return losses;
    },
    /** sum_i weights_i grad l_i at each of several W, which stand side by side: `columns` x (count classes) numbers. */
    slopes(W: Float64Array, weights: Float64Array, count: number): Float64Array {
      const excess = matrixProduct(values, W, columns);
      const rowStride = count * classes;
      for (let at = 0; at < rowStride; at += classes) {
        const own = excess.subarray(at);
        softmaxOfRows(own, own, { rows, classes, rowStride, classStride: 1 });
        for (let i = 0; i < rows; i++) own[i * rowStride + labels[i]] -= 1;
      }
      for (let i = 0, k = 0; i < rows; i++) {
        const weight = weights[i];
        for (const end = k + rowStride; k < end; k++) excess[k] *= weight;
      }
      return matrixProduct(XT, excess, rows);
    },
  };
}

/** A column of ones at the end. */
function withIntercept({ rows, columns, values }: DenseMatrix): DenseMatrix {
  const wide = new Float64Array(rows * (columns + 1));
  for (let i = 0; i < rows; i++) {
    wide.set(values.subarray(i * columns, (i + 1) * columns), i * (columns + 1));
    wide[(i + 1) * (columns + 1) - 1] = 1;
  }
  return { rows, columns: columns + 1, values: wide };
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
  const largest = (labels: Int32Array) => labels.reduce((most, label) => Math.max(most, label), 0);
  const { classes = Math.max(1, largest(train.y), largest(validation.y)) + 1 } = options;
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { classes });
  checkPositive({ ridge });
  const fit = softmaxRows("train", train, classes);
  const judge = softmaxRows("validation", validation, classes);
  const { rows: n, columns } = fit;
  const dimensionY = columns * classes;
  const evenly = new Float64Array(judge.rows).fill(1 / judge.rows);
  const shares = (x: Float64Array) => x.map((xi) => sigmoid(xi) / n);
  /** Both at once: one product with the examples for the penalized and the plain lower problem. */
  const fused: FusedPenalty = {
    async inner(x, y, z, { sigma, stepSize, inverseProx, count }) {
      const weights = shares(x);
      const [u, v] = [y.slice(), z.slice()];
      const both = new Float64Array(2 * dimensionY);
      let residuals: [number, number] = [0, 0];
      for (let t = 0; t < count; t++) {
        for (let f = 0; f < columns; f++) {
          both.set(u.subarray(f * classes, (f + 1) * classes), 2 * f * classes);
          both.set(v.subarray(f * classes, (f + 1) * classes), (2 * f + 1) * classes);
        }
        const lower = fit.slopes(both, weights, 2);
        const upper = judge.slopes(u, evenly, 1);
        let [squareU, squareV] = [0, 0];
        for (let k = 0; k < dimensionY; k++) {
          const at = k + classes * Math.floor(k / classes);
          const du = sigma * upper[k] + lower[at] + 2 * ridge * u[k] + (u[k] - y[k]) * inverseProx;
          const dv = lower[at + classes] + 2 * ridge * v[k] + (v[k] - z[k]) * inverseProx;
          u[k] -= stepSize * du;
          v[k] -= stepSize * dv;
          squareU += du * du;
          squareV += dv * dv;
        }
        residuals = [Math.sqrt(squareU), Math.sqrt(squareV)];
      }
      return { u, v, residuals };
    },
    async outer(x, u, v, sigma) {
      const G = fit.losses(u).slice();
      const plain = fit.losses(v);
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
        value: (_, W) => mean(judge.losses(W)),
        gradientX: (_x, _W, out) => out.fill(0),
        gradientY: (_, W) => judge.slopes(W, evenly, 1),
      },
      lower: {
        value(x, W) {
          const losses = fit.losses(W);
          const squares = W.reduce((sum, w) => sum + w * w, 0);
          return x.reduce((sum, xi, i) => sum + (sigmoid(xi) * losses[i]) / n, 0) + ridge * squares;
        },
        gradientX(x, W, out) {
          const losses = fit.losses(W);
          for (let i = 0; i < n; i++) {
            const s = sigmoid(x[i]);
            out[i] = (s * (1 - s) * losses[i]) / n;
          }
          return out;
        },
        gradientY(x, W) {
          const slope = fit.slopes(W, shares(x), 1);
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
