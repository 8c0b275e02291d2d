import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkNonNegative, checkPositiveInteger } from "../check/numbers.ts";
import { checkFunction, checkGivenOptions, checkOneOf } from "../check/options.ts";
import type { Iterate, Method } from "../iterate/iterate.ts";
import { checkMethodOptions } from "../iterate/method-options.ts";

/** The best iterate so far, as `monitor` has it. */
export interface Best<I> {
  readonly value: number;
  readonly iterate: I;
}

/** Where the method stood, and how long it has not improved. */
export interface EarlyStoppingState<I extends Iterate> {
  /** What the method itself resumes from. */
  readonly method: Pick<I, "iteration" | "state">;
  readonly best: Best<I> | undefined;
  /** Measurements since the best one. */
  readonly waited: number;
}

/** The method's iterate, together with the best one so far. */
export type EarlyStoppingIterate<I extends Iterate> = Omit<I, "state"> &
  Iterate<EarlyStoppingState<I>> & {
    /** Undefined until `monitor` has measured something. */
    readonly best: Best<I> | undefined;
    /** True on the last iterate when patience ended the method. */
    readonly stoppedEarly: boolean;
  };

export interface EarlyStoppingOptions<I extends Iterate> {
  /** What to watch, such as `(iterate) => iterate.metrics?.loss`; iterates where it is undefined do not count. */
  readonly monitor: (iterate: I) => number | undefined;
  /** Measurements without improvement after which the method ends. */
  readonly patience: number;
  /** An improvement is more than this. */
  readonly minimalChange?: number;
  /** Whether smaller or larger values are better. */
  readonly mode?: "min" | "max";
  /** What is kept of the best iterate; the default is all of it, with the state from which the method would resume. */
  readonly keep?: (iterate: I) => I;
  /** An iterate of early stopping, whose `state.method` the method was resumed from. */
  readonly resume?: { readonly state: EarlyStoppingState<I> };
}

/** Iterates without any measurement after which there is none to wait for: more than lie between two of a long training. */
const UNMEASURED = 10_000;

/** @throws ArgumentError unless what to resume from is an iterate of early stopping */
export function checkStoppingIterate(resume: { readonly state: unknown } | undefined): void {
  const iterate = typeof resume === "object" && resume !== null ? { iteration: 0, ...resume } : resume;
  checkMethodOptions({ resume: iterate }, ["method", "waited"]);
}

/**
 * Ends a method when what is watched has not improved for a while, and keeps the best iterate (Prechelt, 1998). From
 * any of its iterates it resumes bit for bit:
 *
 *     stopEarly(trainer.train({ ...run, resume: stored?.state.method }), { monitor, patience: 5, resume: stored })
 *
 * @throws ArgumentError naming the option that does not fit, or when `monitor` returns NaN or no number, or undefined for
 *   the first 10,000 iterates
 */
export async function* stopEarly<I extends Iterate>(
  method: Method<I>,
  options: EarlyStoppingOptions<I>,
): Method<EarlyStoppingIterate<I>> {
  checkGivenOptions("stopEarly", options, ["monitor", "patience", "minimalChange", "mode", "keep", "resume"]);
  const { monitor, patience, minimalChange = 0, mode = "min", keep, resume } = options;
  checkPositiveInteger({ patience });
  checkNonNegative({ minimalChange });
  checkFunction({ monitor });
  checkOneOf(["min", "max"], { mode });
  if (keep !== undefined) checkFunction({ keep });
  checkStoppingIterate(resume);
  const sign = mode === "min" ? -1 : 1;
  let best = resume?.state.best;
  let waited = resume?.state.waited ?? 0;
  // The iterate resumed from was counted when it was first yielded.
  let counted = resume !== undefined;
  let unmeasured = 0;
  for await (const iterate of method) {
    const value = counted ? undefined : monitor(iterate);
    counted = false;
    if (value !== undefined) {
      if (typeof value !== "number" || Number.isNaN(value))
        throw new ArgumentError(`monitor must return a number or undefined, got ${shown(value)}`);
      if (best === undefined || sign * (value - best.value) > minimalChange) {
        best = { value, iterate: keep ? keep(iterate) : iterate };
        waited = 0;
      } else waited += 1;
    } else if (best === undefined && ++unmeasured > UNMEASURED)
      throw new ArgumentError(
        `monitor must return a number for some iterate, got undefined for the first ${UNMEASURED}: whether there is an improvement is never known`,
      );
    const stoppedEarly = waited >= patience;
    const state = { method: { iteration: iterate.iteration, state: iterate.state }, best, waited };
    yield { ...iterate, state, best, stoppedEarly, done: iterate.done || stoppedEarly };
    if (stoppedEarly) return;
  }
}
