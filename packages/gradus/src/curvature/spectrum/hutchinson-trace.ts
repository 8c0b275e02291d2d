import { ConvergenceError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { type OperatorOrMatrix, operatorOf } from "../../linalg/operator/matrix-operator.ts";
import { checkSquare } from "../../linalg/square.ts";
import { dot } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";

/** The state of a trace estimate, plain data: Welford's running mean and sum of squared deviations. */
export interface TraceState {
  readonly mean: number;
  readonly squares: number;
}

/** What an iterate of a trace estimate reports. */
export interface TraceView {
  /** The estimate of tr A; NaN before the first probe. */
  readonly estimate: number;
  /** Standard error of the estimate; NaN before the second probe. */
  readonly standardError: number;
  /** Products with A so far. */
  readonly products: number;
}

/** Fills a vector with independent random signs. */
export function fillSigns(stream: ReturnType<typeof randomStream>, z: Float64Array): Float64Array {
  for (let i = 0; i < z.length; i++) z[i] = stream.uniform() < 0.5 ? -1 : 1;
  return z;
}

/** Adds a draw to a running mean and sum of squared deviations; `count` includes it. */
export function accumulate({ mean, squares }: TraceState, draw: number, count: number): TraceState {
  const next = mean + (draw - mean) / count;
  return { mean: next, squares: squares + (draw - mean) * (draw - next) };
}

/** The standard error of a running mean of `count` draws. */
export function standardErrorOf({ squares }: TraceState, count: number): number {
  return count > 1 ? Math.sqrt(squares / (count - 1) / count) : Number.NaN;
}

export interface TraceOptions extends MethodOptions<TraceState> {
  /** Number of probes after which the method ends; no limit by default. */
  readonly probes?: number;
  readonly seed?: number;
}

/**
 * Hutchinson's estimate of a trace, one iterate per probe: for a vector z of independent random signs,
 *
 *     tr A = E z^T A z;   a probe has variance 2 (||A||_F^2 - sum_i A_ii^2) for symmetric A.
 *
 * Source: Hutchinson 1989, "A stochastic estimator of the trace of the influence matrix".
 *
 * @param matrix A, square: a matrix or an operator
 * @throws ArgumentError unless A is square and probes is an integer >= 1
 * @throws ConvergenceError naming the probe whose product is not finite
 */
export function hutchinsonTrace(
  matrix: OperatorOrMatrix,
  options: TraceOptions = {},
): Method<Iterate<TraceState> & TraceView> {
  const A = operatorOf("A", matrix);
  const n = checkSquare(A);
  checkOptions("hutchinsonTrace", options, ["probes", "seed", "resume", "signal"]);
  const { probes = Number.POSITIVE_INFINITY, seed = 0, resume, signal } = options;
  if (probes !== Number.POSITIVE_INFINITY) checkPositiveInteger({ probes });
  const stream = randomStream(seed).split("trace");
  const z = new Float64Array(n);
  const product = new Float64Array(n);
  return iterates<TraceState, TraceView>(
    {
      fields: ["mean", "squares"],
      start: () => ({ mean: 0, squares: 0 }),
      async step(state, probe) {
        fillSigns(stream.split(probe), z);
        await A.apply(z, product);
        const draw = dot(z, product);
        if (!Number.isFinite(draw))
          throw new ConvergenceError(`z^T A z is ${draw} at probe ${probe}: the product of A is not finite`);
        return accumulate(state, draw, probe + 1);
      },
      view: (state, count) => ({
        estimate: count === 0 ? Number.NaN : state.mean,
        standardError: standardErrorOf(state, count),
        products: count,
        done: count >= probes,
      }),
    },
    { resume, signal },
  );
}
