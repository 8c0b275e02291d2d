import { ConvergenceError } from "../check/errors.ts";
import { checkIntegerWithin, checkPositive } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import type { DualActivation, DualPairs } from "./dual-activation.ts";
import { type NormalGrid, normalGrid } from "./normal-grid.ts";

export interface DualQuadratureOptions {
  /** Tolerated error, relative to sqrt(E f(u)^2 E f(v)^2). */
  readonly tolerance?: number;
  /** Most nodes along each of the two axes; a pair needs up to the square of this many values of f. */
  readonly nodes?: number;
  /** Name of the activation in error messages. */
  readonly name?: string;
}

/** Covariances of pairs of units. */
export type GaussianPairs = Pick<DualPairs, "k11" | "k12" | "k22">;

/** An expectation of f and the corresponding one of f'. */
export interface DualMeans {
  readonly covariance: Float64Array;
  readonly derivative: Float64Array;
}

/** An activation's expectations on a grid. */
export interface DualOnGrid {
  /** E f(u) f(v) and E f'(u) f'(v), one per pair. */
  pairs(pairs: GaussianPairs, grid: NormalGrid, signal?: AbortSignal): DualMeans | Promise<DualMeans>;
  /** E f(u)^2 and E f'(u)^2, one per variance. */
  squares(variances: Float64Array, grid: NormalGrid): DualMeans | Promise<DualMeans>;
}

/** The fewest nodes that allow the grids from which an error is estimated. */
const LEAST_NODES = 64;
const MOST_NODES = 2 ** 14;
/** Half-widths of the grid in standard deviations; the next one is used if f grows fast. */
const RANGES = [6.5, 8.5, 11, 15, 20, 28, 37];
/** Step of the grid on which the half-width is chosen and E f^2 is computed. */
const SQUARES_STEP = 1 / 16;

const closedForms = "relu, leakyRelu, erf, identity, square, sine, cosine or gaussian";

function uniqueVariances({ k11, k22 }: GaussianPairs): Float64Array<ArrayBuffer> {
  return Float64Array.from(new Set([...k11, ...k22]));
}

/** The half-width of a grid that suffices for all variances, and E f^2 and E f'^2 of each. */
async function sizes(on: DualOnGrid, name: string, variances: Float64Array, tolerance: number) {
  let before: DualMeans | undefined;
  let worst = 0;
  for (const [k, range] of RANGES.entries()) {
    const now = await on.squares(variances, normalGrid(range, SQUARES_STEP));
    for (const squares of [now.covariance, now.derivative]) {
      const wrong = squares.findIndex((value) => !Number.isFinite(value));
      if (wrong >= 0)
        throw new ConvergenceError(
          `E f(u)^2 of ${name} and of its derivative must be finite, got ${squares[wrong]} at the variance ${variances[wrong]}`,
        );
    }
    if (before) {
      worst = 0;
      for (let i = 0; i < variances.length; i++)
        for (const part of ["covariance", "derivative"] as const)
          worst = Math.max(worst, Math.abs(now[part][i] - before[part][i]) / (now[part][i] || 1));
      if (worst <= tolerance / 10) return { range: RANGES[k - 1], squares: before };
    }
    before = now;
  }
  throw new ConvergenceError(
    `E f(u)^2 of ${name} cannot be computed at the variance ${variances.reduce((a, b) => Math.max(a, b), 0)}: its tails ` +
      `still change it by ${worst.toExponential(0)} at ${RANGES[RANGES.length - 1]} standard deviations; the ` +
      "activation grows too fast: scale the inputs or the weights down",
  );
}

/** The level at which the grid step 2^-level, in the argument of f, is at most 1. */
const firstLevel = (variance: number): number => Math.max(0, Math.ceil(Math.log2(variance) / 2));

/**
 * The dual of an activation by two-dimensional trapezoidal rules, u = sqrt(k11) a and
 * v = k12/sqrt(k11) a + sqrt(k22 - k12^2/k11) b with a and b standard normal. Each pair is evaluated on increasingly
 * fine grids until its error, estimated from the last two changes, is within the tolerance.
 *
 * @throws ArgumentError for an option that is unknown or out of range
 * @throws ConvergenceError, when evaluated, if the tolerance is not reached
 */
export function refinedDual(
  on: DualOnGrid,
  options: DualQuadratureOptions = {},
): Required<Pick<DualActivation, "name" | "evaluate">> {
  checkOptions("the quadrature", options, ["tolerance", "nodes", "name"]);
  const { tolerance = 1e-8, nodes: most = 1281, name = "the activation" } = options;
  checkPositive({ tolerance });
  checkIntegerWithin(LEAST_NODES, MOST_NODES, { nodes: most });

  async function evaluate(pairs: DualPairs, signal?: AbortSignal): Promise<void> {
    const { k11, k12, k22, covariance, derivative } = pairs;
    const variances = uniqueVariances(pairs);
    const { range, squares } = await sizes(on, name, variances, tolerance);
    const place = new Map(Array.from(variances, (variance, i) => [variance, i]));
    const scaleOf = (values: Float64Array, p: number): number =>
      Math.sqrt(values[place.get(k11[p]) ?? 0] * values[place.get(k22[p]) ?? 0]);

    let waiting = Array.from(k12.keys());
    const grids = new Uint8Array(k12.length);
    const changes = { covariance: new Float64Array(k12.length), derivative: new Float64Array(k12.length) };
    for (let level = 0; waiting.length > 0; level++) {
      const active = waiting.filter((p) => firstLevel(Math.max(k11[p], k22[p])) <= level);
      if (active.length === 0) continue;
      const grid = normalGrid(range, 2 ** -level);
      if (grid.nodes.length > most) throw refused(active, 2 * Math.ceil(range * 2 ** (level - 1)) + 1);
      const select = (values: Float64Array) => Float64Array.from(active, (p) => values[p]);
      const now = await on.pairs({ k11: select(k11), k12: select(k12), k22: select(k22) }, grid, signal);
      const done = new Set<number>();
      for (const [a, p] of active.entries()) {
        let within = grids[p] >= 1;
        for (const [part, result] of [
          ["covariance", covariance],
          ["derivative", derivative],
        ] as const) {
          const change = Math.abs(now[part][a] - result[p]);
          const error = errorOf(change, changes[part][p]);
          if (!(error <= tolerance * scaleOf(squares[part], p))) within = false;
          changes[part][p] = grids[p] === 0 ? Number.POSITIVE_INFINITY : change;
          result[p] = now[part][a];
        }
        grids[p] += 1;
        if (within) done.add(p);
      }
      waiting = waiting.filter((p) => !done.has(p));
    }

    function refused(left: readonly number[], nodes: number): ConvergenceError {
      let [worst, at] = [0, left[0]];
      for (const p of left)
        for (const part of ["covariance", "derivative"] as const) {
          const error = grids[p] < 2 ? 1 : changes[part][p] / scaleOf(squares[part], p);
          if (error > worst) [worst, at] = [error, p];
        }
      return new ConvergenceError(
        `the dual of ${name} at the variances ${k11[at]} and ${k22[at]}, covariance ${k12[at]}, has an error of ` +
          `${worst.toExponential(0)} with ${nodes} nodes (tolerance ${tolerance}): scale the inputs down if the ` +
          `variances are large, use an activation with a closed form (${closedForms}) if it has a kink or a steep ` +
          "slope, or allow more nodes or a larger tolerance",
      );
    }
  }
  return { name, evaluate };
}

/** The remaining error if the changes keep falling at the rate of the last two; otherwise the last change. */
function errorOf(change: number, before: number): number {
  return before > 0 && before < Number.POSITIVE_INFINITY
    ? change * Math.min(1, (2 * change) / before)
    : change;
}
