import { checkFiniteVector } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkFinite, checkIntegerWithin } from "../../check/numbers.ts";
import { checkFunction, checkGivenOptions, checkOptions } from "../../check/options.ts";
import { stepOf } from "../function-spaces/cubic-splines.ts";
import { checkInside } from "./antiderivative.ts";
import { type March, marchOf, type RightSide, secondOrderMarch } from "./runge-kutta.ts";
import type { SolutionOperator } from "./solution-operator.ts";

export interface DifferentialEquationOptions {
  /** Writes the derivatives of the state s at time t under the input u(t). */
  readonly rightSide: RightSide;
  /** s(0). */
  readonly initial: readonly number[];
  /** The component of the state that is learned. */
  readonly output?: number;
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

/** The solutions that a march gives on every other grid point, as functions of time. */
function solutionsBy(march: March): SolutionOperator {
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
      for (let f = 0; f < count; f++) {
        const u = values.subarray(f * n, (f + 1) * n);
        const out = trajectories.subarray(f * steps, (f + 1) * steps);
        valid[f] = march({ grid, u, out }) ? 1 : 0;
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
  return solutionsBy(marchOf({ rightSide, initial, output }));
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
  return solutionsBy(secondOrderMarch((angle, u) => u - k * Math.sin(angle)));
}
