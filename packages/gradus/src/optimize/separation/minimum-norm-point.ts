import { ConvergenceError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import { dot } from "../../linalg/vector.ts";

/** Finitely many points of R^d, known through their inner products with a vector. */
export interface PointSet {
  readonly count: number;
  readonly dimension: number;
  /** Writes the inner product of every point with `x` into `out` (length `count`). */
  products(x: Float64Array, out: Float64Array): void;
  /** Writes point `i` into `out` (length `dimension`). */
  point(i: number, out: Float64Array): void;
}

/** The point of a convex hull nearest to the origin, with the certificate of its optimality. */
export interface MinimumNormPoint {
  /** The point of the convex hull nearest to the origin. */
  readonly x: Float64Array;
  /** ||x||. */
  readonly norm: number;
  /** min_i <a_i, x>; equals ||x||^2 at the exact solution. */
  readonly minProduct: number;
}

/** A point counts as left out of a combination below this weight. */
const NO_WEIGHT = 1e-12;
/** Squared Cholesky pivot, relative to the largest point, under which a point adds no new direction. */
const DEPENDENT = 1e-13;

/** The points in use: their Gram matrix plus ones, by rows, and its Cholesky factor, by rows. */
class Corral {
  readonly indices: number[] = [];
  readonly points: Float64Array[] = [];
  weights: number[] = [];
  #gram: Float64Array[] = [];
  #factor: Float64Array[] = [];
  readonly #scale: number;

  constructor(scale: number) {
    this.#scale = scale;
  }

  /** Row i of the factor from row i of the Gram matrix and the rows above; false when the pivot vanishes. */
  #factorize(i: number): boolean {
    const row = new Float64Array(i + 1);
    let rest = this.#gram[i][i];
    for (let j = 0; j < i; j++) {
      const above = this.#factor[j];
      let sum = this.#gram[i][j];
      for (let k = 0; k < j; k++) sum -= row[k] * above[k];
      row[j] = sum / above[j];
      rest -= row[j] * row[j];
    }
    if (!(rest > DEPENDENT)) return false;
    row[i] = Math.sqrt(rest);
    this.#factor[i] = row;
    return true;
  }

  /** Adds a point with weight 0; false, and nothing changed, when it depends affinely on the others. */
  add(index: number, point: Float64Array): boolean {
    const size = this.points.length;
    this.points.push(point);
    this.#gram.push(Float64Array.from(this.points, (other) => 1 + dot(point, other) / this.#scale));
    if (!this.#factorize(size)) {
      this.points.pop();
      this.#gram.pop();
      return false;
    }
    this.indices.push(index);
    this.weights.push(size === 0 ? 1 : 0);
    return true;
  }

  remove(position: number): boolean {
    for (const list of [this.indices, this.points, this.weights, this.#gram]) list.splice(position, 1);
    this.#gram = this.#gram.map((row, i) =>
      i < position ? row : Float64Array.from([...row.subarray(0, position), ...row.subarray(position + 1)]),
    );
    this.#factor.length = position;
    for (let i = position; i < this.points.length; i++) if (!this.#factorize(i)) return false;
    return true;
  }

  /** Weights, summing to 1, of the point of the affine hull nearest to the origin. */
  affineWeights(): Float64Array<ArrayBuffer> {
    const size = this.points.length;
    const u = new Float64Array(size).fill(1);
    for (let i = 0; i < size; i++) {
      const row = this.#factor[i];
      for (let k = 0; k < i; k++) u[i] -= row[k] * u[k];
      u[i] /= row[i];
    }
    for (let i = size - 1; i >= 0; i--) {
      const row = this.#factor[i];
      u[i] /= row[i];
      for (let k = 0; k < i; k++) u[k] -= row[k] * u[i];
    }
    let sum = 0;
    for (const value of u) sum += value;
    return u.map((value) => value / sum);
  }

  combine(out: Float64Array): void {
    out.fill(0);
    this.points.forEach((point, i) => {
      const weight = this.weights[i];
      for (let j = 0; j < out.length; j++) out[j] += weight * point[j];
    });
  }
}

/** Moves the corral to the nearest point of its affine hull, dropping the points that stand in the way. */
function settle(corral: Corral): void {
  for (;;) {
    const target = corral.affineWeights();
    if (target.every((weight) => weight > NO_WEIGHT)) {
      corral.weights = [...target];
      return;
    }
    let reach = 1;
    let blocking = -1;
    target.forEach((weight, i) => {
      if (weight > NO_WEIGHT) return;
      const own = corral.weights[i];
      const limit = own - weight > 0 ? own / (own - weight) : 0;
      if (limit < reach || blocking < 0) {
        reach = Math.min(1, limit);
        blocking = i;
      }
    });
    corral.weights = corral.weights.map((weight, i) => Math.max(0, weight + reach * (target[i] - weight)));
    corral.weights[blocking] = 0;
    for (let i = corral.weights.length - 1; i >= 0; i--)
      if (corral.weights[i] <= NO_WEIGHT && corral.points.length > 1 && !corral.remove(i))
        throw new ConvergenceError(
          "minimum-norm point: the active points became linearly dependent numerically",
        );
    const total = corral.weights.reduce((a, b) => a + b, 0);
    corral.weights = corral.weights.map((weight) => weight / total);
  }
}

/**
 * The point of the convex hull of finitely many points that is nearest to the origin, by Wolfe's active-set method.
 *
 * Ends when min_i <a_i, x> >= (1 - tolerance) ||x||^2, which certifies ||x|| to a relative `tolerance`; or when
 * ||x|| <= `zero` times the longest point, where the origin is in the hull to float64 precision.
 * Source: Wolfe 1976, "Finding the nearest point in a polytope".
 *
 * @param points count >= 1 points of R^dimension
 * @throws ConvergenceError when rounding or `maxCycles` stops the method before the certificate
 */
export function minimumNormPoint(
  points: PointSet,
  options: { readonly tolerance?: number; readonly zero?: number; readonly maxCycles?: number } = {},
): MinimumNormPoint {
  checkOptions("minimumNormPoint", options, ["tolerance", "zero", "maxCycles"]);
  const { tolerance = 1e-6, zero = 1e-8, maxCycles = 100_000 } = options;
  const { count, dimension } = points;
  const candidate = new Float64Array(dimension);
  let shortest = 0;
  let least = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    points.point(i, candidate);
    const square = dot(candidate, candidate);
    largest = Math.max(largest, square);
    if (square < least) {
      least = square;
      shortest = i;
    }
  }
  const x = new Float64Array(dimension);
  points.point(shortest, x);
  if (largest === 0) return { x, norm: 0, minProduct: 0 };
  const corral = new Corral(largest);
  corral.add(shortest, Float64Array.from(x));
  const products = new Float64Array(count);
  let gap = Number.POSITIVE_INFINITY;
  for (let cycle = 0; cycle < maxCycles; cycle++) {
    points.products(x, products);
    let entering = 0;
    for (let i = 1; i < count; i++) if (products[i] < products[entering]) entering = i;
    const square = dot(x, x);
    const minProduct = products[entering];
    gap = 1 - minProduct / square;
    if (gap <= tolerance || square <= zero * zero * largest)
      return { x, norm: Math.sqrt(square), minProduct };
    points.point(entering, candidate);
    if (corral.indices.includes(entering) || !corral.add(entering, Float64Array.from(candidate))) break;
    settle(corral);
    corral.combine(x);
  }
  throw new ConvergenceError(
    `minimum-norm point: stopped at relative gap ${gap.toExponential(2)}, wanted ${tolerance}`,
  );
}
