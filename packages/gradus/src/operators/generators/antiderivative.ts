import { ArgumentError } from "../../check/errors.ts";
import { cubicSplines } from "../function-spaces/cubic-splines.ts";
import type { SolutionOperator } from "./solution-operator.ts";

/**
 * Checks a location in an interval.
 *
 * @throws ArgumentError naming the interval
 */
export function checkInside(y: number, start: number, end: number): void {
  if (!(y >= start && y <= end))
    throw new ArgumentError(`locations must be in [${start}, ${end}], where solutions are known, got ${y}`);
}

/**
 * The antiderivative: s' = u, s(0) = 0. The interpolating cubic spline of u is integrated exactly, piece by piece.
 * Source: Lu, Jin & Karniadakis 2019, arXiv 1910.03193, section 4.1.1.
 */
export function antiderivative(): SolutionOperator {
  return {
    dimension: 1,
    solve({ grid, values }) {
      const splines = cubicSplines(grid, values);
      const [start, end] = [grid[0], grid[grid.length - 1]];
      return {
        count: splines.count,
        valid: new Uint8Array(splines.count).fill(1),
        draw(stream, location) {
          location[0] = stream.uniform(start, end);
        },
        value(f, [y]) {
          checkInside(y, start, end);
          return splines.integral(f, y);
        },
      };
    },
  };
}
