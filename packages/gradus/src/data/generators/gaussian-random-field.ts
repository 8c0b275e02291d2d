import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
import type { RandomStream } from "../../random/stream.ts";

export interface GaussianRandomFieldOptions {
  /** Number of evenly spaced points, including both ends. */
  readonly points: number;
  /** The interval is [0, end]. */
  readonly end?: number;
  /** l, the correlation length. */
  readonly lengthScale?: number;
  readonly kernel?: FieldKernel;
  /** Of the periodic kernel; the whole interval when left out. */
  readonly period?: number;
}

/**
 * Covariances of distance r, from smooth fields to rough ones: exp(-r^2 / (2 l^2)); exp(-2 sin^2(pi r / period) / l^2);
 * the Matern kernels of order 5/2, (1 + a + a^2 / 3) exp(-a) with a = sqrt(5) r / l, and of order 3/2, (1 + a) exp(-a)
 * with a = sqrt(3) r / l; and of order 1/2, exp(-r / l), an Ornstein-Uhlenbeck process.
 */
export type FieldKernel = "squared-exponential" | "periodic" | "matern-5/2" | "matern-3/2" | "exponential";

type Covariance = (distance: number) => number;

const covariances: Readonly<
  Record<Exclude<FieldKernel, "exponential">, (lengthScale: number, period: number) => Covariance>
> = {
  "squared-exponential": (l) => (r) => Math.exp((-r * r) / (2 * l * l)),
  periodic: (l, period) => (r) => Math.exp(-2 * (Math.sin((Math.PI * r) / period) / l) ** 2),
  "matern-5/2": (l) => (r) => {
    const a = (Math.sqrt(5) * r) / l;
    return (1 + a + (a * a) / 3) * Math.exp(-a);
  },
  "matern-3/2": (l) => (r) => {
    const a = (Math.sqrt(3) * r) / l;
    return (1 + a) * Math.exp(-a);
  },
};

/** A distribution of functions on a grid, mean 0 and variance 1. */
export interface GaussianRandomField {
  readonly grid: Float64Array;
  /** Number of independent normal numbers from which one function is made. */
  readonly rank: number;
  /** `count` functions at the grid's points: count x points, row-major. */
  sample(stream: RandomStream, count?: number): Float64Array;
}

/** Variance that the factorization may miss at any point; above its rounding error. */
const MISSING_VARIANCE = 1e-14;

/**
 * Rows f_1 .. f_r with sum_k f_k(x) f_k(x') = k(x, x') to 1e-14, by Cholesky factorization with the largest remaining
 * variance as the pivot: r is the numerical rank, about 30 for smooth kernels, and no jitter is added to the diagonal.
 */
function pivotedCholesky(grid: Float64Array, kernel: Covariance): Float64Array[] {
  const n = grid.length;
  const variance = new Float64Array(n).fill(kernel(0));
  const factor: Float64Array[] = [];
  while (factor.length < n) {
    let pivot = 0;
    for (let i = 1; i < n; i++) if (variance[i] > variance[pivot]) pivot = i;
    if (!(variance[pivot] > MISSING_VARIANCE)) break;
    const root = Math.sqrt(variance[pivot]);
    const row = Float64Array.from(grid, (x) => kernel(Math.abs(x - grid[pivot])));
    for (const earlier of factor) {
      const share = earlier[pivot];
      for (let i = 0; i < n; i++) row[i] -= share * earlier[i];
    }
    for (let i = 0; i < n; i++) {
      row[i] /= root;
      variance[i] -= row[i] * row[i];
    }
    variance[pivot] = 0;
    factor.push(row);
  }
  return factor;
}

function factoredField(grid: Float64Array, kernel: Covariance): GaussianRandomField {
  const n = grid.length;
  const factor = pivotedCholesky(grid, kernel);
  const rank = factor.length;
  return {
    grid,
    rank,
    sample(stream, count = 1) {
      checkPositiveInteger({ count });
      const fields = new Float64Array(count * n);
      const z = new Float64Array(rank);
      for (let s = 0; s < count; s++) {
        stream.fillNormal(z);
        const field = fields.subarray(s * n, (s + 1) * n);
        for (let k = 0; k < rank; k++) {
          const [row, zk] = [factor[k], z[k]];
          for (let i = 0; i < n; i++) field[i] += zk * row[i];
        }
      }
      return fields;
    },
  };
}

// With this kernel the field is a Markov process: each point depends only on the one before it.
function markovField(grid: Float64Array, lengthScale: number): GaussianRandomField {
  const n = grid.length;
  const memory = Math.exp(-(grid[1] - grid[0]) / lengthScale);
  const fresh = Math.sqrt(1 - memory * memory);
  return {
    grid,
    rank: n,
    sample(stream, count = 1) {
      checkPositiveInteger({ count });
      const fields = stream.fillNormal(new Float64Array(count * n));
      for (let start = 0; start < fields.length; start += n)
        for (let i = start + 1; i < start + n; i++) fields[i] = memory * fields[i - 1] + fresh * fields[i];
      return fields;
    },
  };
}

/**
 * A stationary Gaussian random field on an interval: functions u with u(x) ~ N(0, 1) and Cov(u(x), u(x')) =
 * k(|x - x'|), exact at the grid's points up to rounding.
 * Source: the input functions of Lu, Jin & Karniadakis 2019, DeepONet, arXiv 1910.03193; the other kernels, Rasmussen &
 * Williams 2006, equations 4.14 to 4.17 and 4.31.
 *
 * @throws ArgumentError unless points is an integer >= 2, and end, lengthScale and period are finite and > 0, for a
 *   period of another kernel, or for an unknown option or kernel
 */
export function gaussianRandomField(options: GaussianRandomFieldOptions): GaussianRandomField {
  checkGivenOptions("gaussianRandomField", options, ["points", "end", "lengthScale", "kernel", "period"]);
  const { points, end = 1, lengthScale = 0.2, kernel = "squared-exponential", period = end } = options;
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { points });
  checkPositive({ end, lengthScale, period });
  checkOneOf([...Object.keys(covariances), "exponential"], { kernel });
  if (options.period !== undefined && kernel !== "periodic")
    throw new ArgumentError(`period is an option of the periodic kernel, got the kernel "${kernel}"`);
  const grid = zerosOf({ points }).map((_, i) => (end * i) / (points - 1));
  if (kernel === "exponential") return markovField(grid, lengthScale);
  return factoredField(grid, covariances[kernel](lengthScale, period));
}
