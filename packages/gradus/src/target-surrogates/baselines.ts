import { areFinite } from "../check/arrays.ts";
import { ConvergenceError } from "../check/errors.ts";
import { checkPositive } from "../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../iterate/iterate.ts";
import { norm2 } from "../linalg/vector.ts";
import { checkPoint, type MaybePromise } from "../objectives/objective.ts";
import type { Schedule } from "../train/schedules/schedule.ts";
import { batchObjective } from "./batch-objective.ts";
import { noCalls, type TargetCounts, type TargetProblem } from "./contract.ts";

/** A first-order update rule for one parameter vector. */
export interface DescentRule {
  /** The rule's state vectors, initially 0; a scalar is a vector of one number. */
  memory(dimension: number): readonly Float64Array[];
  /** The next theta; overwrites `memory`. */
  step(
    theta: Float64Array,
    gradient: Float64Array,
    memory: readonly Float64Array[],
    iteration: number,
  ): Float64Array;
}

const rateOf = (stepSize: number | Schedule, iteration: number): number =>
  typeof stepSize === "number" ? stepSize : stepSize(iteration);

function checkStep(stepSize: number | Schedule): void {
  if (typeof stepSize === "number") checkPositive({ stepSize });
}

/**
 * Gradient descent: theta - stepSize g.
 *
 * @throws ArgumentError unless a constant step is finite and > 0
 */
export function sgdRule(stepSize: number | Schedule): DescentRule {
  checkStep(stepSize);
  return {
    memory: () => [],
    step(theta, gradient, _, iteration) {
      const rate = rateOf(stepSize, iteration);
      return theta.map((value, k) => value - rate * gradient[k]);
    },
  };
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1) with betas 0.9 and 0.999 and epsilon 1e-8.
 *
 * @throws ArgumentError unless a constant step is finite and > 0
 */
export function adamRule(stepSize: number | Schedule): DescentRule {
  checkStep(stepSize);
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  return {
    memory: (dimension) => [new Float64Array(dimension), new Float64Array(dimension)],
    step(theta, gradient, [first, second], iteration) {
      const rate = rateOf(stepSize, iteration);
      const [bias1, bias2] = [1 - beta1 ** (iteration + 1), 1 - beta2 ** (iteration + 1)];
      return theta.map((value, k) => {
        first[k] = beta1 * first[k] + (1 - beta1) * gradient[k];
        second[k] = beta2 * second[k] + (1 - beta2) * gradient[k] ** 2;
        return value - (rate * (first[k] / bias1)) / (Math.sqrt(second[k] / bias2) + epsilon);
      });
    },
  };
}

/**
 * AdaGrad with one rate per coordinate (Duchi, Hazan & Singer 2011) and epsilon 1e-10.
 *
 * @throws ArgumentError unless a constant step is finite and > 0
 */
export function adagradRule(stepSize: number | Schedule): DescentRule {
  checkStep(stepSize);
  return {
    memory: (dimension) => [new Float64Array(dimension)],
    step(theta, gradient, [squares], iteration) {
      const rate = rateOf(stepSize, iteration);
      return theta.map((value, k) => {
        squares[k] += gradient[k] ** 2;
        return value - (rate * gradient[k]) / (Math.sqrt(squares[k]) + 1e-10);
      });
    },
  };
}

/**
 * AdaGrad with a single rate (Ward, Wu & Bottou 2019): theta - stepSize g / (sqrt(sum |g_s|^2) + 1e-6).
 *
 * @throws ArgumentError unless a constant step is finite and > 0
 */
export function scalarAdagradRule(stepSize: number | Schedule): DescentRule {
  checkStep(stepSize);
  return {
    memory: () => [new Float64Array(1)],
    step(theta, gradient, [squares], iteration) {
      squares[0] += norm2(gradient) ** 2;
      const rate = rateOf(stepSize, iteration) / (Math.sqrt(squares[0]) + 1e-6);
      return theta.map((value, k) => value - rate * gradient[k]);
    },
  };
}

/** The state of a stochastic baseline. */
export interface StochasticDescentState {
  readonly theta: Float64Array;
  readonly memory: readonly Float64Array[];
  readonly counts: TargetCounts;
  /** Loss of the batch before the step; undefined at the start. */
  readonly batchLoss: number | undefined;
  readonly batchGradientNorm: number | undefined;
}

/** An iterate of a stochastic baseline, with its state. */
export type StochasticDescentIterate = Iterate<StochasticDescentState> & StochasticDescentState;

/**
 * Stochastic descent on a target problem, with one oracle call and one step per batch: the baselines of `sso`, on the
 * same batches.
 *
 * @returns a method that does not end by itself
 * @throws ArgumentError when theta0 has the wrong length
 * @throws ConvergenceError when a batch's loss or gradient is not finite
 */
export function stochasticDescent(
  problem: TargetProblem,
  theta0: Float64Array,
  rule: DescentRule,
  options: MethodOptions<StochasticDescentState> = {},
): Method<StochasticDescentIterate> {
  checkOptions("stochasticDescent", options, ["resume", "signal"]);
  checkPoint(theta0, problem.dimension, "theta0");
  return iterates<StochasticDescentState, StochasticDescentState>(
    {
      fields: { theta: theta0.length, memory: undefined, counts: undefined },
      start: () => ({
        theta: Float64Array.from(theta0),
        memory: rule.memory(theta0.length),
        counts: noCalls(),
        batchLoss: undefined,
        batchGradientNorm: undefined,
      }),
      async step({ theta, memory: before, counts: sofar }, iteration) {
        const counts = { ...sofar };
        const objective = batchObjective(await problem.at(iteration, theta), counts);
        const { value, gradient } = await objective.valueAndGradient(theta);
        const batchGradientNorm = norm2(gradient);
        if (!Number.isFinite(value) || !Number.isFinite(batchGradientNorm))
          throw new ConvergenceError(
            `the loss or its gradient is not finite at step ${iteration}: loss ${value}`,
          );
        const memory = before.map((vector) => vector.slice());
        return {
          theta: rule.step(theta, gradient, memory, iteration),
          memory,
          counts,
          batchLoss: value,
          batchGradientNorm,
        };
      },
      view: (state) => state,
    },
    options,
  );
}

interface Snapshot {
  readonly theta: Float64Array;
  readonly gradient: Float64Array;
}

/** The state of SVRG: its iterate, and the snapshot with its full gradient. */
export interface SvrgState extends Snapshot {
  readonly snapshot: Float64Array;
  readonly counts: TargetCounts;
}

/** An iterate of SVRG. */
export type SvrgIterate = Iterate<SvrgState> & {
  readonly theta: Float64Array;
  readonly counts: TargetCounts;
};

/**
 * Stochastic variance-reduced gradient: theta - stepSize (g_R(theta) - g_R(s) + g(s)) with a snapshot s renewed every
 * epoch. A step takes two oracle calls; a full gradient counts as one call per batch of an epoch.
 * Source: Johnson & Zhang 2013.
 *
 * @throws ArgumentError unless stepSize is finite and > 0
 * @throws ConvergenceError when an iterate is not finite
 */
export function svrg(
  problem: TargetProblem,
  whole: TargetProblem,
  theta0: Float64Array,
  given: MethodOptions<SvrgState> & { readonly stepSize: number },
): Method<SvrgIterate> {
  checkGivenOptions("svrg", given, ["stepSize", "resume", "signal"]);
  const { stepSize, ...options } = given;
  checkStep(stepSize);
  checkPoint(theta0, problem.dimension, "theta0");
  const gradientAt = async (
    from: TargetProblem,
    iteration: number,
    { theta, counts }: { theta: Float64Array; counts: TargetCounts },
  ): Promise<Float64Array> => batchObjective(await from.at(iteration, theta), counts).gradient(theta);
  const start = (): MaybePromise<SvrgState> => ({
    theta: Float64Array.from(theta0),
    snapshot: Float64Array.from(theta0),
    gradient: new Float64Array(theta0.length),
    counts: noCalls(),
  });
  return iterates<SvrgState, { theta: Float64Array; counts: TargetCounts }>(
    {
      fields: { theta: theta0.length, snapshot: theta0.length, gradient: theta0.length, counts: undefined },
      start,
      async step({ theta, snapshot: before, gradient: full, counts: sofar }, iteration) {
        const counts = { ...sofar };
        const renewed = iteration % problem.batchesPerEpoch === 0;
        const snapshot = renewed ? theta : before;
        const gradient = renewed ? await gradientAt(whole, 0, { theta: snapshot, counts }) : full;
        if (renewed) counts.oracleCalls += problem.batchesPerEpoch - 1;
        const here = await gradientAt(problem, iteration, { theta, counts });
        const there = await gradientAt(problem, iteration, { theta: snapshot, counts });
        const moved = theta.map((value, k) => value - stepSize * (here[k] - there[k] + gradient[k]));
        if (!areFinite(moved))
          throw new ConvergenceError(`svrg's iterate is not finite at step ${iteration + 1}`);
        return { theta: moved, snapshot, gradient, counts };
      },
      view: ({ theta, counts }) => ({ theta, counts }),
    },
    options,
  );
}
