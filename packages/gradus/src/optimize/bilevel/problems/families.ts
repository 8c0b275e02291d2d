import { checkNonNegativeInteger } from "../../../check/numbers.ts";
import { checkOptions } from "../../../check/options.ts";
import { denseMultiply, denseMultiplyTransposed } from "../../../linalg/dense.ts";
import { type RandomStream, randomStream } from "../../../random/stream.ts";
import type { BilevelProblem, BilevelStart } from "../problem.ts";

/** A bilevel problem whose hyper-objective has a closed form. */
export interface BilevelTestProblem {
  readonly problem: BilevelProblem;
  readonly start: Required<BilevelStart>;
  /** psi(x). */
  hyperobjective(x: Float64Array): number;
  /** grad psi(x). */
  hypergradient(x: Float64Array): Float64Array;
  /** The minimizer of f(x, .) over the solutions of the lower level. */
  lowerSolution(x: Float64Array): Float64Array;
}

/** A test problem whose penalized hyper-objective has a closed form too. */
export interface PenalizedTestProblem extends BilevelTestProblem {
  /** psi_sigma(x). */
  penaltyValue(x: Float64Array, sigma: number): number;
  /** grad psi_sigma(x). */
  penaltyGradient(x: Float64Array, sigma: number): Float64Array;
}

export interface BilevelTestOptions {
  readonly seed?: number;
}

/** A = U diag(s) V with s falling evenly from `high` to `low`, U orthogonal, V with orthonormal rows. */
function spectralMatrix(stream: RandomStream, rows: number, columns: number, low: number, high: number) {
  const U = stream.split("U").orthogonal(rows, rows).values;
  const V = stream.split("V").orthogonal(rows, columns).values;
  const s = Float64Array.from({ length: rows }, (_, k) => low + ((high - low) * k) / (rows - 1));
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < rows; k++)
      for (let j = 0; j < columns; j++)
        values[i * columns + j] += U[i * rows + k] * s[k] * V[k * columns + j];
  /** U diag(f(s)) U^T r. */
  const onRange = (r: Float64Array, f: (s: number) => number): Float64Array => {
    const turned = denseMultiplyTransposed(U, rows, rows, r);
    return denseMultiply(
      U,
      rows,
      rows,
      turned.map((value, k) => value * f(s[k])),
    );
  };
  return { values, onRange };
}

const normals = (stream: RandomStream, length: number, scale = 1): Float64Array =>
  stream.fillNormal(new Float64Array(length)).map((value) => value * scale);

const squared = (v: Float64Array): number => v.reduce((sum, value) => sum + value * value, 0);

function seedOf(of: string, options: BilevelTestOptions): RandomStream {
  checkOptions(of, options, ["seed"]);
  const { seed = 0 } = options;
  checkNonNegativeInteger({ seed });
  return randomStream(seed).split(of);
}

/**
 * g = ||A y - B x||^2 / 2, f = ||y - c||^2 / 2 + ||x - e||^2 / 2 with x in R^4, y in R^20, A 5 x 20 with singular values
 * 0.7 to 1.5: the lower level has a 15-dimensional set of solutions, and along it h_sigma has curvature sigma alone.
 *
 *     psi_sigma(x) = r^T (sigma I + A A^T)^-1 r / 2 + ||x - e||^2 / 2,   r = A c - B x
 */
export function affineBilevelProblem(options: BilevelTestOptions = {}): PenalizedTestProblem {
  const stream = seedOf("affineBilevelProblem", options);
  const [dx, dy, p] = [4, 20, 5];
  const { values: A, onRange } = spectralMatrix(stream, p, dy, 0.7, 1.5);
  const B = normals(stream.split("B"), p * dx);
  const c = normals(stream.split("c"), dy);
  const e = normals(stream.split("e"), dx);
  const Ac = denseMultiply(A, p, dy, c);
  const [ay, bx, rest] = [new Float64Array(p), new Float64Array(p), new Float64Array(p)];
  function residual(x: Float64Array, y: Float64Array): Float64Array<ArrayBuffer> {
    denseMultiply(A, p, dy, y, ay);
    denseMultiply(B, p, dx, x, bx);
    for (let i = 0; i < p; i++) rest[i] = ay[i] - bx[i];
    return rest;
  }
  const gapOf = (x: Float64Array) => denseMultiply(B, p, dx, x).map((value, i) => Ac[i] - value);
  const solved = (x: Float64Array, sigma: number) => onRange(gapOf(x), (s) => 1 / (sigma + s * s));
  const penaltyValue = (x: Float64Array, sigma: number) => {
    const r = gapOf(x);
    const w = solved(x, sigma);
    return r.reduce((sum, value, i) => sum + (value * w[i]) / 2, 0) + squared(x.map((v, j) => v - e[j])) / 2;
  };
  const penaltyGradient = (x: Float64Array, sigma: number) => {
    const back = denseMultiplyTransposed(B, p, dx, solved(x, sigma));
    return x.map((value, j) => value - e[j] - back[j]);
  };
  return {
    problem: {
      dimensionX: dx,
      dimensionY: dy,
      upper: {
        value: (x, y) => squared(y.map((v, i) => v - c[i])) / 2 + squared(x.map((v, j) => v - e[j])) / 2,
        gradientX(x, _, out) {
          for (let j = 0; j < dx; j++) out[j] = x[j] - e[j];
          return out;
        },
        gradientY(_, y, out) {
          for (let i = 0; i < dy; i++) out[i] = y[i] - c[i];
          return out;
        },
      },
      lower: {
        value: (x, y) => squared(residual(x, y)) / 2,
        gradientX(x, y, out) {
          denseMultiplyTransposed(B, p, dx, residual(x, y), out);
          for (let j = 0; j < dx; j++) out[j] = -out[j];
          return out;
        },
        gradientY: (x, y, out) => denseMultiplyTransposed(A, p, dy, residual(x, y), out),
      },
      upperProducts: { yy: (_x, _y, v) => v.slice(), xy: () => new Float64Array(dx) },
      lowerProducts: {
        yy: (_x, _y, v) => denseMultiplyTransposed(A, p, dy, denseMultiply(A, p, dy, v)),
        xy: (_x, _y, v) =>
          denseMultiplyTransposed(B, p, dx, denseMultiply(A, p, dy, v)).map((value) => -value),
      },
    },
    start: { x0: new Float64Array(dx), y0: new Float64Array(dy), z0: new Float64Array(dy) },
    hyperobjective: (x) => penaltyValue(x, 0),
    hypergradient: (x) => penaltyGradient(x, 0),
    lowerSolution(x) {
      const back = denseMultiplyTransposed(A, p, dy, solved(x, 0));
      return c.map((value, i) => value - back[i]);
    },
    penaltyValue,
    penaltyGradient,
  };
}

const BEND = 0.5;

/** The t with t + sin(t)/2 = s, by Newton's steps in a bracket. */
function unbend(s: number): number {
  let [low, high, t] = [s - BEND, s + BEND, s];
  for (let k = 0; k < 80; k++) {
    const excess = t + BEND * Math.sin(t) - s;
    if (excess > 0) high = t;
    else low = t;
    const newton = t - excess / (1 + BEND * Math.cos(t));
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (next === t) break;
    t = next;
  }
  return t;
}

/**
 * The t with sigma (t - c) + (phi(t) - s) phi'(t) = 0, by halving between c and q = phi^-1(s), where one side is negative
 * and the other positive; the only one while 4 sigma |q - c| < 1.
 */
function penalizedBend(s: number, c: number, sigma: number): number {
  const q = unbend(s);
  let [below, above] = q < c ? [q, c] : [c, q];
  for (;;) {
    const t = (below + above) / 2;
    if (t <= below || t >= above) return t;
    const slope = sigma * (t - c) + (t + BEND * Math.sin(t) - s) * (1 + BEND * Math.cos(t));
    if (slope > 0) above = t;
    else below = t;
  }
}

/** What both problems with a bent lower level share. */
function bentProblem(stream: RandomStream) {
  const [dx, dy, p] = [5, 20, 8];
  const { values: A, onRange } = spectralMatrix(stream, p, dy, 0.8, 1.2);
  const B = normals(stream.split("B"), p * dx, 1 / Math.sqrt(dx));
  const e = normals(stream.split("e"), dx, 2);
  const [t, bx, r] = [new Float64Array(p), new Float64Array(p), new Float64Array(p)];
  /** Fills t = A y and r = phi(t) - B x. */
  function bend(x: Float64Array, y: Float64Array): void {
    denseMultiply(A, p, dy, y, t);
    denseMultiply(B, p, dx, x, bx);
    for (let i = 0; i < p; i++) r[i] = t[i] + BEND * Math.sin(t[i]) - bx[i];
  }
  const lower: BilevelProblem["lower"] = {
    value(x, y) {
      bend(x, y);
      return squared(r) / 2;
    },
    gradientX(x, y, out) {
      bend(x, y);
      denseMultiplyTransposed(B, p, dx, r, out);
      for (let j = 0; j < dx; j++) out[j] = -out[j];
      return out;
    },
    gradientY(x, y, out) {
      bend(x, y);
      for (let i = 0; i < p; i++) r[i] *= 1 + BEND * Math.cos(t[i]);
      return denseMultiplyTransposed(A, p, dy, r, out);
    },
  };
  const lowerProducts: BilevelProblem["lowerProducts"] = {
    yy(x, y, v) {
      bend(x, y);
      const along = denseMultiply(A, p, dy, v);
      for (let i = 0; i < p; i++) along[i] *= (1 + BEND * Math.cos(t[i])) ** 2 - r[i] * BEND * Math.sin(t[i]);
      return denseMultiplyTransposed(A, p, dy, along);
    },
    xy(x, y, v) {
      bend(x, y);
      const along = denseMultiply(A, p, dy, v);
      for (let i = 0; i < p; i++) along[i] *= -(1 + BEND * Math.cos(t[i]));
      return denseMultiplyTransposed(B, p, dx, along);
    },
  };
  const ofX = {
    value: (x: Float64Array) =>
      x.reduce((sum, value, j) => sum + (value - e[j]) ** 2 / 2 + Math.cos(value) / 2, 0),
    gradient(x: Float64Array, out: Float64Array) {
      for (let j = 0; j < dx; j++) out[j] = x[j] - e[j] - Math.sin(x[j]) / 2;
      return out;
    },
  };
  const toBend = (x: Float64Array) => denseMultiply(B, p, dx, x);
  /** phi^-1(B x). */
  const straight = (x: Float64Array) => toBend(x).map(unbend);
  /** x - e - sin(x)/2 + B^T (weights / phi'(q)). */
  const through = (x: Float64Array, q: Float64Array, weights: Float64Array) => {
    const back = denseMultiplyTransposed(
      B,
      p,
      dx,
      weights.map((value, i) => value / (1 + BEND * Math.cos(q[i]))),
    );
    return ofX.gradient(x, new Float64Array(dx)).map((value, j) => value + back[j]);
  };
  const start = { x0: new Float64Array(dx), y0: new Float64Array(dy), z0: new Float64Array(dy) };
  /** (A A^T)^-1 w. */
  const gramInverse = (w: Float64Array) => onRange(w, (s) => 1 / (s * s));
  return { dx, dy, p, A, lower, lowerProducts, ofX, toBend, straight, through, start, gramInverse };
}

/**
 * g = ||phi(A y) - B x||^2 / 2 with phi(t) = t + sin(t)/2, f = ||y - c||^2 / 2 + ||x - e||^2 / 2 + sum_j cos(x_j) / 2, with
 * x in R^5, y in R^20, A 8 x 20 with singular values 0.8 to 1.2: not convex, with a 12-dimensional set of lower solutions.
 */
export function warpedBilevelProblem(options: BilevelTestOptions = {}): BilevelTestProblem {
  const stream = seedOf("warpedBilevelProblem", options);
  const { dx, dy, p, A, lower, lowerProducts, ofX, straight, through, start, gramInverse } =
    bentProblem(stream);
  const c = normals(stream.split("c"), dy);
  const Ac = denseMultiply(A, p, dy, c);
  /** (A A^T)^-1 (q - A c): y* = c + A^T of it, and (A^+)^T (y* - c) is it again. */
  const multipliersAt = (q: Float64Array) => gramInverse(q.map((value, i) => value - Ac[i]));
  const solutionAt = (q: Float64Array) => {
    const back = denseMultiplyTransposed(A, p, dy, multipliersAt(q));
    return c.map((value, i) => value + back[i]);
  };
  return {
    problem: {
      dimensionX: dx,
      dimensionY: dy,
      upper: {
        value: (x, y) => ofX.value(x) + squared(y.map((v, i) => v - c[i])) / 2,
        gradientX: (x, _, out) => ofX.gradient(x, out),
        gradientY(_, y, out) {
          for (let i = 0; i < dy; i++) out[i] = y[i] - c[i];
          return out;
        },
      },
      lower,
      lowerProducts,
      upperProducts: { yy: (_x, _y, v) => v.slice(), xy: () => new Float64Array(dx) },
    },
    start,
    hyperobjective: (x) => ofX.value(x) + squared(solutionAt(straight(x)).map((v, i) => v - c[i])) / 2,
    hypergradient(x) {
      const q = straight(x);
      return through(x, q, multipliersAt(q));
    },
    lowerSolution: (x) => solutionAt(straight(x)),
  };
}

/**
 * The warped problem with f = ||A y - c||^2 / 2 + ||x - e||^2 / 2 + sum_j cos(x_j) / 2, flat where g is flat: the lower
 * solutions are a set, and the error bound holds with one constant for all sigma. Its penalized hyper-objective comes down
 * to equations in one unknown t = (A y)_i, solved for sigma so small that they have one solution each.
 */
export function regularBilevelProblem(options: BilevelTestOptions = {}): PenalizedTestProblem {
  const stream = seedOf("regularBilevelProblem", options);
  const { dx, dy, p, A, lower, lowerProducts, ofX, toBend, straight, through, start, gramInverse } =
    bentProblem(stream);
  const c = normals(stream.split("c"), p);
  const gapY = new Float64Array(p);
  const fill = (y: Float64Array) => {
    denseMultiply(A, p, dy, y, gapY);
    for (let i = 0; i < p; i++) gapY[i] -= c[i];
    return gapY;
  };
  /** A y at the minimizer of sigma f + g. */
  const penalizedAt = (s: Float64Array, sigma: number) => s.map((si, i) => penalizedBend(si, c[i], sigma));
  /** By (phi(t) - B x)/sigma = (c - t)/phi'(t) the same formula at A y = t of either problem. */
  const gradientAt = (x: Float64Array, t: Float64Array) =>
    through(
      x,
      t,
      t.map((value, i) => value - c[i]),
    );
  return {
    problem: {
      dimensionX: dx,
      dimensionY: dy,
      upper: {
        value: (x, y) => ofX.value(x) + squared(fill(y)) / 2,
        gradientX: (x, _, out) => ofX.gradient(x, out),
        gradientY: (_, y, out) => denseMultiplyTransposed(A, p, dy, fill(y), out),
      },
      lower,
      lowerProducts,
      upperProducts: {
        yy: (_x, _y, v) => denseMultiplyTransposed(A, p, dy, denseMultiply(A, p, dy, v)),
        xy: () => new Float64Array(dx),
      },
    },
    start,
    hyperobjective: (x) => ofX.value(x) + squared(straight(x).map((v, i) => v - c[i])) / 2,
    hypergradient: (x) => gradientAt(x, straight(x)),
    penaltyValue(x, sigma) {
      const s = toBend(x);
      const t = penalizedAt(s, sigma);
      const off = t.map((ti, i) => ti + BEND * Math.sin(ti) - s[i]);
      return ofX.value(x) + squared(t.map((ti, i) => ti - c[i])) / 2 + squared(off) / (2 * sigma);
    },
    penaltyGradient: (x, sigma) => gradientAt(x, penalizedAt(toBend(x), sigma)),
    lowerSolution: (x) => denseMultiplyTransposed(A, p, dy, gramInverse(straight(x))),
  };
}
