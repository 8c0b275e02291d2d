import { binaryLogisticLoss, squaredLoss } from "gradus/losses";
import { stochasticArmijo } from "gradus/optimize";
import {
  adagradRule,
  adamRule,
  batchObjective,
  type EtaRule,
  innerArmijo,
  linearTargets,
  sgdRule,
  sso,
  stochasticDescent,
  targetLoss,
  targetProblem,
} from "gradus/target-surrogates";
import { exponentialStepSize } from "gradus/train";
import type { ExperimentRun, Point, Show } from "../experiment.ts";
import { wholeLoss } from "./follow.ts";
import type { LinearData } from "./linear-data.ts";

export const lossNames = ["logistic", "squared"] as const;
export type LossName = (typeof lossNames)[number];

export const linearMethods = [
  "SSO, m = 20",
  "SSO, m = 1",
  "SLS",
  "SGD",
  "Adam",
  "AdaGrad",
  "SSO, m = 20, constant η",
  "SLS, no decay",
] as const;
export type LinearMethod = (typeof linearMethods)[number];

export interface LinearRun {
  readonly data: LinearData;
  readonly loss: LossName;
  readonly batchSize: number;
  readonly epochs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface LinearResult {
  readonly value: number;
  readonly gradientNorm: number;
  /** Of the steps alone. */
  readonly milliseconds: number;
  /** Loss on all rows by gradients of the loss. */
  readonly curve: readonly Point[];
}

/** Points of a curve at most. */
const DRAWN = 60;

export interface LinearOptions {
  /** Replaces the step size that theory gives SGD. */
  readonly step?: number;
  /** Of each point of the curve. */
  readonly show?: Show<Point>;
}

/** Runs a method over the epochs. */
export async function* runLinear(
  method: LinearMethod,
  { data, loss: name, batchSize, epochs, seed, signal }: LinearRun,
  { step, show = () => [] }: LinearOptions = {},
): ExperimentRun<LinearResult> {
  const model = linearTargets(data.X);
  const loss = name === "logistic" ? targetLoss(binaryLogisticLoss, data.y) : targetLoss(squaredLoss, data.y);
  const problem = targetProblem(model, loss, { batchSize, seed });
  const whole = targetProblem(model, loss);
  const { batchesPerEpoch } = problem;
  const total = epochs * batchesPerEpoch;
  const L = Number(loss.smoothness);
  const start = new Float64Array(model.dimension);
  const descent = (rule: ReturnType<typeof sgdRule>) => stochasticDescent(problem, start, rule, { signal });
  const surrogates = (innerSteps: number, eta: EtaRule = exponentialStepSize(1 / L, total)) =>
    sso(problem, start, {
      eta,
      innerSteps,
      inner: innerArmijo({ sufficientDecrease: 0.5 }),
      signal,
    });
  const lineSearched = (decay: (iteration: number) => number) =>
    stochasticArmijo(async (iteration, x) => batchObjective(await problem.at(iteration, x)), start, {
      sufficientDecrease: 0.5,
      shrink: 0.9,
      growth: 2 ** (1 / batchesPerEpoch),
      valueTolerance: 1e-12,
      decay,
      signal,
    });
  const begin = {
    "SSO, m = 20": () => surrogates(20),
    "SSO, m = 1": () => surrogates(1),
    SGD: () => descent(sgdRule(exponentialStepSize(step ?? 1 / (2 * L * data.largestSquaredNorm), total))),
    Adam: () => descent(adamRule(1e-3)),
    AdaGrad: () => descent(adagradRule(1e-2)),
    SLS: () => lineSearched(exponentialStepSize(1, total)),
    "SSO, m = 20, constant η": () => surrogates(20, 1 / L),
    "SLS, no decay": () => lineSearched(() => 1),
  }[method];
  const every = batchesPerEpoch * Math.max(1, Math.ceil(epochs / DRAWN));
  const curve: Point[] = [];
  function* drawn(x: number, y: number) {
    curve.push({ x, y });
    yield* show({ x, y });
  }
  let theta: Float64Array = start;
  let milliseconds = 0;
  let before = performance.now();
  for await (const iterate of begin()) {
    theta = "theta" in iterate ? iterate.theta : iterate.x;
    if (iterate.iteration === total) break;
    if (iterate.iteration % every !== 0) continue;
    milliseconds += performance.now() - before;
    yield* drawn(iterate.iteration, (await wholeLoss(whole, theta)).value);
    before = performance.now();
  }
  milliseconds += performance.now() - before;
  const end = await wholeLoss(whole, theta);
  yield* drawn(total, end.value);
  return { ...end, milliseconds, curve };
}
