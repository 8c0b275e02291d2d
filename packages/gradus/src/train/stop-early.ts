import { ArgumentError } from "../errors.ts";
import type { Iterate, Method, MethodOptions } from "../iterate.ts";

/** The best iterate so far, as `monitor` has it. */
export interface Best<I> {
  readonly value: number;
  readonly iterate: I;
}

/** The method's own state, and how long it has not improved. */
export interface EarlyStoppingState<S, I> {
  readonly method: S;
  readonly best: Best<I> | undefined;
  /** Measurements since the best one. */
  readonly waited: number;
}

export type EarlyStoppingIterate<S, I extends Iterate<S>> = Omit<I, "state"> &
  Iterate<EarlyStoppingState<S, I>> & {
    /** Undefined until `monitor` has measured something. */
    readonly best: Best<I> | undefined;
    /** True on the last iterate when patience ended the method. */
    readonly stoppedEarly: boolean;
  };

export interface EarlyStoppingOptions<S, I extends Iterate<S>>
  extends MethodOptions<EarlyStoppingState<S, I>> {
  /** What to watch, such as `(iterate) => iterate.metrics?.loss`; iterates where it is undefined do not count. */
  readonly monitor: (iterate: I) => number | undefined;
  /** Measurements without improvement after which the method ends. */
  readonly patience: number;
  /** An improvement is more than this. */
  readonly minimalChange?: number;
  /** Whether small or large values are good. */
  readonly mode?: "min" | "max";
}

/**
 * Ends a method when what is watched has not improved for a while, and keeps the best iterate (Prechelt, 1998). It
 * resumes bit for bit, as the method does: its iterates' state holds the best iterate beside the method's state.
 *
 * @param start the method, resumed from the state it is given: `(options) => trainer.train({ ...run, ...options })`
 * @throws ArgumentError unless patience is a whole number >= 1 and minimalChange a finite number >= 0
 * @throws ArgumentError when what is watched is NaN
 */
export async function* stopEarly<S, I extends Iterate<S>>(
  start: (options: MethodOptions<S>) => Method<I>,
  { monitor, patience, minimalChange = 0, mode = "min", resume, signal }: EarlyStoppingOptions<S, I>,
): Method<EarlyStoppingIterate<S, I>> {
  if (!(Number.isInteger(patience) && patience >= 1))
    throw new ArgumentError(`patience must be a whole number >= 1, got ${patience}`);
  if (!(minimalChange >= 0 && minimalChange < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`minimalChange must be a finite number >= 0, got ${minimalChange}`);
  let best = resume?.state.best;
  let waited = resume?.state.waited ?? 0;
  // The iterate resumed from was counted when it was first yielded.
  let counted = resume !== undefined;
  const method = start({
    signal,
    resume: resume && { iteration: resume.iteration, state: resume.state.method },
  });
  for await (const iterate of method) {
    const value = counted ? undefined : monitor(iterate);
    counted = false;
    if (value !== undefined) {
      if (Number.isNaN(value)) throw new ArgumentError(`monitor must return a number, got ${value}`);
      const gain =
        best === undefined
          ? Number.POSITIVE_INFINITY
          : mode === "min"
            ? best.value - value
            : value - best.value;
      if (gain > minimalChange) {
        best = { value, iterate };
        waited = 0;
      } else waited += 1;
    }
    const stoppedEarly = waited >= patience;
    const state = { method: iterate.state, best, waited };
    yield { ...iterate, state, best, stoppedEarly, done: iterate.done || stoppedEarly };
    if (stoppedEarly) return;
  }
}
