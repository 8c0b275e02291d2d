import { sharpness, stabilityThreshold } from "gradus/curvature";
import { stochasticGradientDescent } from "gradus/optimize";
import { ourCheck } from "../check.ts";
import { type ExperimentEvent, type ExperimentRun, progress, type Table } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { tableOf } from "../shared/tables.ts";
import type { Problem } from "./problems.ts";

/** One run of training. */
export interface Descent {
  readonly rate: number;
  readonly batchSize: number;
  readonly replacement?: boolean;
  readonly steps: number;
  readonly clip: number;
  /** Training ends once the loss is at most this. */
  readonly tolerance: number;
  readonly seed: number;
}

/** Where training ended, with the curvature of the squared loss there. */
export interface Minimum {
  readonly steps: number;
  readonly loss: number;
  /** Steps since the last whose gradient was clipped. */
  readonly unclipped: number;
  readonly trace: number;
  /** Tr G over new inputs. */
  readonly populationTrace: number;
  readonly frobenius: number;
  readonly lambdaMax: number;
  /** eta* of the batch size. */
  readonly threshold: number;
  readonly error: number;
  readonly norm: number;
}

export interface DescentOptions {
  readonly signal: AbortSignal;
  /** The run's position among those of its experiment, and its name. */
  readonly at: { readonly fraction: number; readonly share: number; readonly name: string };
  /** What to show of the iterates: one per 1000 steps, or per 100 with the full batch. */
  show?(iterate: {
    readonly step: number;
    readonly loss: number;
    readonly theta: Float64Array;
  }): Iterable<ExperimentEvent>;
}

/** Trains to a minimum, yielding progress on the way, and measures the minimum. */
export async function* descend(
  { regression, start, error, norm, populationTrace }: Problem,
  { steps, seed, rate, ...descent }: Descent,
  { signal, at, show }: DescentOptions,
): ExperimentRun<{ readonly minimum: Minimum; readonly theta: Float64Array }> {
  const { batchSize, replacement } = descent;
  const whole = batchSize === regression.n && !replacement;
  const stepsPerIterate = whole ? 100 : 1000;
  const run = stochasticGradientDescent(regression, {
    ...descent,
    learningRate: rate,
    start,
    seed,
    stepsPerIterate,
    signal,
  });
  for await (const iterate of run) {
    const { step, loss, lastClipped, done } = iterate;
    if (show) yield* show(iterate);
    if (!done && step < steps) {
      if (iterate.iteration % 20 === 0)
        yield progress(
          at.fraction + (at.share * step) / steps,
          `${at.name}, step ${step.toLocaleString("en")}`,
        );
      continue;
    }
    const { theta } = iterate;
    const gram = regression.gram(theta);
    const { learningRate } = await stabilityThreshold({ gram }, { batchSize, replacement, signal });
    const { trace, frobenius, lambdaMax } = sharpness({ gram });
    const minimum = {
      steps: step,
      loss,
      unclipped: step - lastClipped,
      trace,
      frobenius,
      lambdaMax,
      populationTrace: populationTrace(theta),
      threshold: learningRate,
      error: error(theta),
      norm: norm(theta),
    };
    return { minimum, theta };
  }
  throw new Error("training yields at least where it starts");
}

/** Significant digits of a minimum's figures in the findings. */
const DIGITS = 7;

/** A minimum as it is kept in the findings. */
export function kept(minimum: Minimum): Minimum {
  const rounded = Object.entries(minimum).map(([key, value]) => [key, Number(value.toPrecision(DIGITS))]);
  return Object.fromEntries(rounded) as Minimum;
}

/** A minimum and how it was reached. */
export interface Run {
  readonly method: string;
  readonly rate: number;
  readonly seed: number;
  readonly minimum: Minimum;
}

/** eta Tr G / 2, at most 1 for a stable minimum of SGD with a batch of one. */
export const traceShare = ({ rate, minimum }: Run): number => (rate * minimum.trace) / 2;

/** eta lambda_1 / 2, at most 1 for a stable minimum of gradient descent. */
export const edgeShare = ({ rate, minimum }: Run): number => (rate * minimum.lambdaMax) / 2;

/** eta* / eta, at least 1 where SGD is stable in mean square. */
export const margin = ({ rate, minimum }: Run): number => minimum.threshold / rate;

/** The table of all runs, with what the norm is called. */
export function runsTable(runs: readonly Run[], norm: string): Table {
  return tableOf(
    "runs",
    "Where each run ended",
    {
      ...{ method: "method", rate: "η", seed: "seed", steps: "steps", loss: "training loss" },
      ...{ unclipped: "steps since clipping", trace: "Tr G", populationTrace: "Tr G on new inputs" },
      ...{ traceShare: "η Tr G / 2", edgeShare: "η λ₁ / 2", margin: "η*/η", norm, error: "test error" },
    },
    runs.map((run) => ({
      ...run.minimum,
      ...run,
      traceShare: traceShare(run),
      edgeShare: edgeShare(run),
      margin: margin(run),
    })),
  );
}

const theorem = "Tr G ≤ 2/η for SGD, λ₁ ≤ 2/η for gradient descent";
/** The bounds of the theorem, for minima of training. */
export const stable = {
  condition: { atMost: 1.02 },
  ground: criterion(
    `${theorem}, with a tolerance of 2%, because training ends near a minimum and not at one`,
  ),
} as const;
/** The least factor by which figures "stand apart". */
export const twice = { atLeast: 2 } as const;
export const half = { atMost: 0.5 } as const;
export const looseTrace = criterion(
  "stability leaves gradient descent’s trace at least twice what SGD’s allows",
);
/** Control: clipping no longer plays a part at the end of training. */
export const unclipped = (fewest: number) =>
  ourCheck("SGD: steps since the last clipped one, fewest of all runs", fewest, { atLeast: 1000 }, control);
const control = criterion("clipping plays no part once it has been inactive for 1000 steps");

/** Smallest and largest; NaN if there are none, so that a check reports that nothing was measured. */
export function rangeOf(values: readonly number[]): readonly [least: number, most: number] {
  return values.length === 0 ? [Number.NaN, Number.NaN] : [Math.min(...values), Math.max(...values)];
}
