import { ConvergenceError } from "../../check/errors.ts";
import { checkIntegerWithin, checkLimit, checkNonNegative, checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../iterate/iterate.ts";
import { type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import { symmetricEigen } from "../../linalg/factorize/symmetric-eigen.ts";
import { checkPoint, type MaybePromise, whenReady } from "../../objectives/objective.ts";
import { type RandomState, randomStream, randomStreamFrom } from "../../random/stream.ts";
import type { OptimizationStatus } from "../status.ts";
import { type BatchObjective, evaluator, shownPoint } from "./batch-objective.ts";
import { type Box, type Coordinates, coordinates, projectOntoBox, sidesOf } from "./particles.ts";

export interface CmaEsOptions extends MethodOptions<CmaEsState> {
  /** Standard deviation sigma > 0 of the first samples in every coordinate. */
  readonly width: number;
  /** Samples lambda >= 2 of a generation; 4 + floor(3 ln d) unless given. */
  readonly samples?: number;
  /**
   * Ends where the largest standard deviation of a coordinate is at most this, in the units of x: 1e-11, or 1e-8 `width`
   * where that is less.
   */
  readonly tolerance?: number;
  /** Samples are projected onto this box. */
  readonly bounds?: Box;
  /** Ends before values of more points than this would be asked for. */
  readonly maxEvaluations?: number;
  readonly seed?: number;
}

/** Plain data from which CMA-ES continues. */
export interface CmaEsState {
  readonly mean: Float64Array;
  sigma: number;
  /** C, d x d, and the axes B (columns) and lengths D of its ellipsoid. */
  readonly covariance: Float64Array;
  readonly axes: Float64Array;
  readonly lengths: Float64Array;
  /** The evolution paths of C and of sigma. */
  readonly path: Float64Array;
  readonly sigmaPath: Float64Array;
  /** The generation in which B and D were last computed. */
  decomposed: number;
  readonly best: Float64Array;
  bestValue: number;
  evaluations: number;
  readonly random: RandomState;
}

/** What an iterate of CMA-ES shows at once. */
export interface CmaEsView {
  /** Infinity at the start. */
  readonly bestValue: number;
  readonly evaluations: number;
  readonly sigma: number;
  readonly status: Extract<OptimizationStatus, "converged" | "evaluation-limit"> | undefined;
  readonly done: boolean;
  /** Whether the tolerance was met. */
  readonly converged: boolean;
}

/** An iterate of CMA-ES. */
export type CmaEsIterate = Iterate<CmaEsState> &
  CmaEsView & { /** d. */ readonly bestPoint: Float64Array /** d. */; readonly mean: Float64Array };

/** The strategy parameters that depend on the dimension and the number of samples alone. */
export interface CmaEsParameters {
  readonly samples: number;
  /** Of the best floor(samples / 2), descending, with sum 1. */
  readonly weights: Float64Array;
  /** 1 / sum w^2. */
  readonly effectiveParents: number;
  readonly sigmaRate: number;
  readonly damping: number;
  readonly pathRate: number;
  readonly rankOneRate: number;
  readonly rankManyRate: number;
  /** E ||N(0, I)||. */
  readonly normalLength: number;
}

/** The default tolerance as a share of the width, for coordinates in small units. */
const SHARE_OF_WIDTH = 1e-8;

/**
 * The default parameters of CMA-ES with positive weights.
 * Source: Hansen 2016, "The CMA evolution strategy: a tutorial", table 1.
 *
 * @throws ArgumentError unless dimension is an integer >= 1 and samples an integer >= 2
 */
export function cmaEsParameters(
  dimension: number,
  samples: number = 4 + Math.floor(3 * Math.log(dimension)),
): CmaEsParameters {
  checkIntegerWithin(1, Number.POSITIVE_INFINITY, { dimension });
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { samples });
  const d = dimension;
  const raw = Float64Array.from({ length: Math.floor(samples / 2) }, (_, i) =>
    Math.log((samples + 1) / 2 / (i + 1)),
  );
  const sum = raw.reduce((total, w) => total + w, 0);
  const weights = raw.map((w) => w / sum);
  const parents = 1 / weights.reduce((total, w) => total + w * w, 0);
  const sigmaRate = (parents + 2) / (d + parents + 5);
  const rankOneRate = 2 / ((d + 1.3) ** 2 + parents);
  return {
    samples,
    weights,
    effectiveParents: parents,
    sigmaRate,
    damping: 1 + 2 * Math.max(0, Math.sqrt((parents - 1) / (d + 1)) - 1) + sigmaRate,
    pathRate: (4 + parents / d) / (d + 4 + (2 * parents) / d),
    rankOneRate,
    rankManyRate: Math.min(
      1 - rankOneRate,
      (2 * (0.25 + parents + 1 / parents - 2)) / ((d + 2) ** 2 + parents),
    ),
    normalLength: Math.sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d)),
  };
}

/**
 * CMA-ES, the evolution strategy with covariance matrix adaptation: samples of N(m, sigma^2 C) are ranked, the mean moves
 * to the weighted mean of the better half, C learns from the steps of these and from the path of the mean, sigma from the
 * length of that path. Only ranks count: an increasing function of the objective gives the same iterates.
 * Source: Hansen 2016, "The CMA evolution strategy: a tutorial".
 *
 * @param x0 the first mean: d numbers, or one number for all coordinates
 * @throws ArgumentError when an option is out of bounds or unknown
 * @throws ConvergenceError when all values of a generation are NaN or +Infinity
 * @throws DataError when a value is -Infinity
 * @throws the signal's reason when `signal` is aborted
 */
export function cmaEs(
  objective: BatchObjective,
  x0: Coordinates,
  options: CmaEsOptions,
): Method<CmaEsIterate> {
  checkGivenOptions("cmaEs", options, [
    "width",
    "samples",
    "tolerance",
    "bounds",
    "maxEvaluations",
    "seed",
    "resume",
    "signal",
  ]);
  const {
    width,
    tolerance = Math.min(1e-11, SHARE_OF_WIDTH * options.width),
    maxEvaluations = Number.POSITIVE_INFINITY,
    seed = 0,
  } = options;
  const { resume, signal } = options;
  const evaluate = evaluator(objective);
  const { dimension: d } = objective;
  checkPositive({ width });
  checkNonNegative({ tolerance });
  checkLimit({ maxEvaluations });
  const given = cmaEsParameters(d, options.samples);
  const { samples, weights, effectiveParents, sigmaRate, damping, pathRate, normalLength } = given;
  const { rankOneRate, rankManyRate } = given;
  const bounds = options.bounds && sidesOf("bounds", options.bounds, d);
  const start = coordinates("x0", x0, d);
  checkPoint(start, d, "x0");
  checkMethodOptions(options, { mean: d, covariance: d * d, axes: d * d, lengths: d, random: undefined });
  const stream = resume ? randomStreamFrom(resume.state.random) : randomStream(seed);
  /** Generations between two decompositions, so that these cost no more than sampling. */
  const patience = 1 / (10 * d * (rankOneRate + rankManyRate));

  function sampled(work: CmaEsState): Float64Array<ArrayBuffer> {
    const z = stream.fillNormalZiggurat(new Float64Array(samples * d));
    const points = new Float64Array(samples * d);
    for (let i = 0; i < samples; i++)
      for (let j = 0; j < d; j++) {
        let y = 0;
        for (let k = 0; k < d; k++) y += work.axes[j * d + k] * work.lengths[k] * z[i * d + k];
        points[i * d + j] = work.mean[j] + work.sigma * y;
      }
    if (bounds) projectOntoBox(points, bounds);
    return points;
  }

  function decompose(work: CmaEsState): void {
    const { vectors, values } = symmetricEigen({ rows: d, columns: d, values: work.covariance });
    work.axes.set(vectors.values);
    // eigenvalues below this share of the largest are rounding, and so are steps in units of their roots
    const least = Math.max(Number.EPSILON * values[0], 1e-300);
    for (let k = 0; k < d; k++) work.lengths[k] = Math.sqrt(Math.max(values[k], least));
  }

  /** C^(-1/2) y = B D^-1 B' y. */
  function whitened({ axes, lengths }: CmaEsState, y: Float64Array): Float64Array<ArrayBuffer> {
    const inner = new Float64Array(d);
    for (let k = 0; k < d; k++) {
      for (let j = 0; j < d; j++) inner[k] += axes[j * d + k] * y[j];
      inner[k] /= lengths[k];
    }
    return inner.map((_, j) => {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += axes[j * d + k] * inner[k];
      return sum;
    });
  }

  function learn(work: CmaEsState, points: Float64Array, values: Float64Array, generation: number): void {
    const ranked = Array.from(values.keys())
      .filter((i) => values[i] < Number.POSITIVE_INFINITY)
      .sort((i, j) => values[i] - values[j] || i - j);
    if (ranked.length < weights.length)
      throw new ConvergenceError(
        `${samples - ranked.length} of ${samples} samples have the value NaN or Infinity at generation ${generation}, such as the one at ${shownPoint(points, 0, d)}; at least ${weights.length} must be finite`,
      );
    const [best] = ranked;
    if (values[best] < work.bestValue) {
      work.bestValue = values[best];
      work.best.set(points.subarray(best * d, (best + 1) * d));
    }
    const { mean, covariance: C, path, sigmaPath, sigma } = work;
    const steps = Array.from(weights, (_, r) => {
      const at = ranked[r] * d;
      return mean.map((m, j) => (points[at + j] - m) / sigma);
    });
    const step = mean.map((_, j) => steps.reduce((sum, y, r) => sum + weights[r] * y[j], 0));
    for (let j = 0; j < d; j++) mean[j] += sigma * step[j];
    const white = whitened(work, step);
    const gain = Math.sqrt(sigmaRate * (2 - sigmaRate) * effectiveParents);
    let square = 0;
    for (let j = 0; j < d; j++) {
      sigmaPath[j] = (1 - sigmaRate) * sigmaPath[j] + gain * white[j];
      square += sigmaPath[j] * sigmaPath[j];
    }
    const length = Math.sqrt(square);
    // The path of C stalls while that of sigma is long, lest C grow in a changing environment.
    const settled = Math.sqrt(1 - (1 - sigmaRate) ** (2 * generation));
    const grows = length / settled < (1.4 + 2 / (d + 1)) * normalLength ? 1 : 0;
    const pathGain = grows * Math.sqrt(pathRate * (2 - pathRate) * effectiveParents);
    for (let j = 0; j < d; j++) path[j] = (1 - pathRate) * path[j] + pathGain * step[j];
    const lost = (1 - grows) * rankOneRate * pathRate * (2 - pathRate);
    const keep = 1 + lost - rankOneRate - rankManyRate;
    for (let j = 0; j < d; j++)
      for (let k = 0; k <= j; k++) {
        let many = 0;
        for (let r = 0; r < weights.length; r++) many += weights[r] * steps[r][j] * steps[r][k];
        C[j * d + k] = keep * C[j * d + k] + rankOneRate * path[j] * path[k] + rankManyRate * many;
        C[k * d + j] = C[j * d + k];
      }
    work.sigma = sigma * Math.exp((sigmaRate / damping) * (length / normalLength - 1));
    if (!(work.sigma < Number.POSITIVE_INFINITY))
      throw new ConvergenceError(
        `sigma left the range of floating-point numbers at generation ${generation}; the objective may be unbounded below`,
      );
    if (generation - work.decomposed > patience) {
      decompose(work);
      work.decomposed = generation;
    }
  }

  function largestDeviation(work: CmaEsState): number {
    let largest = 0;
    for (let j = 0; j < d; j++) largest = Math.max(largest, work.covariance[j * d + j]);
    return work.sigma * Math.sqrt(largest);
  }

  const identity = () => Float64Array.from({ length: d * d }, (_, k) => (k % (d + 1) === 0 ? 1 : 0));
  const stepper: InPlaceStepper<CmaEsState, CmaEsView, { bestPoint: Float64Array; mean: Float64Array }> = {
    start: () => ({
      mean: start.slice(),
      sigma: width,
      covariance: identity(),
      axes: identity(),
      lengths: new Float64Array(d).fill(1),
      path: new Float64Array(d),
      sigmaPath: new Float64Array(d),
      decomposed: 0,
      best: start.slice(),
      bestValue: Number.POSITIVE_INFINITY,
      evaluations: 0,
      random: stream.state,
    }),
    advance(work, iteration): MaybePromise<void> {
      const points = sampled(work);
      work.evaluations += samples;
      return whenReady(evaluate(points, iteration), (values) => learn(work, points, values, iteration + 1));
    },
    view(work) {
      const small = largestDeviation(work) <= tolerance;
      const spent = work.evaluations + samples > maxEvaluations;
      return {
        bestValue: work.bestValue,
        evaluations: work.evaluations,
        sigma: work.sigma,
        status: small ? "converged" : spent ? "evaluation-limit" : undefined,
        done: small || spent,
        converged: small,
      };
    },
    lazy: { bestPoint: (work) => work.best.slice(), mean: (work) => work.mean.slice() },
    copy: (work) => ({
      ...work,
      mean: work.mean.slice(),
      covariance: work.covariance.slice(),
      axes: work.axes.slice(),
      lengths: work.lengths.slice(),
      path: work.path.slice(),
      sigmaPath: work.sigmaPath.slice(),
      best: work.best.slice(),
      random: stream.state,
    }),
  };
  return iteratesInPlace(stepper, { resume, signal });
}
