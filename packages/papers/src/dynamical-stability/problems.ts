import { teacherNetwork } from "gradus/data";
import { denseMatrix } from "gradus/linalg";
import {
  diagonalBalanceRatio,
  diagonalLinearNetwork,
  diagonalStart,
  type HostRegression,
  pathNorm,
  reluPopulationError,
  twoLayerReLU,
  twoLayerReluStart,
} from "gradus/objectives";
import { randomStream } from "gradus/random";

/** A regression problem whose population error has a closed form. */
export interface Problem {
  readonly regression: HostRegression;
  readonly start: Float64Array;
  /** Half the expected squared error on new inputs. */
  error(theta: Float64Array): number;
  /** The norm that the paper relates to the sharpness. */
  norm(theta: Float64Array): number;
  /** Tr G over new inputs instead of the samples. */
  populationTrace(theta: Float64Array): number;
}

const squares = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);

export interface DiagonalSizes {
  readonly d: number;
  readonly n: number;
}

const features = (d: number) => (theta: Float64Array) => ({
  a: theta.subarray(0, d),
  b: theta.subarray(d),
});

/** |a b|_1 = |beta|_1 of a diagonal network's parameters. */
function sumNorm(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, k) => sum + Math.abs(value * b[k]), 0);
}

/** Balance ratio of a diagonal network's parameters. */
export function diagonalBalance(theta: Float64Array): number {
  const d = theta.length / 2;
  return diagonalBalanceRatio(theta.subarray(0, d), theta.subarray(d));
}

/**
 * Sparse regression beta* = (1, 1, 1, 0, ...) with standard normal inputs, for a diagonal linear network that starts
 * from standard normal parameters, or unbalanced from N(0, 0.1).
 */
export function diagonalProblem({ d, n }: DiagonalSizes, seed: number, balance?: number): Problem {
  const x = randomStream(seed)
    .split("inputs")
    .fillNormal(new Float64Array(n * d));
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let k = 0; k < 3; k++) y[i] += x[i * d + k];
  const parts = features(d);
  return {
    regression: diagonalLinearNetwork(d).on({ x: denseMatrix(x, n, d), y }),
    start: diagonalStart(d, balance === undefined ? { seed } : { seed, deviation: Math.sqrt(0.1), balance }),
    error(theta) {
      const { a, b } = parts(theta);
      return a.reduce((sum, value, k) => sum + (value * b[k] - (k < 3 ? 1 : 0)) ** 2, 0) / 2;
    },
    norm(theta) {
      const { a, b } = parts(theta);
      return sumNorm(a, b);
    },
    populationTrace: squares,
  };
}

export interface ReluSizes {
  readonly d: number;
  /** Units of the network. */
  readonly m: number;
  readonly n: number;
  /** Units of the teacher. */
  readonly k: number;
}

/** The small two-layer ReLU network and the paper's, with their teachers. */
export const reluSizes = {
  small: { d: 20, m: 60, n: 60, k: 5 },
  paper: { d: 100, m: 100, n: 300, k: 10 },
} as const satisfies Record<string, ReluSizes>;

/**
 * A teacher of k ReLU units on the sphere of radius sqrt(d), for a two-layer ReLU network of m units; `scale`
 * multiplies its weights at the start.
 */
export function reluProblem({ d, m, n, k }: ReluSizes, seed: number, scale = 1): Problem {
  const data = teacherNetwork({ n, d, hidden: k, inputs: "sphere", directions: "sphere", seed });
  const shape = { features: d, hidden: m };
  const teacher = { a: data.outputs, W: data.weights.values };
  const parts = (theta: Float64Array) => ({ W: theta.subarray(0, m * d), a: theta.subarray(m * d) });
  return {
    regression: twoLayerReLU(shape).on(data),
    start: twoLayerReluStart(shape, { seed, scale }),
    error: (theta) => reluPopulationError(parts(theta), teacher, d),
    norm(theta) {
      const { a, W } = parts(theta);
      return pathNorm(a, W);
    },
    populationTrace(theta) {
      const { a, W } = parts(theta);
      return (squares(W) + d * squares(a)) / 2;
    },
  };
}
