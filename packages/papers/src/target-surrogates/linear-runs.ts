import type { Iterate, Method } from "gradus/iterate";
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
import type { ExperimentContext, ExperimentRun, Point, Resumed, Show } from "../experiment.ts";
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
  /** Runs the method so that an interrupted run goes on after one of its iterates; without it, a run begins anew. */
  readonly drive?: Drive;
}

type Drive = ExperimentContext<unknown>["resumable"];
type LinearIterate = Iterate & ({ readonly theta: Float64Array } | { readonly x: Float64Array });

/** Runs a method in one go. */
const inOneGo: Drive = async function* (key, { method, until, kept, each }) {
  for await (const iterate of method()) {
    yield* each(iterate, kept);
    if (iterate.done || until?.(iterate)) return { iterate, kept };
  }
  throw new Error(`the method "${key}" has no iterates`);
};

/** Runs a method over the epochs. */
export async function* runLinear(
  method: LinearMethod,
  { data, loss: name, batchSize, epochs, seed, signal }: LinearRun,
  { step, show = () => [], drive = inOneGo }: LinearOptions = {},
): ExperimentRun<LinearResult> {
  const model = linearTargets(data.X);
  const loss = name === "logistic" ? targetLoss(binaryLogisticLoss, data.y) : targetLoss(squaredLoss, data.y);
  const problem = targetProblem(model, loss, { batchSize, seed });
  const whole = targetProblem(model, loss);
  const { batchesPerEpoch } = problem;
  const total = epochs * batchesPerEpoch;
  const L = Number(loss.smoothness);
  const start = new Float64Array(model.dimension);
  const descent = (rule: ReturnType<typeof sgdRule>) => (resume?: Resumed) =>
    stochasticDescent(problem, start, rule, { resume, signal });
  const surrogates =
    (innerSteps: number, eta: EtaRule = exponentialStepSize(1 / L, total)) =>
    (resume?: Resumed) =>
      sso(problem, start, {
        eta,
        innerSteps,
        inner: innerArmijo({ sufficientDecrease: 0.5 }),
        resume,
        signal,
      });
  const lineSearched = (decay: (iteration: number) => number) => (resume?: Resumed) =>
    stochasticArmijo(async (iteration, x) => batchObjective(await problem.at(iteration, x)), start, {
      sufficientDecrease: 0.5,
      shrink: 0.9,
      growth: 2 ** (1 / batchesPerEpoch),
      valueTolerance: 1e-12,
      decay,
      resume,
      signal,
    });
  const begin: (resume?: Resumed) => Method<LinearIterate> = {
    "SSO, m = 20": surrogates(20),
    "SSO, m = 1": surrogates(1),
    SGD: descent(sgdRule(exponentialStepSize(step ?? 1 / (2 * L * data.largestSquaredNorm), total))),
    Adam: descent(adamRule(1e-3)),
    AdaGrad: descent(adagradRule(1e-2)),
    SLS: lineSearched(exponentialStepSize(1, total)),
    "SSO, m = 20, constant η": surrogates(20, 1 / L),
    "SLS, no decay": lineSearched(() => 1),
  }[method];
  const every = batchesPerEpoch * Math.max(1, Math.ceil(epochs / DRAWN));
  const thetaOf = (iterate: LinearIterate) => ("theta" in iterate ? iterate.theta : iterate.x);
  const none: { readonly curve: Point[]; milliseconds: number } = { curve: [], milliseconds: 0 };
  let before = performance.now();
  const { iterate, kept } = yield* drive(`${method}, seed ${seed}`, {
    method: begin,
    until: ({ iteration }) => iteration === total,
    kept: none,
    async *each(iterate, kept) {
      const { iteration } = iterate;
      if (iteration !== total && !iterate.done && iteration % every !== 0) return;
      kept.milliseconds += performance.now() - before;
      const point = { x: iteration, y: (await wholeLoss(whole, thetaOf(iterate))).value };
      kept.curve.push(point);
      yield* show(point);
      before = performance.now();
    },
  });
  return { ...(await wholeLoss(whole, thetaOf(iterate))), ...kept };
}
