import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkGivenOptions } from "../../check/options.ts";
import {
  type Iterate,
  iterates,
  type Method,
  type MethodOptions,
  type Stepper,
} from "../../iterate/iterate.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import { norm2 } from "../../linalg/vector.ts";
import { type ClassificationProblem, checkSamples, checkTheta } from "./check-samples.ts";
import { logisticWeights, type MarginSummary, perceptronWeights, writeSummary } from "./logistic-weights.ts";
import { perceptronPass } from "./perceptron.ts";
import { dual, primal, type Representation } from "./representation.ts";
import {
  checkSeparationOptions,
  isPerceptron,
  type SeparationMethod,
  type SeparationStatus,
  type StopRule,
  statusAt,
  stepFactor,
} from "./separation-method.ts";
import type { SignedSamples } from "./signed-samples.ts";

export interface SeparationOptions extends ClassificationProblem, MethodOptions<SeparationState> {
  /** `perceptron` where any separating weights will do (`stop: "separated"`, the default), else `normalized`. */
  readonly method?: SeparationMethod;
  /** gamma of `gd`, beta of the normalized methods, the size of an update of the perceptrons. */
  readonly step?: number;
  /** Starting weights, d of them (d + 1 with an intercept, which comes last); zeros by default. */
  readonly theta0?: ArrayLike<number>;
  readonly stop?: StopRule;
}

/** The names of the options that `separate` shares. */
export const separationOptions = [
  "A",
  "y",
  "intercept",
  "method",
  "step",
  "theta0",
  "stop",
  "signal",
] as const satisfies readonly (keyof SeparationOptions)[];

/** Plain data from which a method continues. */
export interface SeparationState {
  /** theta, or the samples' weights in it where the dual form is used. */
  readonly vector: Float64Array;
  /** How often theta was changed. */
  readonly updates: number;
}

/** What an iterate of a separating method shows. */
export interface SeparationView {
  /** (1/n) sum_i ln(1 + e^{-m_i}) at theta. */
  readonly loss: number;
  /** min_i m_i, with margins m_i = y_i <a_i, theta>. */
  readonly minMargin: number;
  /** Share of samples with m_i > 0. */
  readonly accuracy: number;
  readonly thetaNorm: number;
  /** True when every margin is positive. */
  readonly separated: boolean;
  /** How often theta was changed: one per step, but one per mistake for the online perceptron. */
  readonly updates: number;
  /** Why the method ends here; undefined while it continues. */
  readonly status?: SeparationStatus;
  readonly done: boolean;
  /** The weights, not to be modified; computed when asked, because the dual form does not hold them. */
  theta(): Float64Array;
}

/** An iterate of a separating method: what it shows, and the state with the weights. */
export type SeparationIterate = Iterate<SeparationState> & SeparationView;

/** Largest Gram matrix that is formed, in samples. */
const DUAL_LIMIT = 4096;
/** A gradient this small relative to the sum of its terms is rounding. */
const ROUNDING = 1e-14;

interface StepperArguments {
  readonly samples: SignedSamples;
  readonly representation: Representation;
  readonly method: SeparationMethod;
  readonly step: number;
  readonly stop: StopRule;
}

function separationStepper({
  samples,
  representation,
  method,
  step,
  stop,
}: StepperArguments): Stepper<SeparationState, SeparationView> {
  const n = samples.count;
  const margins = new Float64Array(n);
  const weights = new Float64Array(n);
  const direction = new Float64Array(representation.length);
  const summary: MarginSummary = { loss: 0, minMargin: 0, separatedCount: 0, weightSum: 0, lossSum: 0 };
  const perceptron = isPerceptron(method);
  let largestNorm = 0;
  if (method === "gradient-normalized") {
    const point = new Float64Array(samples.dimension);
    for (let i = 0; i < n; i++) {
      samples.point(i, point);
      largestNorm = Math.max(largestNorm, norm2(point));
    }
  }
  /** The state that `weights` and `summary` belong to: a step follows the view of the same state. */
  let measured: SeparationState | undefined;
  let thetaNorm = 0;
  let directionNorm = 0;
  /** The state after `measured`, where the pass that leads to it was made along with the margins. */
  let following: SeparationState | undefined;
  const { measuredPass } = samples;

  function measureMargins(state: SeparationState, iteration: number): void {
    if (method === "perceptron" && measuredPass) {
      const vector = new Float64Array(samples.dimension);
      const { updates, ...figures } = measuredPass(step, state.vector, vector);
      writeSummary(figures, n, summary);
      following = { vector, updates: state.updates + updates };
      return;
    }
    representation.margins(state.vector, margins, iteration);
    if (perceptron) perceptronWeights(margins, weights, summary);
    else logisticWeights(margins, weights, summary, method !== "gd");
  }

  function measure(state: SeparationState, iteration: number): void {
    if (measured === state) return;
    measureMargins(state, iteration);
    thetaNorm = representation.thetaNorm(state.vector, margins);
    if (!Number.isFinite(summary.loss) || !Number.isFinite(thetaNorm))
      throw new ConvergenceError(
        `the loss is ${summary.loss} and ||theta|| ${thetaNorm} at iteration ${iteration}: the weights overflowed float64; use a step smaller than ${step}`,
      );
    if (method === "gradient-normalized") {
      representation.direction(weights, direction);
      directionNorm = norm2(direction);
      if (directionNorm <= ROUNDING * largestNorm * summary.weightSum) directionNorm = 0;
    }
    measured = state;
  }

  return {
    start: () => ({ vector: representation.start(), updates: 0 }),
    view(state, iteration) {
      measure(state, iteration);
      const { vector, updates } = state;
      const separated = summary.separatedCount === n;
      const stationary =
        (perceptron && separated) || (method === "gradient-normalized" && directionNorm === 0);
      const { loss, minMargin } = summary;
      const status = statusAt(stop, { minMargin, thetaNorm, stationary });
      return {
        loss,
        minMargin,
        accuracy: summary.separatedCount / n,
        thetaNorm,
        separated,
        updates,
        status,
        done: status !== undefined,
        theta: () => representation.theta(vector),
      };
    },
    step(state, iteration) {
      if (method === "perceptron") {
        if (measured === state && following) return following;
        const vector = Float64Array.from(state.vector);
        return { vector, updates: state.updates + perceptronPass(samples, step, vector) };
      }
      measure(state, iteration);
      if (method !== "gradient-normalized") representation.direction(weights, direction);
      const factor = stepFactor(method, step, n, summary, directionNorm);
      const vector = new Float64Array(representation.length);
      const from = state.vector;
      for (let j = 0; j < vector.length; j++) vector[j] = from[j] + factor * direction[j];
      return { vector, updates: state.updates + 1 };
    },
  };
}

/**
 * The iterates theta_t of a method that looks for weights with y_i <a_i, theta> > 0 for every sample, from logistic
 * regression with any step to the perceptron. With margins m_i = y_i <a_i, theta>, p_i = 1/(1 + e^{m_i}), f the
 * logistic loss, and w_i = 1, 1/2, 0 for m_i < 0, = 0, > 0:
 *
 *     gd                           theta += (step/n) sum_i p_i y_i a_i
 *     normalized                   theta += step sum_i p_i y_i a_i / sum_i p_i
 *     gradient-normalized          theta += step v/||v||,  v = sum_i p_i y_i a_i
 *     loss-normalized              theta += step/(n f(theta)) sum_i p_i y_i a_i
 *     batch-perceptron             theta += (step/n) sum_i w_i y_i a_i            (gd as step -> infinity)
 *     normalized-batch-perceptron  theta += step sum_i w_i y_i a_i / sum_i w_i    (normalized as step -> infinity)
 *     perceptron                   one pass: for each i with m_i <= 0, theta += step y_i a_i
 *
 * An iteration of `perceptron` is a pass over the samples and its `updates` count the mistakes; for the others it is
 * one step. A margin of exactly 0 weighs 1/2 in the batch perceptrons, at theta = 0 and on any later tie, which integer
 * data do produce. Uses the Gram matrix where a step is cheaper by it than by the samples (more entries than n^2, such as
 * d > n), from the iteration on at which forming it pays.
 * `gd` with step above 2/L, L = lambda_max(A^T A)/(4n), is no descent method, yet separates whatever the step.
 * Source: Tyurin 2024, "From logistic regression to the perceptron algorithm", arXiv 2412.08424, for gd and its limit;
 * Zhang et al. 2025, arXiv 2504.04105, for `loss-normalized`; Rosenblatt 1958 for `perceptron`. The rule `normalized` is
 * reconstructed from the property that its limit is a perceptron without the factor 1/n.
 *
 * @throws DataError on malformed samples, labels or theta0 (see `checkSamples`)
 * @throws ArgumentError on an unknown method, a step that is not positive and finite, or a bad stop rule
 * @throws ConvergenceError when the weights leave float64's range
 * @throws the signal's reason when `signal` is aborted
 */
export function separationIterates(options: SeparationOptions): Method<SeparationIterate> {
  checkGivenOptions("separationIterates", options, [...separationOptions, "resume"]);
  const {
    A,
    y,
    intercept,
    stop = "separated",
    // beyond separation the perceptron does not go on
    method = stop === "separated" ? "perceptron" : "normalized",
    step = 1,
    theta0,
    resume,
    signal,
  } = options;
  checkSeparationOptions(method, step, stop);
  const samples = checkSamples({ A, y, intercept });
  const { count, dimension, entries } = samples;
  const start = theta0 ? checkTheta(theta0, dimension, "theta0") : new Float64Array(dimension);
  const gramPays = entries > count * count && count <= DUAL_LIMIT;
  const needsTheta = method === "perceptron" || method === "gradient-normalized";
  const representation = gramPays && !needsTheta ? dual(samples, start) : primal(samples, start);
  checkMethodOptions({ resume, signal }, ["vector"]);
  if (resume && resume.state.vector.length !== representation.length)
    throw new ArgumentError(
      `resume must be a state of this problem, of length ${representation.length}; got length ${resume.state.vector.length}`,
    );
  const stepper = separationStepper({ samples, representation, method, step, stop });
  return releasing(iterates(stepper, { resume, signal }), samples);
}

/** Gives the samples' memory back when the method ends or is left. */
async function* releasing<I extends Iterate>(method: Method<I>, { release }: SignedSamples): Method<I> {
  try {
    yield* method;
  } finally {
    release?.();
  }
}
