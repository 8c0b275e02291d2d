import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkLimit, checkNonNegative } from "../check/numbers.ts";
import { checkFunction } from "../check/options.ts";
import { type Method, solve } from "../iterate/iterate.ts";
import { type DescentIterate, endsWithoutStep, type StepFigures } from "./descent/descent.ts";
import { HIDDEN_DECREASE, minimizeMessages } from "./minimize-messages.ts";
import { lbfgs } from "./quasi-newton/lbfgs.ts";

/** Every method of descent: a function of a problem, a starting point and its options. */
export type DescentMethod = (problem: never, x0: Float64Array, options?: never) => Method<DescentIterate>;

/** When to stop, whatever the method. */
export interface MinimizeLimits<I> {
  /**
   * Stop when the size of the gradient is at most this, 1e-8 by default: absolute, in the units of f over those of x. Where
   * the values of f are tiny or those of x huge, x0 may meet it; give a share of the gradient norm at x0 instead. For
   * `levenbergMarquardt` and `gaussNewton` in the units of the residual, in any units of x.
   */
  readonly gradientTolerance?: number;
  /** The minimum value, where it is known. */
  readonly optimum?: number;
  /** Stop when the value is at most `optimum` plus this, in the units of f. */
  readonly valueTolerance?: number;
  readonly maxIterations?: number;
  /** Milliseconds. */
  readonly timeLimit?: number;
  /** Called with every iterate; stop when it returns false. */
  readonly onIterate?: (iterate: I) => unknown;
  readonly signal?: AbortSignal;
}

type IterateOf<M extends DescentMethod> =
  ReturnType<M> extends Method<infer I extends DescentIterate> ? I : never;
type ProblemOf<M> = M extends (problem: infer P, x0: Float64Array) => unknown ? P : never;
type OptionsOf<M> = M extends (problem: never, x0: Float64Array, options?: infer O) => unknown ? O : never;

/** The method, its options, and when to stop. */
export type MinimizeOptions<M extends DescentMethod> = MinimizeLimits<IterateOf<M>> &
  Omit<NonNullable<OptionsOf<M>>, keyof MinimizeLimits<unknown> | "method">;

/** Why `minimize` ended. */
export type MinimizeStatus = keyof typeof minimizeMessages;

/** An iterate x_k, and the step that was made from it; the last has no step. */
export interface DescentRecord<Step = StepFigures> {
  readonly iteration: number;
  readonly value: number;
  readonly gradientNorm: number;
  readonly step?: Step;
}

/** Where a method of descent came to, and how. */
export interface Minimum<I extends DescentIterate = DescentIterate> {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradientNorm: number;
  /** Steps made. */
  readonly iterations: number;
  /** Points at which the objective was evaluated, gradients, Hessian-vector products, linear systems. */
  readonly evaluations: number;
  readonly gradients: number;
  readonly products: number;
  readonly solves: number;
  readonly status: MinimizeStatus;
  /** The status in words, with figures where a step failed. */
  readonly message: string;
  readonly trace: readonly DescentRecord<NonNullable<I["step"]>>[];
}

/**
 * Minimizes an objective from x0 with a method of descent, L-BFGS unless another is given, and reports the point, the
 * costs, why it ended and a trace. Methods are values, imported by name; their options are given along with the limits:
 *
 *     await minimize(objective, x0, { method: gnsNewton, hessian: "gaussNewton", gradientTolerance: 1e-10 });
 *
 * @param problem what the method minimizes: an objective, or a residual for methods of least squares
 * @throws ArgumentError when the problem or x0 is none, a limit is not a number that can be met, `valueTolerance` comes
 * without `optimum`, or an option is not the method's
 * @throws the signal's reason on abort, and what the method throws
 */
export async function minimize<M extends DescentMethod = typeof lbfgs>(
  problem: ProblemOf<M>,
  x0: Float64Array,
  options?: { readonly method?: M } & MinimizeOptions<M>,
): Promise<Minimum<IterateOf<M>>> {
  const given: { readonly method?: DescentMethod } & MinimizeLimits<IterateOf<M>> = options ?? {};
  const {
    method = lbfgs,
    gradientTolerance = 1e-8,
    optimum,
    valueTolerance,
    maxIterations = 1000,
    timeLimit,
    onIterate,
    ...own
  } = given;
  checkFunction({ method });
  if (onIterate !== undefined) checkFunction({ onIterate });
  checkNonNegative({ gradientTolerance });
  checkLimit({ maxIterations });
  if (valueTolerance !== undefined) {
    if (optimum === undefined) throw new ArgumentError("valueTolerance needs optimum");
    checkNonNegative({ valueTolerance });
  }
  const { signal } = own;
  checkProblem(problem);
  if (typeof x0 !== "object" || x0 === null || !("length" in x0))
    throw new ArgumentError(`x0 must be a Float64Array, got ${shown(x0)}`);
  // the compiler cannot see that M's own problem and options arrive here
  const iterates = method(problem as never, x0, own as never) as Method<IterateOf<M>>;
  const target = (optimum ?? Number.NEGATIVE_INFINITY) + (valueTolerance ?? 0);
  return drive(iterates, { gradientTolerance, target, maxIterations, timeLimit, onIterate, signal });
}

/** @throws ArgumentError unless the problem is an object with a dimension */
function checkProblem(problem: unknown): void {
  if (typeof problem !== "object" || problem === null || !("dimension" in problem))
    throw new ArgumentError(
      `problem must be an objective { dimension, value, gradient, valueAndGradient } or a residual, got ${shown(problem)}`,
    );
}

interface Stops<I> extends Pick<MinimizeLimits<I>, "maxIterations" | "timeLimit" | "onIterate" | "signal"> {
  readonly gradientTolerance: number;
  /** The value at which to stop. */
  readonly target: number;
}

/** Relative to the value: a step of descent that changes it by less is next to rounding. */
const STALLED = 1e-12;

async function drive<I extends DescentIterate>(
  iterates: Method<I>,
  { gradientTolerance, target, maxIterations, timeLimit, onIterate, signal }: Stops<I>,
): Promise<Minimum<I>> {
  type Step = NonNullable<I["step"]>;
  const trace: DescentRecord<Step>[] = [];
  let stopped = false;
  const reached = ({ value, gradientNorm }: I): boolean =>
    gradientNorm <= gradientTolerance || value <= target;

  function record(iterate: I): void {
    const { iteration, value, gradientNorm, step } = iterate;
    stopped = onIterate?.(iterate) === false;
    if (endsWithoutStep(iterate)) return;
    const previous = trace.at(-1);
    if (previous && step) trace[trace.length - 1] = { ...previous, step };
    trace.push({ iteration, value, gradientNorm });
  }

  const { iterate, status: ending } = await solve(iterates, {
    maxIterations,
    timeLimit,
    signal,
    onIterate: record,
    until: (current) => stopped || reached(current),
  });
  const { status: ended, iteration } = iterate;
  function statusOf(): MinimizeStatus {
    if (ended && ended !== "stationary") return ended;
    if (ended || reached(iterate)) return "converged";
    return ending === "max-iterations" || ending === "time-limit" ? ending : "stopped";
  }
  const status = statusOf();
  const stalls =
    status === "max-iterations" &&
    Math.abs((trace.at(-2)?.value ?? Number.NaN) - iterate.value) <= STALLED * Math.abs(iterate.value);
  const { x, value, gradientNorm, evaluations, gradients, products, solves } = iterate;
  return {
    x: x.slice(),
    value,
    gradientNorm,
    iterations: endsWithoutStep(iterate) ? iteration - 1 : iteration,
    evaluations,
    gradients,
    products,
    solves,
    status,
    message: iterate.reason ?? `${minimizeMessages[status]}${stalls ? `: ${HIDDEN_DECREASE}` : ""}`,
    trace,
  };
}
