import { array } from "@gradus/graph";
import { softmaxLoss } from "gradus/losses";
import { mlp, varianceScaling } from "gradus/nn";
import { stochasticArmijo } from "gradus/optimize";
import { randomStream } from "gradus/random";
import {
  adamRule,
  batchObjective,
  type DescentRule,
  innerArmijo,
  sgdRule,
  sso,
  stochasticDescent,
  type TargetProblem,
  targetLoss,
  targetProblem,
  tracedTargets,
} from "gradus/target-surrogates";
import { scaledImages } from "../shared/images.ts";
import { wholeLoss } from "./follow.ts";

export const digitMethods = [
  "SSO, m = 20",
  "SSO, m = 1",
  "SSO, m = 20, η = 8",
  "SLS",
  "SGD, tuned",
  "Adam, tuned",
] as const;
export type DigitMethod = (typeof digitMethods)[number];

/** 14 batches of 128; a step on the 5 leftover rows would set plain methods back at the end of every epoch. */
const BATCH = 128;
const sgdSteps = [0.1, 0.3, 0.5, 1, 2] as const;
const adamSteps = [3e-3, 1e-2, 2e-2, 3e-2, 5e-2] as const;

interface Run {
  readonly problem: TargetProblem;
  readonly theta: Float64Array;
  readonly signal: AbortSignal;
}

type Iterates = AsyncIterable<
  { readonly iteration: number } & ({ readonly theta: Float64Array } | { readonly x: Float64Array })
>;

const surrogates = ({ problem, theta, signal }: Run, innerSteps: number, eta: number): Iterates =>
  sso(problem, theta, { eta, innerSteps, inner: innerArmijo(), signal });

const searched = ({ problem, theta, signal }: Run): Iterates =>
  stochasticArmijo(async (iteration, x) => batchObjective(await problem.at(iteration, x)), theta, {
    sufficientDecrease: 0.5,
    shrink: 0.9,
    growth: 2 ** (1 / problem.batchesPerEpoch),
    signal,
  });

const descended = ({ problem, theta, signal }: Run, rule: DescentRule): Iterates =>
  stochasticDescent(problem, theta, rule, { signal });

export interface DigitRun {
  readonly method: DigitMethod;
  /** Up to the latest epoch. */
  readonly curve: readonly number[];
  /** The best of the grid, where there is one. */
  readonly step?: number;
}

/**
 * Training losses on all digits, at the start and after every epoch, method by method: the curve so far after each
 * epoch; for tuned methods, the whole curve at the best step size.
 */
export async function* digitRuns({
  epochs,
  seed,
  signal,
}: {
  epochs: number;
  seed: number;
  signal: AbortSignal;
}): AsyncGenerator<DigitRun> {
  const images = await scaledImages("digits", "f32");
  // uniform on plus or minus 1 / sqrt(inputs)
  const initializer = varianceScaling({ scale: 1 / 3, fan: "in", distribution: "uniform" });
  const network = mlp({
    inputs: images.columns,
    hidden: [128],
    outputs: 10,
    activation: "relu",
    initializer,
  });
  const inputs = array(images.pixels, [images.rows, images.columns]);
  using traced = await tracedTargets({
    model: (parameters, rows) => network.apply(parameters, rows),
    parameters: network.parameters({ stream: randomStream(seed).split("digits"), dtype: "f32" }),
    inputs,
  });
  const model = traced.on(inputs);
  const loss = targetLoss(softmaxLoss(10), images.labels);
  const whole = targetProblem(model, loss);

  async function* curveOf(begin: (run: Run) => Iterates): AsyncGenerator<readonly number[]> {
    const problem = targetProblem(model, loss, { batchSize: BATCH, leftover: "skip", seed });
    const curve: number[] = [];
    for await (const iterate of begin({ problem, theta: traced.theta, signal })) {
      if (iterate.iteration % problem.batchesPerEpoch !== 0) continue;
      curve.push((await wholeLoss(whole, "theta" in iterate ? iterate.theta : iterate.x)).value);
      yield [...curve];
      if (curve.length === epochs + 1) break;
    }
  }
  async function* plain(method: DigitMethod, begin: (run: Run) => Iterates): AsyncGenerator<DigitRun> {
    for await (const curve of curveOf(begin)) yield { method, curve };
  }
  async function best(steps: readonly number[], ruleOf: (step: number) => DescentRule) {
    const found: { curve: readonly number[]; step: number }[] = [];
    for (const step of steps) {
      let whole: readonly number[] = [];
      for await (const curve of curveOf((run) => descended(run, ruleOf(step)))) whole = curve;
      found.push({ step, curve: whole });
    }
    return found.reduce((a, b) => (b.curve[epochs] < a.curve[epochs] ? b : a));
  }
  yield* plain("SSO, m = 20", (run) => surrogates(run, 20, 2));
  yield* plain("SSO, m = 1", (run) => surrogates(run, 1, 2));
  yield* plain("SSO, m = 20, η = 8", (run) => surrogates(run, 20, 8));
  yield* plain("SLS", searched);
  yield { method: "SGD, tuned", ...(await best(sgdSteps, sgdRule)) };
  yield { method: "Adam, tuned", ...(await best(adamSteps, adamRule)) };
}
