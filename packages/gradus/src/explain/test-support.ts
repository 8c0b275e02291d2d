import { type DenseMatrix, denseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import type { ExplainableModel, ScoresAndGradients } from "./models/contract.ts";

/** A model of a function of one row and its gradient. */
export function modelOf(
  features: number,
  f: (x: Float64Array) => number,
  gradient: (x: Float64Array) => ArrayLike<number>,
): ExplainableModel & { valuesAndGradients(rows: DenseMatrix): ScoresAndGradients } {
  const rowsOf = ({ rows, values }: DenseMatrix) =>
    Array.from({ length: rows }, (_, i) => values.subarray(i * features, (i + 1) * features));
  const values = (x: DenseMatrix) => Float64Array.from(rowsOf(x), f);
  return {
    features,
    values,
    valuesAndGradients: (x) => ({
      values: values(x),
      gradients: Float64Array.from(rowsOf(x).flatMap((row) => Array.from(gradient(row)))),
    }),
  };
}

/** f = w . x + b. */
export const linear = (w: readonly number[], b: number) =>
  modelOf(
    w.length,
    (x) => x.reduce((total, value, j) => total + value * w[j], b),
    () => w,
  );

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** f = sigma(w . x + b). */
export const logistic = (w: readonly number[], b: number) => {
  const { values } = linear(w, b);
  const f = (x: Float64Array) => sigmoid(x.reduce((total, value, j) => total + value * w[j], b));
  return { ...modelOf(w.length, f, (x) => w.map((weight) => weight * f(x) * (1 - f(x)))), logits: values };
};

/** f = x1^2 + x1 x2, the worked example. */
export const worked = modelOf(
  2,
  ([a, b]) => a * a + a * b,
  ([a, b]) => [2 * a + b, a],
);

/** A tanh network with one hidden layer: f = v . tanh(W x + c). */
export function network(features: number, hidden: number, seed: number) {
  const stream = randomStream(seed);
  const W = stream.fillNormal(new Float64Array(hidden * features));
  const c = stream.fillNormal(new Float64Array(hidden));
  const v = stream.fillNormal(new Float64Array(hidden));
  const activations = (x: Float64Array) =>
    c.map((bias, u) => Math.tanh(x.reduce((total, value, j) => total + W[u * features + j] * value, bias)));
  return modelOf(
    features,
    (x) => activations(x).reduce((total, h, u) => total + v[u] * h, 0),
    (x) => {
      const h = activations(x);
      return Float64Array.from({ length: features }, (_, j) =>
        h.reduce((total, value, u) => total + v[u] * (1 - value * value) * W[u * features + j], 0),
      );
    },
  );
}

/** n x d numbers uniform on [low, high). */
export function uniformRows(n: number, d: number, seed: number, low = 0, high = 1): DenseMatrix {
  const values = randomStream(seed).fillUniform(new Float64Array(n * d));
  return denseMatrix(
    values.map((value) => low + (high - low) * value),
    n,
    d,
  );
}

/** The largest |a_k - b_k|. */
export const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0);

/** The attributions of one row. */
export const rowOf = ({ values, columns }: DenseMatrix, i: number) =>
  Array.from(values.subarray(i * columns, (i + 1) * columns));
