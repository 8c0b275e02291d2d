import { add, constant, div, expandDims, matmul, mul, neg, softmax, square, sub, sum } from "@gradus/graph";
import { type DiffusionModel, exactModel, type ForwardProcess, type NoiseLevel } from "gradus/diffusion";
import { type DenseMatrix, denseMatrix } from "gradus/linalg";
import { randomStream } from "gradus/random";
import { sampleMoments, slicedWassersteinDistance } from "gradus/statistics";

/** Two spirals around (5, 5), half of the points each: the authors' two-dimensional illustration. */
export function spirals(count: number, seed: number): DenseMatrix {
  const stream = randomStream(seed).split("spirals");
  const values = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const a = Math.sqrt(stream.uniform()) * 1.5 * Math.PI;
    const side = i < count / 2 ? 1 : -1;
    values[2 * i] = (side * (-a * Math.cos(a) + 0.5 * stream.uniform())) / 3 + 5;
    values[2 * i + 1] = (side * (a * Math.sin(a) + 0.5 * stream.uniform())) / 3 + 5;
  }
  return denseMatrix(values, count, 2);
}

export const logarithms = ({ rows, columns, values }: DenseMatrix): DenseMatrix =>
  denseMatrix(values.map(Math.log), rows, columns);

export const exponentials = ({ rows, columns, values }: DenseMatrix): DenseMatrix =>
  denseMatrix(values.map(Math.exp), rows, columns);

/** Sliced Wasserstein distance of order 2, over 128 directions that are the same for all pairs. */
export const distance = (a: DenseMatrix, b: DenseMatrix): number =>
  slicedWassersteinDistance(a, b, { directions: 128, seed: 128 });

/** Points of the log-normal law with the means and variances of the logarithms, coordinate by coordinate. */
export function independentLogNormal(data: DenseMatrix, count: number, seed: number): DenseMatrix {
  const { mean, covariance } = sampleMoments(logarithms(data));
  const d = data.columns;
  const values = randomStream(seed)
    .split("log-normal")
    .fillNormal(new Float64Array(count * d));
  for (let k = 0; k < values.length; k++) {
    const j = k % d;
    values[k] = Math.exp(mean[j] + Math.sqrt(covariance.values[j * (d + 1)]) * values[k]);
  }
  return denseMatrix(values, count, d);
}

type ExactModel = DiffusionModel<Record<string, never>>;

/** The law N(mean, variance) of log x, with its exact score. */
export function logNormalModel(process: ForwardProcess, mean: number, variance: number): ExactModel {
  return exactModel({
    process,
    shape: [1],
    moments: { mean: Float32Array.of(mean), variance: Float32Array.of(variance) },
    score: (y, { scale, shift, deviation }: NoiseLevel) =>
      neg(div(sub(y, add(mul(scale, mean), shift)), add(mul(square(scale), variance), square(deviation)))),
  });
}

/** Equal weights on points of the plane, with the exact score: a softmax over the points in logarithms. */
export function atomsModel(process: ForwardProcess, atoms: DenseMatrix): ExactModel {
  const logs = logarithms(atoms);
  const { mean, covariance } = sampleMoments(logs);
  const d = atoms.columns;
  const variance = Float32Array.from({ length: d }, (_, j) => covariance.values[j * (d + 1)]);
  const centers = constant(Float32Array.from(logs.values), [atoms.rows, d]);
  return exactModel({
    process,
    shape: [d],
    moments: { mean: Float32Array.from(mean), variance },
    score(y, { shift, deviation }) {
      const from = sub(y, shift);
      const apart = sum(square(sub(expandDims(from, 1), centers)), { axes: [2] });
      const weights = softmax(div(apart, mul(square(deviation), -2)));
      return div(sub(matmul(weights, centers), from), square(deviation));
    },
  });
}
