import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkLimit, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../iterate/iterate.ts";
import { type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import { checkPoint, whenReady } from "../../objectives/objective.ts";
import { type RandomState, randomStream, randomStreamFrom } from "../../random/stream.ts";
import type { OptimizationStatus } from "../status.ts";
import { type BatchObjective, evaluator, shownPoint } from "./batch-objective.ts";
import { type Weighing, weigh, writeMean } from "./consensus-point.ts";
import { type InverseTemperature, inverseTemperatureAt } from "./inverse-temperature.ts";
import { type Coordinates, coordinates } from "./particles.ts";
import { checkRule, ruleAt, type StepRule } from "./step-rule.ts";

export interface ConsensusHoppingOptions extends MethodOptions<HoppingState> {
  /** Standard deviation > 0 of the samples in every coordinate, or a rule that gives it by the number of steps made. */
  readonly width: StepRule;
  /** Samples of a step. */
  readonly samples?: number;
  readonly inverseTemperature?: InverseTemperature;
  /** Independent runs, side by side. */
  readonly runs?: number;
  /** Ends before values of more points than this would be asked for, all runs together. */
  readonly maxEvaluations?: number;
  readonly seed?: number;
}

/** Plain data from which consensus hopping continues; M runs in R^d. */
export interface HoppingState {
  /** M x d. */
  readonly x: Float64Array;
  /** M x N x d: the samples of which x is the consensus; empty at the start. */
  readonly samples: Float64Array;
  /** M x d and M. */
  readonly bestPoints: Float64Array;
  readonly bestValues: Float64Array;
  readonly effectiveSampleSizes: Float64Array;
  evaluations: number;
  dropped: number;
  readonly randoms: readonly RandomState[];
}

/** What an iterate of consensus hopping shows at once. */
export interface HoppingView {
  /** The least value found, over all runs; Infinity at the start. */
  readonly bestValue: number;
  readonly evaluations: number;
  /** Values so far that were NaN or +Infinity and had no weight. */
  readonly dropped: number;
  readonly status: Extract<OptimizationStatus, "evaluation-limit"> | undefined;
  readonly done: boolean;
  /** Never: the method has no criterion but its limit of evaluations. */
  readonly converged: false;
}

/** What is copied when it is read. */
export interface HoppingArrays {
  /** M x d: where the runs are. */
  readonly consensus: Float64Array;
  /** d: the best sample, over all runs. */
  readonly bestPoint: Float64Array;
  readonly bestPoints: Float64Array;
  readonly bestValues: Float64Array;
  /** M x N x d: the samples of the step that led here. */
  readonly particles: Float64Array;
  /** M: (sum w)^2 / sum w^2 of them. */
  readonly effectiveSampleSizes: Float64Array;
}

/** An iterate of consensus hopping. */
export type HoppingIterate = Iterate<HoppingState> & HoppingView & HoppingArrays;

/**
 * Consensus hopping: x_k is the consensus point of N samples around x_(k-1)
 *
 *     y^i ~ N(x_(k-1), width^2 I),   x_k = sum_i w_i y^i / sum_i w_i,   w_i = exp(-alpha (E(y^i) - min_j E(y^j))),
 *
 * for N -> infinity the gradient step -tau grad M(x_(k-1)) on the soft Moreau envelope M of E, tau = alpha width^2
 * (`softMoreauEnvelope`), and the proximal step of E for alpha -> infinity at fixed tau.
 * Source: Riedl, Klock, Geldhauser & Fornasier 2023, "Gradient is All You Need?".
 *
 * @param x0 d numbers, or one number for all coordinates
 * @throws ArgumentError when an option is out of bounds or unknown, or a rule gives a number that is
 * @throws DataError when the objective gives -Infinity
 * @throws ConvergenceError when all values of a step are NaN or +Infinity
 * @throws the signal's reason when `signal` is aborted
 */
export function consensusHopping(
  objective: BatchObjective,
  x0: Coordinates,
  options: ConsensusHoppingOptions,
): Method<HoppingIterate> {
  checkGivenOptions("consensusHopping", options, [
    "width",
    "samples",
    "inverseTemperature",
    "runs",
    "maxEvaluations",
    "seed",
    "resume",
    "signal",
  ]);
  const {
    width,
    samples = 100,
    inverseTemperature = 100,
    runs = 1,
    maxEvaluations = Number.POSITIVE_INFINITY,
    seed = 0,
    resume,
    signal,
  } = options;
  const evaluate = evaluator(objective);
  const { dimension: d } = objective;
  checkRule("width", width);
  checkRule("inverseTemperature", inverseTemperature);
  checkPositiveInteger({ samples, runs });
  checkLimit({ maxEvaluations });
  const start = coordinates("x0", x0, d);
  checkPoint(start, d, "x0");
  checkMethodOptions({ resume, signal }, ["x", "samples", "randoms"]);
  if (resume && resume.state.x.length !== runs * d)
    throw new ArgumentError(`resume must be a state of ${runs} x ${d} numbers, got ${resume.state.x.length}`);
  const streams = resume
    ? resume.state.randoms.map(randomStreamFrom)
    : Array.from({ length: runs }, (_, m) => randomStream(seed).split(m));
  const everyone = Int32Array.from({ length: samples }, (_, i) => i);
  const weights = new Float64Array(samples);
  const weighing: Weighing = { total: 0, squares: 0, least: 0, best: 0, dropped: 0 };

  const widthAt = (step: number): number => ruleAt("width", width, step, "positive");
  widthAt(resume?.iteration ?? 0);

  function scatter(work: HoppingState, step: number): void {
    const deviation = widthAt(step);
    for (let m = 0; m < runs; m++) {
      const mine = work.samples.subarray(m * samples * d, (m + 1) * samples * d);
      streams[m].fillNormalZiggurat(mine);
      for (let i = 0; i < samples; i++)
        for (let j = 0; j < d; j++) mine[i * d + j] = work.x[m * d + j] + deviation * mine[i * d + j];
    }
  }

  function agree(work: HoppingState, m: number, values: Float64Array, step: number): void {
    const mine = values.subarray(m * samples, (m + 1) * samples);
    const alpha = inverseTemperatureAt(inverseTemperature, step, mine);
    weigh(mine, alpha, weights, weighing);
    const { total, squares, least, best, dropped } = weighing;
    if (best < 0)
      throw new ConvergenceError(
        `every sample has the value NaN or Infinity at step ${step}, such as ${mine[0]} at ${shownPoint(work.samples, m * samples * d, d)}`,
      );
    const from = m * samples * d;
    work.dropped += dropped;
    work.effectiveSampleSizes[m] = (total * total) / squares;
    if (least < work.bestValues[m]) {
      work.bestValues[m] = least;
      work.bestPoints.set(work.samples.subarray(from + best * d, from + (best + 1) * d), m * d);
    }
    writeMean(
      { weights, total },
      { positions: work.samples, first: m * samples, members: everyone },
      { into: work.x, at: m * d, dimension: d },
    );
  }

  const copy = (work: HoppingState): HoppingState => ({
    ...work,
    x: work.x.slice(),
    samples: work.samples.slice(),
    bestPoints: work.bestPoints.slice(),
    bestValues: work.bestValues.slice(),
    effectiveSampleSizes: work.effectiveSampleSizes.slice(),
    randoms: streams.map((stream) => stream.state),
  });
  const bestValue = (work: HoppingState): number => Math.min(...work.bestValues);
  const bestRun = (work: HoppingState): number => work.bestValues.indexOf(bestValue(work));

  const stepper: InPlaceStepper<HoppingState, HoppingView, HoppingArrays> = {
    start: () => ({
      x: Float64Array.from({ length: runs * d }, (_, k) => start[k % d]),
      samples: new Float64Array(runs * samples * d),
      bestPoints: Float64Array.from({ length: runs * d }, (_, k) => start[k % d]),
      bestValues: new Float64Array(runs).fill(Number.POSITIVE_INFINITY),
      effectiveSampleSizes: new Float64Array(runs),
      evaluations: 0,
      dropped: 0,
      randoms: [],
    }),
    advance(work, iteration) {
      scatter(work, iteration);
      work.evaluations += runs * samples;
      return whenReady(evaluate(work.samples, iteration), (values) => {
        for (let m = 0; m < runs; m++) agree(work, m, values, iteration);
      });
    },
    view(work) {
      const done = work.evaluations + runs * samples > maxEvaluations;
      return {
        bestValue: bestValue(work),
        evaluations: work.evaluations,
        dropped: work.dropped,
        status: done ? "evaluation-limit" : undefined,
        done,
        converged: false,
      };
    },
    lazy: {
      consensus: (work) => work.x.slice(),
      bestPoint: (work) => work.bestPoints.slice(bestRun(work) * d, (bestRun(work) + 1) * d),
      bestPoints: (work) => work.bestPoints.slice(),
      bestValues: (work) => work.bestValues.slice(),
      particles: (work) => work.samples.slice(),
      effectiveSampleSizes: (work) => work.effectiveSampleSizes.slice(),
    },
    copy,
  };
  return iteratesInPlace(stepper, { resume, signal });
}
