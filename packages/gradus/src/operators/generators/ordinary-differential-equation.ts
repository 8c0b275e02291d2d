import { checkFiniteVector } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkFinite, checkIntegerWithin } from "../../check/numbers.ts";
import { checkFunction, checkGivenOptions, checkOptions } from "../../check/options.ts";
import { stepOf } from "../function-spaces/cubic-splines.ts";
import { checkInside } from "./antiderivative.ts";
import type { SolutionOperator } from "./solution-operator.ts";

export interface DifferentialEquationOptions {
  /** Writes the derivatives of the state s at time t under the input u(t). */
  readonly rightSide: (s: Float64Array, u: number, t: number, derivatives: Float64Array) => void;
  /** s(0). */
  readonly initial: readonly number[];
  /** The component of the state that is learned. */
  readonly output?: number;
}

/** Trajectories beyond it count as blown up. */
const LARGEST = 1e3;

/** The trajectory of one component on every other grid point, by the classical Runge-Kutta method of order 4. */
function march(
  { rightSide, initial, output = 0 }: DifferentialEquationOptions,
  { grid, u, out }: { readonly grid: Float64Array; readonly u: Float64Array; readonly out: Float64Array },
  [s, mid, k1, k2, k3, k4]: readonly Float64Array[],
): boolean {
  const size = initial.length;
  const half = grid[1] - grid[0];
  const step = 2 * half;
  s.set(initial);
  out[0] = s[output];
  for (let n = 0; n + 1 < out.length; n++) {
    const i = 2 * n;
    const [t, middle, end] = [grid[i], grid[i + 1], grid[i + 2]];
    rightSide(s, u[i], t, k1);
    for (let j = 0; j < size; j++) mid[j] = s[j] + half * k1[j];
    rightSide(mid, u[i + 1], middle, k2);
    for (let j = 0; j < size; j++) mid[j] = s[j] + half * k2[j];
    rightSide(mid, u[i + 1], middle, k3);
    for (let j = 0; j < size; j++) mid[j] = s[j] + step * k3[j];
    rightSide(mid, u[i + 2], end, k4);
    for (let j = 0; j < size; j++) {
      s[j] += (step / 6) * (k1[j] + 2 * (k2[j] + k3[j]) + k4[j]);
      if (!(Math.abs(s[j]) <= LARGEST)) return false;
    }
    out[n + 1] = s[output];
  }
  return true;
}

/** Interpolates row `row` of trajectories with `steps` points on an even grid by four of them (Lagrange). */
function interpolate(values: Float64Array, row: number, steps: number, place: number): number {
  const first = Math.min(steps - 4, Math.max(0, Math.floor(place) - 1));
  const t = place - first;
  const k = row * steps + first;
  const [a, b, c, d] = [t, t - 1, t - 2, t - 3];
  return (
    (-values[k] * b * c * d) / 6 +
    (values[k + 1] * a * c * d) / 2 -
    (values[k + 2] * a * b * d) / 2 +
    (values[k + 3] * a * b * c) / 6
  );
}

/**
 * The solution of s' = g(s, u(t), t), s(0) given, as a function of time. The classical Runge-Kutta method steps over two
 * cells of the input's grid, whose middle point its inner stages need, so that no input is interpolated; between steps
 * cubic Lagrange interpolation. Functions whose trajectory leaves [-1000, 1000] are marked as blown up.
 * Source: Lu, Jin & Karniadakis 2019, arXiv 1910.03193, section 4.1 and 4.2, whose labels come from an adaptive method.
 *
 * @throws ArgumentError unless the initial state is finite and has the output's component, or for an unknown option; by
 *   `solve` unless the grid has an odd number of points, at least 9
 */
export function ordinaryDifferentialEquation(options: DifferentialEquationOptions): SolutionOperator {
  checkGivenOptions("ordinaryDifferentialEquation", options, ["rightSide", "initial", "output"]);
  const { rightSide, initial, output = 0 } = options;
  checkFunction({ rightSide });
  checkFiniteVector("initial", initial);
  checkIntegerWithin(0, initial.length - 1, { output });
  return {
    dimension: 1,
    solve({ grid, values }) {
      const n = grid.length;
      const step = 2 * stepOf(grid);
      if (n % 2 === 0 || n < 9)
        throw new ArgumentError(`grid must have an odd number of points, at least 9, got ${n}`);
      const steps = (n + 1) / 2;
      const count = Math.floor(values.length / n);
      const trajectories = new Float64Array(count * steps);
      const valid = new Uint8Array(count);
      const work = Array.from({ length: 6 }, () => new Float64Array(initial.length));
      for (let f = 0; f < count; f++) {
        const u = values.subarray(f * n, (f + 1) * n);
        const out = trajectories.subarray(f * steps, (f + 1) * steps);
        valid[f] = march(options, { grid, u, out }, work) ? 1 : 0;
      }
      const [start, end] = [grid[0], grid[n - 1]];
      return {
        count,
        valid,
        draw(stream, location) {
          location[0] = stream.uniform(start, end);
        },
        value(f, [y]) {
          checkInside(y, start, end);
          return interpolate(trajectories, f, steps, (y - start) / step);
        },
      };
    },
  };
}

/**
 * The angle of a pendulum under a torque: s1' = s2, s2' = -k sin s1 + u(t), at rest at first.
 * Source: Lu, Jin & Karniadakis 2019, arXiv 1910.03193, section 4.2.
 *
 * @throws ArgumentError unless k is finite, or for an unknown option
 */
export function pendulum(options: { readonly k?: number } = {}): SolutionOperator {
  checkOptions("pendulum", options, ["k"]);
  const { k = 1 } = options;
  checkFinite({ k });
  return ordinaryDifferentialEquation({
    initial: [0, 0],
    rightSide(s, u, _, derivatives) {
      derivatives[0] = s[1];
      derivatives[1] = u - k * Math.sin(s[0]);
    },
  });
}
