import type { NetworkLoss } from "../output-loss.ts";
import { outputLoss } from "../output-loss.ts";

/** An example x, its label, and which of its entries may change by at most epsilon. */
export interface Example {
  readonly x: Float64Array;
  readonly y: number;
  readonly epsilon: number;
  readonly perturbed: readonly boolean[];
}

/** The largest loss of a linear output a^T x inside the box, as a function of a, and its proximal map. */
export interface WorstCaseLoss {
  value(example: Example, a: Float64Array): number;
  /** Overwrites z by  argmin_a  value(a) + |a - z|^2 / (2 step). */
  prox(example: Example, z: Float64Array, step: number): void;
}

function product(x: Float64Array, a: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < x.length; j++) sum += x[j] * a[j];
  return sum;
}

/** epsilon |a_J|_1. */
function margin({ epsilon, perturbed }: Example, a: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) if (perturbed[j]) sum += Math.abs(a[j]);
  return epsilon * sum;
}

/** out = soft(z + along x, threshold), the threshold on the entries that may change. */
function shifted(
  { x, perturbed }: Example,
  z: Float64Array,
  along: number,
  threshold: number,
  out: Float64Array,
): Float64Array {
  for (let j = 0; j < z.length; j++) {
    const moved = z[j] + along * x[j];
    if (!perturbed[j]) out[j] = moved;
    else {
      const soft = Math.max(0, Math.abs(moved) - threshold);
      out[j] = moved < 0 ? -soft : soft;
    }
  }
  return out;
}

const ROUNDS = 200;
const CLOSE = 1e-14;

/**
 * The root of a function that does not fall, between two points at which it has different signs: by the secant, and by halves
 * where that does not shrink the interval (Illinois).
 */
function rootBetween(f: (p: number) => number, low: number, high: number): number {
  let [fLow, fHigh] = [f(low), f(high)];
  if (fLow >= 0) return low;
  if (fHigh <= 0) return high;
  let side = 0;
  for (let round = 0; round < ROUNDS && high - low > CLOSE * (1 + Math.abs(low)); round++) {
    const secant = (low * fHigh - high * fLow) / (fHigh - fLow);
    const p = secant > low && secant < high && round % 8 !== 7 ? secant : (low + high) / 2;
    const value = f(p);
    if (value === 0) return p;
    if (value < 0) {
      [low, fLow] = [p, value];
      if (side < 0) fHigh /= 2;
      side = -1;
    } else {
      [high, fHigh] = [p, value];
      if (side > 0) fLow /= 2;
      side = 1;
    }
  }
  return (low + high) / 2;
}

/** phi of the smallest margin  y a^T x - epsilon |a|_1,  for losses of the margin with slopes in [-1, 0]. */
function marginLoss(
  value: (margin: number) => number,
  /** A function of p in [0, 1] and the margin at p that does not fall in both: its root is the slope. */
  balance: (p: number, margin: number) => number,
): WorstCaseLoss {
  return {
    value: (example, a) => value(example.y * product(example.x, a) - margin(example, a)),
    prox(example, z, step) {
      const { x, y, epsilon } = example;
      const a = new Float64Array(z.length);
      const at = (p: number) => shifted(example, z, step * p * y, step * p * epsilon, a);
      const f = (p: number) => {
        at(p);
        return balance(p, y * product(x, a) - margin(example, a));
      };
      z.set(at(rootBetween(f, 0, 1)));
    },
  };
}

const hinge = marginLoss(
  (m) => Math.max(0, 1 - m),
  (_, m) => m - 1,
);

const logisticRecord = outputLoss("logistic");

const logistic = marginLoss(
  (m) => logisticRecord.value(m, 1),
  (p, m) => p - 1 / (1 + Math.exp(m)),
);

/** A number q above which the root of  size(q) - q  must lie below, by doubling. */
function above(size: (q: number) => number): number {
  let q = 1;
  while (size(q) > q) q *= 2;
  return q;
}

/**
 * (|x^T a - y| + epsilon |a|_1)^2 / 2. With q the value under the square, a = soft(z - step q sigma x, step q epsilon) where
 * sigma is the sign of the residual, or, at a residual of 0, a number between -1 and 1.
 */
const squared: WorstCaseLoss = {
  value(example, a) {
    const size = Math.abs(product(example.x, a) - example.y) + margin(example, a);
    return (size * size) / 2;
  },
  prox(example, z, step) {
    const { x, y, epsilon } = example;
    const a = new Float64Array(z.length);
    for (const sign of [1, -1]) {
      const size = (q: number) => {
        shifted(example, z, -step * q * sign, step * q * epsilon, a);
        return sign * (product(x, a) - y) + margin(example, a);
      };
      const q = rootBetween((value) => value - size(value), 0, above(size));
      shifted(example, z, -step * q * sign, step * q * epsilon, a);
      if (sign * (product(x, a) - y) >= 0) {
        z.set(a);
        return;
      }
    }
    // a residual of 0: for each q the multiplier with x^T a = y, then the q with  q = epsilon |a|_1
    const residual = (along: number, q: number) =>
      product(x, shifted(example, z, along, step * q * epsilon, a)) - y;
    const solved = (q: number) => {
      let reach = 1;
      while (residual(-reach, q) > 0 || residual(reach, q) < 0) reach *= 2;
      const along = rootBetween((value) => residual(value, q), -reach, reach);
      shifted(example, z, along, step * q * epsilon, a);
      return margin(example, a);
    };
    solved(rootBetween((value) => value - solved(value), 0, above(solved)));
    z.set(a);
  },
};

const byName: Readonly<Record<NetworkLoss, WorstCaseLoss>> = { squared, logistic, hinge };

/** The worst-case form of a loss. */
export function worstCaseLoss(name: NetworkLoss): WorstCaseLoss {
  return byName[name];
}
