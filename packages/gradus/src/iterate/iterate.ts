import { ArgumentError } from "../check/errors.ts";
import { checkLimit, checkPositive } from "../check/numbers.ts";
import { checkFunction, checkOptions } from "../check/options.ts";
import { checkMethodOptions, type StateFields } from "./method-options.ts";

/**
 * One iterate of a method: how many steps led to it, and the state from which the method resumes bit for bit.
 * Members of the family add what they measure (`loss`, `gradientNorm`, `x`, ...).
 */
export interface Iterate<State = unknown> {
  /** Steps completed; 0 at the starting point. */
  readonly iteration: number;
  /** Plain data (numbers, strings, typed arrays, arrays, objects): hand it back as `resume` to continue. */
  readonly state: State;
  /** Norm of the gradient where the method knows it. */
  readonly gradientNorm?: number | undefined;
  /** True when the method's own criterion is met or it cannot go on; it ends after yielding such an iterate. */
  readonly done?: boolean;
  /** False on a last iterate short of the method's own criterion: it could not go on, or reached a limit of its own. */
  readonly converged?: boolean;
}

/** A method: an async generator of iterates. The caller owns the loop. */
export type Method<I extends Iterate> = AsyncGenerator<I, void, void>;

/** Options that every method accepts. */
export interface MethodOptions<State> {
  /** An iterate of the same method on the same problem; the method continues after it. */
  readonly resume?: { readonly iteration: number; readonly state: State };
  /** Ends the iteration with the signal's reason, before the next step; after the last there is nothing to end. */
  readonly signal?: AbortSignal;
}

/** The steps of a method; `iterates` is the loop that runs them. */
export interface Stepper<State, View extends object> {
  /** Fields that a state to resume from must have: the length of an array, or undefined for any value. */
  readonly fields?: StateFields;
  /** The state at iteration 0. */
  start(): State | Promise<State>;
  /** The next state. Must not modify `state`: earlier iterates still hold it. */
  step(state: State, iteration: number): State | Promise<State>;
  /** What an iterate carries besides its number and state. `done: true` ends the method. */
  view(state: State, iteration: number): View & { readonly done?: boolean };
}

const SLICE_MILLISECONDS = 24;

/** Yields to the event loop, so that timers, messages and rendering can run. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** A clock that tells a long computation when to yield to the event loop. */
export function pacer(sliceMilliseconds = SLICE_MILLISECONDS): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < sliceMilliseconds) return undefined;
    return macrotask().then(() => {
      last = performance.now();
    });
  };
}

/**
 * Runs a stepper as an async generator: yields iteration 0 (or the iterate resumed from), then one iterate per step,
 * until the stepper is done or the caller stops. Yields to the event loop every 24 ms.
 *
 * @throws ArgumentError when `resume` is no iterate of the method, or `signal` no AbortSignal
 * @throws the signal's reason when `signal` is aborted
 */
export async function* iterates<State, View extends object>(
  stepper: Stepper<State, View>,
  options: MethodOptions<State> = {},
): Method<Iterate<State> & View> {
  checkOptions("iterates", options, ["resume", "signal"]);
  checkMethodOptions(options, stepper.fields);
  const { resume, signal } = options;
  const pace = pacer();
  let iteration = resume?.iteration ?? 0;
  let state = resume ? resume.state : await stepper.start();
  for (;;) {
    signal?.throwIfAborted();
    const view = stepper.view(state, iteration);
    yield { ...view, iteration, state };
    if (view.done) return;
    const turn = pace();
    if (turn) await turn;
    signal?.throwIfAborted();
    const next = stepper.step(state, iteration);
    state = next instanceof Promise ? await next : next;
    iteration += 1;
  }
}

/** When `solve` stops. */
export interface Limits<I extends Iterate> {
  /** Stop at this iteration. */
  readonly maxIterations?: number;
  /** Stop when `gradientNorm` is at most this. */
  readonly gradientTolerance?: number;
  /** Stop when this returns true. */
  readonly until?: (iterate: I) => boolean;
  /** Stop after this many milliseconds. */
  readonly timeLimit?: number;
  /** Reject with the signal's reason, before the next step; after the last the result is returned. */
  readonly signal?: AbortSignal;
  /** Called with every iterate. */
  readonly onIterate?: (iterate: I) => void;
}

const LIMITS: readonly (keyof Limits<Iterate>)[] = [
  "maxIterations",
  "gradientTolerance",
  "until",
  "timeLimit",
  "signal",
  "onIterate",
];

/** Why `solve` ended. */
export type SolveStatus = "converged" | "max-iterations" | "time-limit" | "finished";

/** The last iterate of a method that `solve` ran, and why it stopped there. */
export interface Solution<I extends Iterate> {
  /** The last iterate. */
  readonly iterate: I;
  /**
   * `converged`: a tolerance, `until` or the method's own criterion was met; `finished`: the method ended by itself
   * without that, and its iterate says why where there are several reasons (`outcome`, `status`), such as `stagnated`.
   */
  readonly status: SolveStatus;
  /** Elapsed time in milliseconds. */
  readonly elapsed: number;
}

/**
 * Runs a method until it converges or reaches a limit, and returns its last iterate.
 *
 * @throws ArgumentError for an unknown limit or one of the wrong type or below 0, or when the method yields nothing
 * @throws the signal's reason when `limits.signal` is aborted
 */
export async function solve<I extends Iterate>(
  method: Method<I>,
  limits: Limits<I> = {},
): Promise<Solution<I>> {
  const { maxIterations = Number.POSITIVE_INFINITY, timeLimit = Number.POSITIVE_INFINITY } = limits;
  const { gradientTolerance, until, signal, onIterate } = limits;
  checkOptions("solve", limits, LIMITS);
  if (until !== undefined) checkFunction({ until });
  checkLimit({ maxIterations, gradientTolerance: gradientTolerance ?? 0 });
  if (timeLimit !== Number.POSITIVE_INFINITY) checkPositive({ timeLimit });
  const start = performance.now();
  const pace = pacer();
  signal?.throwIfAborted();
  let last: I | undefined;
  let status: SolveStatus = "finished";
  for await (const iterate of method) {
    last = iterate;
    onIterate?.(iterate);
    const small =
      gradientTolerance !== undefined &&
      iterate.gradientNorm !== undefined &&
      iterate.gradientNorm <= gradientTolerance;
    if ((iterate.done && iterate.converged !== false) || small || until?.(iterate)) status = "converged";
    else if (iterate.done) break;
    else if (iterate.iteration >= maxIterations) status = "max-iterations";
    else if (performance.now() - start >= timeLimit) status = "time-limit";
    if (status !== "finished") break;
    const turn = pace();
    if (turn) await turn;
    signal?.throwIfAborted();
  }
  if (last === undefined) throw new ArgumentError("method must yield at least one iterate, got none");
  return { iterate: last, status, elapsed: performance.now() - start };
}
