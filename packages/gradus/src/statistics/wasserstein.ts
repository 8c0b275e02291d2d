import { ArgumentError } from "../check/errors.ts";
import { checkAtLeast, checkPositiveInteger } from "../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../check/options.ts";
import { denseMultiply } from "../linalg/dense.ts";
import { checkDense, type DenseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import { checkSample } from "./check-sample.ts";

/** A mean of powers of distances, and the largest distance. */
interface Cost {
  readonly cost: number;
  readonly largest: number;
}

/**
 * W_p^p of two sorted samples in a unit of length: the integral of the p-th power of the distance between their quantile
 * functions.
 */
function sortedCost(a: Float64Array, b: Float64Array, order: number, unit: number): Cost {
  const [n, m] = [a.length, b.length];
  let cost = 0;
  let largest = 0;
  let i = 0;
  let j = 0;
  // positions are in units of 1/(n m), in which the steps of both samples are integers
  for (let place = 0; place < n * m; ) {
    const next = Math.min((i + 1) * m, (j + 1) * n);
    const distance = Math.abs(a[i] - b[j]) / unit;
    largest = Math.max(largest, distance);
    cost += (next - place) * (order === 2 ? distance * distance : distance ** order);
    if (next === (i + 1) * m) i += 1;
    if (next === (j + 1) * n) j += 1;
    place = next;
  }
  return { cost: cost / (n * m), largest };
}

/** Costs from here on lost no terms to underflow. */
const LEAST_COST = 2 ** -900;

/** The p-th root of a cost; where powers of distances leave float64, in the unit of the largest one. */
function rootOf(costIn: (unit: number) => Cost, order: number): number {
  const { cost, largest } = costIn(1);
  const isHeld = cost >= LEAST_COST && cost < Number.POSITIVE_INFINITY;
  if (isHeld || largest === 0 || largest === Number.POSITIVE_INFINITY) return cost ** (1 / order);
  return largest * costIn(largest).cost ** (1 / order);
}

/**
 * Wasserstein distance of order p between two samples of numbers, the L^p distance between their quantile functions:
 *
 *     W_p = ( integral_0^1 |F^-1(t) - G^-1(t)|^p dt )^(1/p)
 *
 * @throws ArgumentError unless order is finite and >= 1, or for an unknown option
 * @throws DataError when a sample is empty or a number is not finite
 */
export function wassersteinDistance(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: { order?: number } = {},
): number {
  checkOptions("wassersteinDistance", options, ["order"]);
  const { order = 1 } = options;
  checkAtLeast(1, { order });
  checkSample("a", a);
  checkSample("b", b);
  const sorted = [Float64Array.from(a).sort(), Float64Array.from(b).sort()] as const;
  return rootOf((unit) => sortedCost(...sorted, order, unit), order);
}

export interface SlicedWassersteinOptions {
  /** Number of random directions. */
  readonly directions?: number;
  readonly order?: number;
  readonly seed: number;
}

/**
 * Sliced Wasserstein distance between two samples of points: the mean over random directions of the one-dimensional
 * distances of the projections,
 *
 *     SW_p = ( E_u W_p^p(<u, X>, <u, Y>) )^(1/p),   u uniform on the unit sphere.
 *
 * The same seed gives the same directions, so distances are comparable.
 * Source: Bonneel, Rabin, Peyre & Pfister 2015, "Sliced and Radon Wasserstein barycenters of measures".
 *
 * @param x n x d, one point a row
 * @param y m x d, one point a row; m may differ from n
 * @throws ArgumentError when x and y are not dense matrices with the same number of columns, directions is not a
 *   positive integer, order is not finite and >= 1, or an option is unknown
 * @throws DataError when a sample is empty or a number is not finite
 */
export function slicedWassersteinDistance(
  x: DenseMatrix,
  y: DenseMatrix,
  options: SlicedWassersteinOptions,
): number {
  checkGivenOptions("slicedWassersteinDistance", options, ["directions", "order", "seed"]);
  const { directions = 200, order = 2, seed } = options;
  checkAtLeast(1, { order });
  checkPositiveInteger({ directions });
  for (const [name, points] of Object.entries({ x, y })) {
    checkDense(name, points);
    checkSample(name, points.values);
  }
  const d = x.columns;
  if (y.columns !== d) throw new ArgumentError(`y must have d = ${d} columns like x, got ${y.columns}`);
  function costIn(unit: number): Cost {
    const stream = randomStream(seed);
    const [a, b] = [new Float64Array(x.rows), new Float64Array(y.rows)];
    let [total, most] = [0, 0];
    for (let k = 0; k < directions; k++) {
      const direction = stream.unitSphere(d);
      denseMultiply(x.values, a.length, d, direction, a);
      denseMultiply(y.values, b.length, d, direction, b);
      const { cost, largest } = sortedCost(a.sort(), b.sort(), order, unit);
      total += cost;
      most = Math.max(most, largest);
    }
    return { cost: total / directions, largest: most };
  }
  return rootOf(costIn, order);
}
