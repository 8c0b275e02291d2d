import { DataError } from "../../check/errors.ts";
import { checkLimit, checkNonNegative } from "../../check/numbers.ts";
import { checkBoolean, checkOptions } from "../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../iterate/iterate.ts";
import { type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import type { OptimizationStatus } from "../status.ts";
import { type BatchObjective, evaluator, shownPoint } from "./batch-objective.ts";
import { type Box, type Coordinates, coordinates, projectOntoBox, sidesOf } from "./particles.ts";

export interface NelderMeadOptions extends MethodOptions<NelderMeadState> {
  /** Coefficients by the dimension (Gao & Han 2012), for many dimensions. */
  readonly adaptive?: boolean;
  /** Ends where no coordinate of a vertex is farther from the best one's than this, in the units of x (1e-4), ... */
  readonly pointTolerance?: number;
  /** ... and no value than this, in the units of f (1e-4), nor by more from the last such simplex: both are absolute. */
  readonly valueTolerance?: number;
  /** Points are projected onto this box. */
  readonly bounds?: Box;
  /** Ends at the first iterate that has asked for values of this many points. */
  readonly maxEvaluations?: number;
}

/** Plain data from which the method continues. */
export interface NelderMeadState {
  /** (d + 1) x d, the best vertex first. */
  readonly simplex: Float64Array;
  /** d + 1, ascending. */
  readonly values: Float64Array;
  evaluations: number;
  /** The best value where the simplex was last spread anew; Infinity before. */
  spreadAt: number;
}

/** What an iterate of Nelder and Mead's method shows at once. */
export interface NelderMeadView {
  readonly bestValue: number;
  readonly evaluations: number;
  readonly status: Extract<OptimizationStatus, "converged" | "evaluation-limit"> | undefined;
  readonly done: boolean;
  /** Whether the tolerance was met. */
  readonly converged: boolean;
}

/** An iterate of Nelder and Mead's method. */
export type NelderMeadIterate = Iterate<NelderMeadState> &
  NelderMeadView & {
    /** d. */ readonly bestPoint: Float64Array /** (d + 1) x d. */;
    readonly simplex: Float64Array;
  };

/** Sorts vertices by value, equal ones in their order; NaN last. */
function sortVertices({ simplex, values }: NelderMeadState, d: number): void {
  const key = (i: number): number => (Number.isNaN(values[i]) ? Number.POSITIVE_INFINITY : values[i]);
  const order = Array.from(values.keys()).sort((i, j) => (key(i) === key(j) ? i - j : key(i) - key(j)));
  const [points, old] = [simplex.slice(), values.slice()];
  order.forEach((from, to) => {
    values[to] = old[from];
    simplex.set(points.subarray(from * d, (from + 1) * d), to * d);
  });
}

/**
 * Nelder and Mead's simplex method: the worst of d + 1 vertices is reflected through the centroid of the others, farther
 * or nearer as values tell, else all vertices shrink toward the best. The start has x0 and, for each coordinate, x0 with
 * that coordinate 5% larger (0.00025 where it is 0), as in scipy, or as much smaller where the bounds leave no
 * room. A small simplex is spread anew about its best vertex, until that lowers the value by no more than the tolerance:
 * simplices also become small away from minima, and projection alone never leaves a bound that all vertices have met.
 * Source: Nelder & Mead 1965; restarts Press et al. 2007, "Numerical recipes", section 10.5; Gao & Han 2012,
 * "Implementing the Nelder-Mead simplex algorithm with adaptive parameters".
 *
 * @param x0 d numbers, or one number for all coordinates
 * @throws ArgumentError when an option is out of bounds or unknown
 * @throws DataError when the value at x0 is not finite, or one is -Infinity
 * @throws the signal's reason when `signal` is aborted
 */
export function nelderMead(
  objective: BatchObjective,
  x0: Coordinates,
  options: NelderMeadOptions = {},
): Method<NelderMeadIterate> {
  checkOptions("nelderMead", options, [
    "adaptive",
    "pointTolerance",
    "valueTolerance",
    "bounds",
    "maxEvaluations",
    "resume",
    "signal",
  ]);
  const { adaptive = false, pointTolerance = 1e-4, valueTolerance = 1e-4 } = options;
  const { maxEvaluations = Number.POSITIVE_INFINITY, resume, signal } = options;
  checkBoolean({ adaptive });
  checkNonNegative({ pointTolerance, valueTolerance });
  checkLimit({ maxEvaluations });
  const evaluate = evaluator(objective);
  const { dimension: d } = objective;
  const bounds = options.bounds && sidesOf("bounds", options.bounds, d);
  const start = coordinates("x0", x0, d);
  // at two dimensions the adaptive coefficients are the usual ones; at one a simplex would shrink to a point
  const n = adaptive ? Math.max(d, 2) : 2;
  const expansion = 1 + 2 / n;
  const contraction = 0.75 - 1 / (2 * n);
  const shrinkage = 1 - 1 / n;

  /** A coordinate of x0 moved: away from a bound that lies nearer than the move. */
  function shifted(x: number, j: number): number {
    const beyond = x === 0 ? 0.00025 : 1.05 * x;
    if (!bounds) return beyond;
    const [lower, upper] = [bounds.lower[j], bounds.upper[j]];
    if (beyond >= lower && beyond <= upper) return beyond;
    const back = 2 * x - beyond;
    if (back >= lower && back <= upper) return back;
    return x - lower > upper - x ? lower : upper;
  }

  async function valueAt(work: NelderMeadState, point: Float64Array, step: number): Promise<number> {
    if (bounds) projectOntoBox(point, bounds);
    work.evaluations += 1;
    return (await evaluate(point, step))[0];
  }

  async function replaceWorst(work: NelderMeadState, step: number): Promise<boolean> {
    const { simplex, values } = work;
    const worst = simplex.subarray(d * d, (d + 1) * d);
    const centroid = new Float64Array(d);
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) centroid[j] += simplex[i * d + j];
    for (let j = 0; j < d; j++) centroid[j] /= d;
    const along = (t: number): Float64Array => centroid.map((c, j) => (1 + t) * c - t * worst[j]);
    const accept = (point: Float64Array, value: number): true => {
      worst.set(point);
      values[d] = value;
      return true;
    };
    const reflected = along(1);
    const reflectedValue = await valueAt(work, reflected, step);
    if (reflectedValue < values[0]) {
      const expanded = along(expansion);
      const expandedValue = await valueAt(work, expanded, step);
      return expandedValue < reflectedValue
        ? accept(expanded, expandedValue)
        : accept(reflected, reflectedValue);
    }
    if (reflectedValue < values[d - 1]) return accept(reflected, reflectedValue);
    const outside = reflectedValue < values[d];
    const contracted = along(outside ? contraction : -contraction);
    const contractedValue = await valueAt(work, contracted, step);
    const enough = outside ? contractedValue <= reflectedValue : contractedValue < values[d];
    return enough && accept(contracted, contractedValue);
  }

  async function shrink(work: NelderMeadState, step: number): Promise<void> {
    const { simplex, values } = work;
    for (let i = 1; i <= d; i++)
      for (let j = 0; j < d; j++)
        simplex[i * d + j] = simplex[j] + shrinkage * (simplex[i * d + j] - simplex[j]);
    const rest = simplex.subarray(d);
    if (bounds) projectOntoBox(rest, bounds);
    work.evaluations += d;
    values.set(await evaluate(rest, step), 1);
  }

  function isToSpread(work: NelderMeadState): boolean {
    return isSmall(work) && !(work.spreadAt - work.values[0] <= valueTolerance);
  }

  /** Puts the vertices where they start from the first one. */
  function spread(simplex: Float64Array): void {
    for (let i = 1; i <= d; i++) simplex.copyWithin(i * d, 0, d);
    for (let j = 0; j < d; j++) simplex[(j + 1) * d + j] = shifted(simplex[j], j);
  }

  async function spreadAnew(work: NelderMeadState, step: number): Promise<void> {
    work.spreadAt = work.values[0];
    spread(work.simplex);
    work.evaluations += d;
    work.values.set(await evaluate(work.simplex.subarray(d), step), 1);
  }

  function isSmall({ simplex, values }: NelderMeadState): boolean {
    for (let i = 1; i <= d; i++) {
      if (!(values[i] - values[0] <= valueTolerance)) return false;
      for (let j = 0; j < d; j++)
        if (!(Math.abs(simplex[i * d + j] - simplex[j]) <= pointTolerance)) return false;
    }
    return true;
  }

  const stepper: InPlaceStepper<
    NelderMeadState,
    NelderMeadView,
    { bestPoint: Float64Array; simplex: Float64Array }
  > = {
    fields: { simplex: (d + 1) * d, values: d + 1 },
    async start() {
      const simplex = new Float64Array((d + 1) * d);
      simplex.set(start);
      if (bounds) projectOntoBox(simplex.subarray(0, d), bounds);
      spread(simplex);
      const values = Float64Array.from(await evaluate(simplex, 0));
      if (!Number.isFinite(values[0]))
        throw new DataError(
          `the value at x0 must be finite, got ${values[0]} at ${shownPoint(simplex, 0, d)}`,
        );
      const work = { simplex, values, evaluations: d + 1, spreadAt: Number.POSITIVE_INFINITY };
      sortVertices(work, d);
      return work;
    },
    async advance(work, iteration) {
      if (isToSpread(work)) await spreadAnew(work, iteration);
      else if (!(await replaceWorst(work, iteration))) await shrink(work, iteration);
      sortVertices(work, d);
    },
    view(work) {
      const small = isSmall(work) && !isToSpread(work);
      const spent = work.evaluations >= maxEvaluations;
      return {
        bestValue: work.values[0],
        evaluations: work.evaluations,
        status: small ? "converged" : spent ? "evaluation-limit" : undefined,
        done: small || spent,
        converged: small,
      };
    },
    lazy: { bestPoint: (work) => work.simplex.slice(0, d), simplex: (work) => work.simplex.slice() },
    copy: (work) => ({ ...work, simplex: work.simplex.slice(), values: work.values.slice() }),
  };
  return iteratesInPlace(stepper, { resume, signal });
}
