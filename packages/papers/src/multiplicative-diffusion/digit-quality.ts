import { cholesky, type DenseMatrix, denseMatrix } from "gradus/linalg";
import { softmaxRegression, withRidge } from "gradus/objectives";
import { minimize } from "gradus/optimize";
import { randomStream } from "gradus/random";
import { sampleMoments } from "gradus/statistics";
import { CLASSES, type DigitImages, PIXELS } from "./digits.ts";
import { exponentials, logarithms } from "./laws.ts";

/** A log-normal law with the covariance of the logarithms, a little of which makes it positive definite. */
export function fullLogNormal(data: DenseMatrix, count: number, seed: number): DenseMatrix {
  const { mean, covariance } = sampleMoments(logarithms(data));
  const d = data.columns;
  const lifted = covariance.values.slice();
  for (let j = 0; j < d; j++) lifted[j * (d + 1)] += 1e-8;
  const { L } = cholesky(denseMatrix(lifted, d, d));
  const z = randomStream(seed)
    .split("full")
    .fillNormal(new Float64Array(count * d));
  const y = new Float64Array(count * d);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < d; j++) {
      let sum = mean[j];
      for (let k = 0; k <= j; k++) sum += L.values[j * d + k] * z[i * d + k];
      y[i * d + j] = sum;
    }
  return exponentials(denseMatrix(y, count, d));
}

/** Pixels in [1, 2], as the authors end. */
export const clamped = ({ rows, columns, values }: DenseMatrix) =>
  denseMatrix(
    values.map((x) => Math.min(2, Math.max(1, x))),
    rows,
    columns,
  );

/** A linear classifier of the training digits, as probabilities of the classes. */
export async function classifier({ train, trainLabels }: DigitImages, signal: AbortSignal) {
  const withOne = (images: DenseMatrix) => {
    const values = new Float64Array(images.rows * (PIXELS + 1));
    for (let i = 0; i < images.rows; i++) {
      for (let j = 0; j < PIXELS; j++) values[i * (PIXELS + 1) + j] = images.values[i * PIXELS + j] - 1;
      values[i * (PIXELS + 1) + PIXELS] = 1;
    }
    return denseMatrix(values, images.rows, PIXELS + 1);
  };
  // the penalty |w|^2 / (2 n), the default of scikit-learn's logistic regression: without it the digits are separable
  const objective = softmaxRegression(withOne(train), trainLabels, { classes: CLASSES });
  const { x } = await minimize(
    withRidge(objective, 1 / train.rows),
    new Float64Array(CLASSES * (PIXELS + 1)),
    {
      maxIterations: 100,
      gradientTolerance: 1e-6,
      signal,
    },
  );
  return (images: DenseMatrix): Float64Array[] => {
    const A = withOne(images);
    return Array.from({ length: A.rows }, (_, i) => {
      const logits = new Float64Array(CLASSES);
      for (let c = 0; c < CLASSES; c++)
        for (let j = 0; j <= PIXELS; j++)
          logits[c] += x[c * (PIXELS + 1) + j] * A.values[i * (PIXELS + 1) + j];
      const most = Math.max(...logits);
      const parts = logits.map((value) => Math.exp(value - most));
      const total = parts.reduce((sum, value) => sum + value, 0);
      return parts.map((value) => value / total);
    });
  };
}

/** The mean distance to the nearest training image. */
export function nearestOf(images: DenseMatrix, train: DenseMatrix): number {
  let sum = 0;
  for (let i = 0; i < images.rows; i++) {
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < train.rows; k++) {
      let square = 0;
      for (let j = 0; j < PIXELS && square < least; j++)
        square += (images.values[i * PIXELS + j] - train.values[k * PIXELS + j]) ** 2;
      least = Math.min(least, square);
    }
    sum += Math.sqrt(least) / images.rows;
  }
  return sum;
}
