import { checkLimit } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { solve } from "../../iterate/iterate.ts";
import type { OptimizationStatus } from "../status.ts";
import {
  type SeparationIterate,
  type SeparationOptions,
  separationIterates,
  separationOptions,
} from "./separation-iterates.ts";
import type { SeparationStatus } from "./separation-method.ts";

export interface SeparateOptions extends Omit<SeparationOptions, "resume"> {
  readonly maxIterations?: number;
  /** Called with every iterate, the starting point included. */
  readonly onIterate?: (iterate: SeparationIterate) => void;
}

/** `separated` or `margin-reached`: the stop rule is met; `stationary`: the method cannot move. */
export type SeparateStatus = SeparationStatus | Extract<OptimizationStatus, "max-iterations">;

/** What an iteration looked like. */
export interface SeparateRecord {
  readonly t: number;
  readonly loss: number;
  readonly minMargin: number;
  readonly accuracy: number;
  readonly thetaNorm: number;
}

/** The weights that were found, and why the search ended. */
export interface Separation {
  /** The last weights if they separate, else the first of the best accuracy seen. The intercept, if any, is last. */
  readonly theta: Float64Array;
  /** Iterations made; the T of the literature when the status is `separated`. */
  readonly iterations: number;
  /** True when `theta` classifies every sample correctly. */
  readonly separated: boolean;
  /** Share of samples that `theta` classifies correctly. */
  readonly accuracy: number;
  /** min_i y_i <a_i, theta>. */
  readonly minMargin: number;
  /** Logistic loss at `theta`. */
  readonly loss: number;
  /** Why it ended; `statusMessages[status]` says it in words. */
  readonly status: SeparateStatus;
  /** One record per iteration, 0 included. */
  readonly trace: readonly SeparateRecord[];
}

/**
 * Looks for weights theta with y_i <a_i, theta> > 0 for every sample, by one of the methods of `separationIterates`.
 * Data that are not separable, or too slow a method, end with `separated: false` and the best weights met.
 *
 * @throws DataError on malformed samples, labels or theta0
 * @throws ArgumentError on an unknown option, a bad method, step, stop rule or maxIterations
 * @throws ConvergenceError when the weights leave float64's range
 * @throws the signal's reason when `signal` is aborted
 */
export async function separate(options: SeparateOptions): Promise<Separation> {
  checkGivenOptions("separate", options, [...separationOptions, "maxIterations", "onIterate"]);
  const { maxIterations = 10_000, onIterate, signal, ...problem } = options;
  checkLimit({ maxIterations });
  const trace: SeparateRecord[] = [];
  let best: SeparationIterate | undefined;
  const { iterate: last } = await solve(separationIterates({ ...problem, signal }), {
    maxIterations,
    signal,
    onIterate(iterate) {
      const { iteration: t, loss, minMargin, accuracy, thetaNorm } = iterate;
      trace.push({ t, loss, minMargin, accuracy, thetaNorm });
      if (best === undefined || accuracy > best.accuracy) best = iterate;
      onIterate?.(iterate);
    },
  });
  const kept = last.separated || best === undefined ? last : best;
  const { separated, accuracy, minMargin, loss } = kept;
  return {
    theta: Float64Array.from(kept.theta()),
    iterations: last.iteration,
    separated,
    accuracy,
    minMargin,
    loss,
    status: last.status ?? "max-iterations",
    trace,
  };
}
