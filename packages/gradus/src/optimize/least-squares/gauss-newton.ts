import { areFinite } from "../../check/arrays.ts";
import { checkFunction, checkOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { dot } from "../../linalg/vector.ts";
import { whenReady } from "../../objectives/objective.ts";
import type { Residual } from "../../objectives/residual.ts";
import { descentOptions, roundingOf } from "../descent/descent.ts";
import {
  type Direction,
  type LineSearchIterate,
  type LineSearchState,
  lineSearchMethod,
  steepestLine,
  wolfeSearch,
} from "../descent/line-search-method.ts";
import type { LineSearch } from "../line-search/contract.ts";
import { linearLeastSquares } from "./linear-least-squares.ts";
import { residualObjective } from "./residual-objective.ts";

/** What Gauss-Newton remembers: nothing but whether its direction failed at this point. */
export interface GaussNewtonMemory {
  readonly steepest: boolean;
}

export interface GaussNewtonOptions extends MethodOptions<LineSearchState<GaussNewtonMemory>> {
  /** How far to go; a strong Wolfe search from 1 by default. */
  readonly search?: LineSearch;
}

/**
 * The size of the rounding of ||u||^2 / 2. Each u_i is a difference of terms, such as of a model and what was measured,
 * which are about as long as those of J x: their rounding is times u_i that of its square.
 */
function roundingOfSquares(u: Float64Array, J: Float64Array, x: Float64Array): number {
  const n = x.length;
  let size = 0;
  for (const [i, ui] of u.entries()) {
    let terms = Math.abs(ui);
    for (let j = 0; j < n; j++) terms += Math.abs(J[i * n + j] * x[j]);
    size += Math.abs(ui) * terms;
  }
  return roundingOf(size);
}

/**
 * The Gauss-Newton method for  min ||u(x)||^2 / 2:  d minimizes ||J d + u||, by a QR factorization with column pivoting,
 * and a search along d finds the step. Quadratic convergence where u = 0 at the minimum; where J loses rank on the way,
 * `levenbergMarquardt` is the more robust: a long step may end where a model underflows and the gradient is 0. O(count n^2)
 * per step. `gradientNorm` is that of `levenbergMarquardt`.
 * Source: Gauss 1809; Nocedal and Wright 2006, section 10.3.
 *
 * @throws ArgumentError when an argument does not fit or the residual is not finite at x0
 */
export function gaussNewton(
  residual: Residual,
  x0: Float64Array,
  options: GaussNewtonOptions = {},
): Method<LineSearchIterate<GaussNewtonMemory>> {
  checkOptions("gaussNewton", options, ["search", ...descentOptions]);
  const { search = wolfeSearch, ...driver } = options;
  checkFunction({ search });
  const objective = residualObjective(residual);
  const { count, dimension } = residual;
  const direction: Direction<GaussNewtonMemory> = {
    measure: objective.measure,
    init: () => ({ steepest: false }),
    at({ x, gradient }, { steepest }, counts) {
      if (steepest) return steepestLine(gradient);
      return whenReady(objective.linearize(x), ({ u, J }) => {
        counts.solves += 1;
        const d = linearLeastSquares(
          J,
          u.map((ui) => -ui),
          count,
          dimension,
        );
        // rounding, or a Jacobian without rank, may leave no descent
        return areFinite(d) && dot(gradient, d) < 0
          ? { direction: d, initialStep: 1, rounding: roundingOfSquares(u, J, x) }
          : steepestLine(gradient);
      });
    },
    next: () => ({ steepest: false }),
    restart: ({ steepest }) => (steepest ? undefined : { steepest: true }),
  };
  return lineSearchMethod(objective, x0, driver, direction, search);
}
