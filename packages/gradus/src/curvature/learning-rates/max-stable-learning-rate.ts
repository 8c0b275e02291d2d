import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegativeInteger, checkPositive } from "../../check/numbers.ts";
import { checkFunction, checkGivenOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";

export interface MaxStableLearningRateOptions extends MethodOptions<StableInterval> {
  /** A stable rate. */
  readonly low: number;
  /** An unstable rate. */
  readonly high: number;
  /** Number of bisections, on the logarithm of the rate. */
  readonly halvings?: number;
  /** A run is stable when its final loss is finite and below this. 1 suits ten classes, whose chance level is ln 10. */
  readonly threshold?: number;
}

/** The boundary between stable and unstable learning rates. */
export interface MaxStableLearningRate {
  /** The geometric mean of both ends of the last interval. */
  readonly learningRate: number;
  /** The largest rate found to be stable. */
  readonly stable: number;
  /** The smallest rate found to be unstable. */
  readonly unstable: number;
  /** Training runs, including those at both ends. */
  readonly runs: number;
}

/** The state of the bisection, plain data. */
export type StableInterval = Pick<MaxStableLearningRate, "stable" | "unstable">;

/**
 * The largest stable learning rate by bisection on its logarithm. A run is stable when its final loss is finite and
 * below the threshold, since training with a saturating loss gets stuck instead of diverging. The first iterate follows
 * the runs at both ends; each further one halves the interval.
 *
 * @param train the final loss of training at a rate, from the same start and on the same batches each time
 * @throws ArgumentError when an option is out of range, or naming the end of the interval that is on the wrong side
 * @throws what `train` throws; the signal's reason
 */
export function maxStableLearningRate(
  train: (learningRate: number) => Promise<number>,
  options: MaxStableLearningRateOptions,
): Method<Iterate<StableInterval> & MaxStableLearningRate> {
  checkGivenOptions("maxStableLearningRate", options, [
    "low",
    "high",
    "halvings",
    "threshold",
    "resume",
    "signal",
  ]);
  checkFunction({ train });
  const { low, high, halvings = 7, threshold = 1, resume, signal } = options;
  checkPositive({ low, high, threshold });
  if (low >= high) throw new ArgumentError(`low must be below high = ${high}, got ${low}`);
  checkNonNegativeInteger({ halvings });
  const run = async (rate: number) => {
    signal?.throwIfAborted();
    const loss = await train(rate);
    return { loss, works: Number.isFinite(loss) && loss < threshold };
  };
  return iterates<StableInterval, MaxStableLearningRate>(
    {
      fields: ["stable", "unstable"],
      async start() {
        const atLow = await run(low);
        if (!atLow.works)
          throw new ArgumentError(
            `low must be a stable learning rate: at ${low} the final loss is ${atLow.loss}, expected less than ${threshold}`,
          );
        const atHigh = await run(high);
        if (atHigh.works)
          throw new ArgumentError(
            `high must be an unstable learning rate: at ${high} the final loss is ${atHigh.loss}, less than ${threshold}`,
          );
        return { stable: low, unstable: high };
      },
      async step({ stable, unstable }) {
        const middle = Math.sqrt(stable * unstable);
        return (await run(middle)).works ? { stable: middle, unstable } : { stable, unstable: middle };
      },
      view: ({ stable, unstable }, count) => ({
        learningRate: Math.sqrt(stable * unstable),
        stable,
        unstable,
        runs: count + 2,
        done: count >= halvings,
      }),
    },
    { resume, signal },
  );
}
