import type { ArrayValue } from "@gradus/graph";
import {
  type BatchExtremesView,
  batchExtremeEigenvalues,
  type CurvatureOperator,
  gaussNewtonOperator,
  hessianVariance,
  localHessianVariance,
  lossHessianOperator,
} from "gradus/curvature";
import { extremeEigenpairs } from "gradus/linalg";
import { softmaxCurvature } from "gradus/losses";
import { sampleMean } from "gradus/statistics";
import type { Values } from "gradus/tree";
import type { ExperimentContext, ExperimentEvent, ExperimentRun, Show } from "../experiment.ts";
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
export interface MeasureOptions extends Pick<ExperimentContext<unknown>, "stage" | "resumable" | "signal"> {
  /** Unique in the run. */
  readonly key: string;
  readonly batches: number;
  readonly seed: number;
  /** Says which part begins, and the share of the measurement that is done. */
  readonly tell: (part: string, done: number) => ExperimentEvent;
}

async function* extremesOf<P extends Values>(
  A: CurvatureOperator<P, Data>,
  data: Data,
  { batches, seed, signal, resumable }: MeasureOptions,
  show: Show<readonly Extremes[]> = () => [],
): ExperimentRun<Extremes[]> {
  const all: Extremes[] = [];
  for (const batchSize of batchSizes) {
    const options = { batchSize, batches, steps: LANCZOS_STEPS, seed, signal };
    const before = [...all];
    const { iterate } = yield* resumable(`${batchSize}`, {
      method: (resume) => batchExtremeEigenvalues(A, data, { ...options, resume }),
      kept: null,
      async *each(iterate) {
        if (iterate.largest.length > 0) yield* show([...before, meansOf(batchSize, iterate)]);
      },
    });
    all.push(meansOf(batchSize, iterate));
  }
  return all;
}

function meansOf(batchSize: number, { largest, smallest, effectiveBatch }: BatchExtremesView): Extremes {
  const count = largest.length;
  const center = sampleMean(largest);
  const variance = largest.reduce((sum, value) => sum + (value - center) ** 2, 0) / (count - 1);
  return {
    batchSize,
    effectiveBatch,
    largest: center,
    error: Math.sqrt(variance / count),
    smallest: sampleMean(smallest),
  };
}

/** Trains a network, then measures its Hessian on batches and on all data. */
export async function* measure<P extends Values>(
  problem: ClassifierProblem<P>,
  options: MeasureOptions,
  show?: Show<readonly Extremes[]>,
): ExperimentRun<Measured> {
  const { data, loss: lossOf, model } = problem;
  const { key, seed, signal, stage, resumable, tell } = options;
  const { parameters, loss } = yield* stage(`${key}, training`, () => trainNetwork(problem, options));
  const place = { parameters, data };
  using H = await lossHessianOperator<P, Data>({ loss: lossOf, ...place });
  yield tell("batches", 0.2);
  const hessian = yield* stage(`${key}, batches`, () => extremesOf(H, data, options, show));
  const ofAll = yield* stage(`${key}, all rows`, async function* () {
    yield tell("all rows", 0.5);
    const top = await extremeEigenpairs(H, { count: 1, tolerance: 1e-5, seed, signal });
    const lowest = { count: 1, which: "smallest", tolerance: 1e-4, seed, signal } as const;
    const bottom = await extremeEigenpairs(H, lowest);
    return { lambdaMax: top.values[0], lambdaMin: bottom.values[0], vector: top.vectors[0] };
  });
  const spread = yield* stage(`${key}, variance`, async function* () {
    const { iterate } = yield* resumable("probes", {
      method: (resume) => hessianVariance<P, Data>({ loss: lossOf, ...place }, { seed, signal, resume }),
      kept: null,
      async *each({ iteration }) {
        yield tell(`variance, ${iteration} probes`, 0.6 + 0.02 * iteration);
      },
    });
    return { variance: iterate.hessianVariance };
  });
  const local = yield* stage(`${key}, local variance`, async function* () {
    yield tell("variance along the first eigenvector", 0.68);
    return localHessianVariance<P, Data>({ loss: lossOf, ...place }, ofAll.vector, { signal });
  });
  using G = await gaussNewtonOperator<P, Data>({ model, curvature: softmaxCurvature, ...place });
  const gaussNewtonMax = yield* stage(`${key}, Gauss-Newton, all rows`, async function* () {
    yield tell("Gauss-Newton, all rows", 0.7);
    return (await extremeEigenpairs(G, { count: 1, tolerance: 1e-5, seed, signal })).values[0];
  });
  const { lambdaMax, lambdaMin } = ofAll;
  yield tell("Gauss-Newton, batches", 0.75);
  return {
    ...{ loss, lambdaMax, lambdaMin, ...spread, ...local, hessian, gaussNewtonMax },
    gaussNewton: yield* stage(`${key}, Gauss-Newton, batches`, () => extremesOf(G, data, options)),
  };
}

async function* trainNetwork<P extends Values>(
  problem: ClassifierProblem<P>,
  { seed, tell }: MeasureOptions,
): ExperimentRun<{ readonly parameters: P; readonly loss: number }> {
  yield tell("training", 0);
  using runs = await compileRuns(problem, momentumSgd);
  const { epochs, batchSize, learningRate } = training;
  const steps = Math.floor((epochs * problem.rows) / batchSize);
  const trained = await runs.run(runs.start([problem.start(seed)]), {
    plans: [batchPlan(seed, problem.rows, { batchSize, steps })],
    batchSize,
    rates: [learningRate],
    momenta: [0],
  });
  return { parameters: parametersOf(trained.runs, problem.start(seed), 0), loss: trained.losses[0] };
}
