import type { ArrayValue } from "@gradus/graph";
import {
  batchExtremeEigenvalues,
  type CurvatureOperator,
  gaussNewtonOperator,
  hessianVariance,
  localHessianVariance,
  lossHessianOperator,
} from "gradus/curvature";
import { solve } from "gradus/iterate";
import { extremeEigenpairs } from "gradus/linalg";
import { softmaxCurvature } from "gradus/losses";
import { sampleMean } from "gradus/statistics";
import type { Values } from "gradus/tree";
import type { ExperimentRun, Show } from "../experiment.ts";
import { momentumSgd } from "./optimizers.ts";
import type { ClassifierProblem, Labeled } from "./problems.ts";
import { batchPlan, compileRuns, parametersOf } from "./runs.ts";

export const batchSizes = [8, 16, 32, 64, 128, 256, 512] as const;
const LANCZOS_STEPS = 15;
const training = { epochs: 5, batchSize: 32, learningRate: 0.1 } as const;

/** Statistics of one matrix over the batches of one size. */
export interface Extremes {
  readonly batchSize: number;
  readonly effectiveBatch: number;
  /** Mean largest eigenvalue and its standard error. */
  readonly largest: number;
  readonly error: number;
  /** Mean smallest Ritz value. */
  readonly smallest: number;
}

/** The measurements of a trained network's Hessian. */
export interface Measured {
  readonly loss: number;
  readonly lambdaMax: number;
  readonly lambdaMin: number;
  /** s^2, isotropic. */
  readonly variance: number;
  readonly along: number;
  readonly across: number;
  readonly hessian: readonly Extremes[];
  readonly gaussNewtonMax: number;
  readonly gaussNewton: readonly Extremes[];
}

type Data = Labeled<ArrayValue>;

/** The extent of the measurement, and its seed. */
export interface MeasureOptions {
  readonly batches: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

async function* extremesOf<P extends Values>(
  A: CurvatureOperator<P, Data>,
  data: Data,
  { batches, seed, signal }: MeasureOptions,
  show: Show<readonly Extremes[]> = () => [],
): ExperimentRun<Extremes[]> {
  const all: Extremes[] = [];
  for (const [k, batchSize] of batchSizes.entries()) {
    const options = { batchSize, batches, steps: LANCZOS_STEPS, seed, signal };
    for await (const { largest, smallest, effectiveBatch } of batchExtremeEigenvalues(A, data, options)) {
      const count = largest.length;
      if (count === 0) continue;
      const center = sampleMean(largest);
      const variance = largest.reduce((sum, value) => sum + (value - center) ** 2, 0) / (count - 1);
      all[k] = {
        batchSize,
        effectiveBatch,
        largest: center,
        error: Math.sqrt(variance / count),
        smallest: sampleMean(smallest),
      };
      yield* show(all);
    }
  }
  return all;
}

/** Trains a network, then measures its Hessian on batches and on all data. */
export async function* measure<P extends Values>(
  problem: ClassifierProblem<P>,
  options: MeasureOptions,
  show?: Show<readonly Extremes[]>,
): ExperimentRun<Measured> {
  const { data, loss, model, rows } = problem;
  const { seed, signal } = options;
  using runs = await compileRuns(problem, momentumSgd);
  const { epochs, batchSize, learningRate } = training;
  const plans = [batchPlan(seed, rows, { batchSize, steps: Math.floor((epochs * rows) / batchSize) })];
  const trained = await runs.run(runs.start([problem.start(seed)]), {
    plans,
    batchSize,
    rates: [learningRate],
    momenta: [0],
  });
  const parameters = parametersOf(trained.runs, problem.start(seed), 0);
  const place = { parameters, data };
  using H = await lossHessianOperator<P, Data>({ loss, ...place });
  const hessian = yield* extremesOf(H, data, options, show);
  const top = await extremeEigenpairs(H, { count: 1, tolerance: 1e-5, seed, signal });
  const bottom = await extremeEigenpairs(H, { count: 1, which: "smallest", tolerance: 1e-4, seed, signal });
  const spread = (await solve(hessianVariance<P, Data>({ loss, ...place }, { seed, signal }))).iterate;
  const local = await localHessianVariance<P, Data>({ loss, ...place }, top.vectors[0], { signal });
  using G = await gaussNewtonOperator<P, Data>({ model, curvature: softmaxCurvature, ...place });
  const ofG = await extremeEigenpairs(G, { count: 1, tolerance: 1e-5, seed, signal });
  return {
    loss: trained.losses[0],
    lambdaMax: top.values[0],
    lambdaMin: bottom.values[0],
    variance: spread.hessianVariance,
    ...local,
    hessian,
    gaussNewtonMax: ofG.values[0],
    gaussNewton: yield* extremesOf(G, data, options),
  };
}
