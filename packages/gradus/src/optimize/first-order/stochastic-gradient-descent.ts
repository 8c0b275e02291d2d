import { ConvergenceError } from "../../check/errors.ts";
import { checkIntegerWithin, checkLimit, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../iterate/iterate.ts";
import { type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import { checkParameters, type HostRegression, halfMeanSquare } from "../../objectives/networks/contract.ts";
import { type RandomState, randomStream, randomStreamFrom } from "../../random/stream.ts";

export interface StochasticGradientDescentOptions extends MethodOptions<StochasticGradientDescentState> {
  /** Where theta starts. */
  readonly start: Float64Array;
  readonly learningRate: number;
  /** Examples of a step; as many as there are: gradient descent. */
  readonly batchSize?: number;
  /** `random`: every batch is drawn from all examples; `cyclic`: the examples in their order, around and around. */
  readonly order?: "random" | "cyclic";
  /** Whether a random batch may hold an example twice. */
  readonly replacement?: boolean;
  /** A longer gradient is scaled to this norm. */
  readonly clip?: number;
  /** Steps from one iterate to the next. */
  readonly stepsPerIterate?: number;
  /** Ends where the loss over all examples is at most this. */
  readonly tolerance?: number;
  readonly seed?: number;
}

/** Plain data from which the method continues. */
export interface StochasticGradientDescentState {
  theta: Float64Array;
  step: number;
  loss: number;
  lastClipped: number;
  /** Where the cyclic order stands. */
  position: number;
  /** The random order stands between two batches, since what remains of it depends on the batches before. */
  order: Int32Array;
  random: RandomState;
}

/** What an iterate shows. */
export interface StochasticGradientDescentView {
  /** Steps done. */
  readonly step: number;
  /** (1/2n) sum_i (f_i - y_i)^2 over all examples. */
  readonly loss: number;
  /** The number of the last step that was clipped, from 1; 0 where none was. */
  readonly lastClipped: number;
  readonly done: boolean;
}

/** An iterate of stochastic gradient descent: what it shows, and its parameters, computed when they are read. */
export type StochasticGradientDescentIterate = Iterate<StochasticGradientDescentState> &
  StochasticGradientDescentView & { readonly theta: Float64Array };

type Options = Required<Omit<StochasticGradientDescentOptions, "resume" | "signal">>;

function check(
  { learningRate, batchSize, clip, stepsPerIterate, tolerance, start, order }: Options,
  of: HostRegression,
) {
  checkPositive({ learningRate });
  checkIntegerWithin(1, of.n, { batchSize });
  if (clip !== Number.POSITIVE_INFINITY) checkPositive({ clip });
  checkPositiveInteger({ stepsPerIterate });
  checkLimit({ tolerance });
  checkOneOf(["random", "cyclic"], { order });
  checkParameters(start, of.dimension);
}

/**
 * Stochastic gradient descent on a network in typed arrays:
 *
 *     theta <- theta - (eta/B) sum_(i in batch) (f_i - y_i) grad f_i.
 *
 * An iterate comes every `stepsPerIterate` steps; the loss over all examples is computed for iterates alone. No
 * allocation within a step: a step on one example of a network of 60 rectified units on 20 features takes about 2 us.
 *
 * @throws ArgumentError when an option is out of bounds
 * @throws ConvergenceError when the parameters leave float64's range, with the step and the last loss that was finite
 * @throws the signal's reason when `signal` is aborted
 */
export function stochasticGradientDescent(
  regression: HostRegression,
  options: StochasticGradientDescentOptions,
): Method<StochasticGradientDescentIterate> {
  checkGivenOptions("stochasticGradientDescent", options, [
    "start",
    "learningRate",
    "batchSize",
    "order",
    "replacement",
    "clip",
    "stepsPerIterate",
    "tolerance",
    "seed",
    "resume",
    "signal",
  ]);
  const {
    start,
    learningRate,
    batchSize = 1,
    order = "random",
    replacement = false,
    clip = Number.POSITIVE_INFINITY,
    stepsPerIterate = 1000,
    tolerance = 0,
    seed = 0,
    resume,
    signal,
  } = options;
  const { n } = regression;
  check(
    { start, learningRate, batchSize, order, replacement, clip, stepsPerIterate, tolerance, seed },
    regression,
  );
  checkMethodOptions({ resume, signal }, { theta: start.length, order: n, random: undefined });
  const stream = resume ? randomStreamFrom(resume.state.random) : randomStream(seed);
  const how = { learningRate, clip };
  const batch = new Int32Array(batchSize);
  /** The batch is all examples in the order of `all`, whatever is drawn. */
  const whole = batchSize === n && !(order === "random" && replacement);
  const all = Int32Array.from({ length: n }, (_, i) => i);

  function draw(work: StochasticGradientDescentState): void {
    if (order === "cyclic")
      for (let k = 0; k < batchSize; k++) {
        batch[k] = work.position;
        work.position = work.position + 1 === n ? 0 : work.position + 1;
      }
    else if (batchSize === 1 || replacement) for (let k = 0; k < batchSize; k++) batch[k] = stream.integer(n);
    else {
      const places = work.order; // the first places of a shuffle, whatever order it starts from
      for (let k = 0; k < batchSize; k++) {
        const j = k + stream.integer(n - k);
        const drawn = places[j];
        places[j] = places[k];
        places[k] = drawn;
        batch[k] = drawn;
      }
    }
  }

  const stepper: InPlaceStepper<
    StochasticGradientDescentState,
    StochasticGradientDescentView,
    { theta: Float64Array }
  > = {
    start: () => ({
      theta: Float64Array.from(start),
      step: 0,
      loss: halfMeanSquare(regression.residuals(start)),
      lastClipped: 0,
      position: 0,
      order: all.slice(),
      random: stream.state,
    }),
    advance(work) {
      const { theta } = work;
      for (let k = 0; k < stepsPerIterate; k++) {
        if (!whole) draw(work);
        const length = regression.step(theta, whole ? all : batch, batchSize, how);
        work.step += 1;
        if (length > clip) work.lastClipped = work.step;
        if (!(length < Number.POSITIVE_INFINITY))
          throw new ConvergenceError(
            `training diverged at step ${work.step}: the gradient has norm ${length}; the last finite loss was ${work.loss}; use a learning rate smaller than ${learningRate} or a clip smaller than ${clip}`,
          );
      }
      const loss = halfMeanSquare(regression.residuals(theta));
      if (!Number.isFinite(loss))
        throw new ConvergenceError(
          `training diverged by step ${work.step}: the loss is ${loss}; the last finite loss was ${work.loss}; use a learning rate smaller than ${learningRate}`,
        );
      work.loss = loss;
      work.random = stream.state;
    },
    view: ({ step, loss, lastClipped }) => ({ step, loss, lastClipped, done: loss <= tolerance }),
    lazy: { theta: (work) => work.theta.slice() },
    copy: (work) => ({ ...work, theta: work.theta.slice(), order: work.order.slice() }),
  };
  return iteratesInPlace(stepper, { resume, signal });
}
