import { checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";

/** Cubic splines of many functions on one even grid. */
export interface CubicSplines {
  readonly count: number;
  /** The spline of function `f` at x. */
  value(f: number, x: number): number;
  /** Its integral from the grid's start to x. */
  integral(f: number, x: number): number;
}

/** Points of a grid. */
const LEAST = 4;

/**
 * The step of an evenly spaced grid.
 *
 * @throws ArgumentError unless it ascends evenly and has at least 4 points
 */
export function stepOf(grid: Float64Array): number {
  const last = grid.length - 1;
  if (grid.length < LEAST)
    throw new ArgumentError(`grid must have at least ${LEAST} points, got ${grid.length}`);
  const step = (grid[last] - grid[0]) / last;
  for (let i = 0; i <= last; i++)
    if (!(Math.abs(grid[i] - grid[0] - i * step) <= 1e-9 * Math.abs(step) * last) || !(step > 0))
      throw new ArgumentError(`grid must ascend evenly, got ${grid[i]} at index ${i}`);
  return step;
}

/**
 * Second derivatives M of the splines, row by row. On an even grid the not-a-knot condition M_0 - 2 M_1 + M_2 = 0 turns
 * the first equation, M_0 + 4 M_1 + M_2 = d_1, into 6 M_1 = d_1, and the last one likewise: what remains is a
 * tridiagonal system (1, 4, 1) whose factors all functions share.
 */
function secondDerivatives(
  values: Float64Array,
  count: number,
  n: number,
  step: number,
): Float64Array<ArrayBuffer> {
  const second = new Float64Array(values.length);
  const upper = new Float64Array(n);
  for (let i = 2; i <= n - 3; i++) upper[i] = 1 / (4 - upper[i - 1]);
  const scale = 6 / (step * step);
  for (let f = 0; f < count; f++) {
    const [u, m] = [values.subarray(f * n, (f + 1) * n), second.subarray(f * n, (f + 1) * n)];
    const rhs = (i: number) => scale * (u[i - 1] - 2 * u[i] + u[i + 1]);
    m[1] = rhs(1) / 6;
    m[n - 2] = rhs(n - 2) / 6;
    for (let i = 2; i <= n - 3; i++) {
      const known = rhs(i) - (i === n - 3 ? m[n - 2] : 0);
      m[i] = (known - m[i - 1]) * upper[i];
    }
    for (let i = n - 4; i >= 2; i--) m[i] -= upper[i] * m[i + 1];
    m[0] = 2 * m[1] - m[2];
    m[n - 1] = 2 * m[n - 2] - m[n - 3];
  }
  return second;
}

/**
 * Interpolating cubic splines with not-a-knot ends: exact for cubic polynomials, error of order step^4 otherwise.
 * Source: de Boor, A Practical Guide to Splines, 1978, chapter IV.
 *
 * @param grid evenly spaced points
 * @param values count x points, row-major
 * @throws ArgumentError unless the grid ascends evenly, has at least 4 points, and every function a value at each
 */
export function cubicSplines(grid: Float64Array, values: Float64Array): CubicSplines {
  const n = grid.length;
  const step = stepOf(grid);
  const count = Math.floor(values.length / n);
  checkLength("values", values, Math.max(1, count) * n);
  const second = secondDerivatives(values, count, n, step);
  const bend = (step * step) / 6;
  let sums: Float64Array | undefined;
  const pieceOf = (x: number) => Math.min(n - 2, Math.max(0, Math.floor((x - grid[0]) / step)));

  /** Integrals from the start to each point, made when the first one is asked for. */
  function cumulative(): Float64Array<ArrayBuffer> {
    const total = new Float64Array(values.length);
    for (let k = 1; k < values.length; k++) {
      if (k % n === 0) continue;
      const piece =
        (step * (values[k - 1] + values[k])) / 2 - (step * bend * (second[k - 1] + second[k])) / 4;
      total[k] = total[k - 1] + piece;
    }
    return total;
  }

  return {
    count,
    value(f, x) {
      const i = pieceOf(x);
      const k = f * n + i;
      const t = (x - grid[i]) / step;
      const line = (1 - t) * values[k] + t * values[k + 1];
      return line - bend * t * (1 - t) * ((2 - t) * second[k] + (1 + t) * second[k + 1]);
    },
    integral(f, x) {
      sums ??= cumulative();
      const i = pieceOf(x);
      const k = f * n + i;
      const t = (x - grid[i]) / step;
      const a = 1 - t;
      const line = values[k] * (t - (t * t) / 2) + (values[k + 1] * t * t) / 2;
      const left = (a * a) / 2 - a ** 4 / 4 - 0.25;
      const right = t ** 4 / 4 - (t * t) / 2;
      return sums[k] + step * (line + bend * (left * second[k] + right * second[k + 1]));
    },
  };
}
