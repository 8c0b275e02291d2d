import { ArgumentError } from "../../check/errors.ts";
import type { Iterate, Method } from "../../iterate/iterate.ts";
import { type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import { type MaybePromise, whenReady } from "../../objectives/objective.ts";
import { randomStream, randomStreamFrom } from "../../random/stream.ts";
import type { OptimizationStatus } from "../status.ts";
import { type BatchObjective, evaluator, gradientSource } from "./batch-objective.ts";
import { agreement } from "./consensus-agreement.ts";
import { consensusBatches } from "./consensus-batches.ts";
import { consensusMovement } from "./consensus-movement.ts";
import { type ConsensusOptions, checkBatchSize, consensusSettings } from "./consensus-options.ts";
import {
  type ConsensusState,
  collapsed,
  copyConsensusState,
  emptyState,
  running,
} from "./consensus-state.ts";
import { meanSquareFactor } from "./consensus-step.ts";
import { particlePlan, projectOntoBox, sidesOf } from "./particles.ts";

/** What an iterate of consensus-based optimization shows at once. */
export interface ConsensusView {
  /** The least value found, over all runs. */
  readonly bestValue: number;
  /** Points of which values were asked for, all runs together. */
  readonly evaluations: number;
  /** Gradients taken from the objective, for gradient drift. */
  readonly gradients: number;
  /** Values so far that were NaN or +Infinity and had no weight. */
  readonly dropped: number;
  /** `meanSquareFactor` of the next step: at 1 and above particles do not contract in mean square. */
  readonly meanSquareFactor: number;
  /** Why the method ends here; undefined while it goes on. */
  readonly status: Extract<OptimizationStatus, "converged" | "collapsed" | "evaluation-limit"> | undefined;
  readonly done: boolean;
  /** Whether every run met the tolerance. */
  readonly converged: boolean;
}

/** What is copied when it is read; M runs of N particles in R^d. */
export interface ConsensusArrays {
  /** M x d: each run's consensus point of the positions. */
  readonly consensus: Float64Array;
  /** d: the best point found, over all runs. */
  readonly bestPoint: Float64Array;
  /** M x d and M: each run's best point, and its value. */
  readonly bestPoints: Float64Array;
  readonly bestValues: Float64Array;
  /** M x N x d and M x N. */
  readonly particles: Float64Array;
  readonly values: Float64Array;
  /** M: max_i ||X^i - c||_inf. */
  readonly spreads: Float64Array;
  /** M: (sum w)^2 / sum w^2; below 2 a run is a random search around its best particle. */
  readonly effectiveSampleSizes: Float64Array;
  /** M: alpha. */
  readonly inverseTemperatures: Float64Array;
}

/** An iterate of consensus-based optimization. */
export type ConsensusIterate = Iterate<ConsensusState> & ConsensusView & ConsensusArrays;

/**
 * Consensus-based optimization: N particles in R^d drift toward their consensus point c, the mean weighted by
 * exp(-alpha E), and scatter by their distance from it
 *
 *     X^i <- X^i - lambda dt (X^i - c) + sigma sqrt(dt) D(X^i - c) Z^i,   Z^i ~ N(0, I),
 *
 * D the norm (isotropic) or the diagonal matrix of the coordinates (anisotropic), c of the positions before the step; with
 * memory, gradient drift, truncated noise, random batches and kicks where asked for. Only values of E are used. One step
 * asks for N values in each run (the batch's with `particleBatch`), in one call; runs have streams of their own, so that a
 * run does not depend on how many there are.
 *
 * With lambda dt = 1 and noise sigma ||X - c|| replaced by a constant width it is `consensusHopping`.
 *
 * Sources: Pinnau, Totzeck, Tse & Martin 2017 (the method); Carrillo, Jin, Li & Zhu 2021 (anisotropic noise, batches);
 * Riedl 2024 (memory, gradient drift); Fornasier, Richtarik, Riedl & Sun 2024 (truncated noise).
 *
 * @throws ArgumentError when an option is out of bounds or unknown, or a rule gives a number that is
 * @throws DataError when the objective gives -Infinity
 * @throws ConvergenceError when all values of a run are NaN or +Infinity, or a particle leaves float64's range
 * @throws the signal's reason when `signal` is aborted
 */
export function consensusBasedOptimization(
  objective: BatchObjective,
  options: ConsensusOptions,
): Method<ConsensusIterate> {
  const settings = consensusSettings(options);
  const { timeStep, drift, noiseKind, gradientDrift, memory, particleBatch, runs } = settings;
  const evaluate = evaluator(objective);
  const { dimension: d } = objective;
  const slopes = gradientSource(objective, evaluate, settings.differenceStep);
  const plan = particlePlan(settings.particles, d, runs);
  const { count } = plan;
  checkBatchSize(particleBatch, count);
  checkMethodOptions(options, { particles: undefined, values: undefined, randoms: runs });
  if (options.resume && options.resume.state.particles.length !== runs * count * d)
    throw new ArgumentError(
      `resume must be a state of ${runs} x ${count} x ${d} coordinates, got ${options.resume.state.particles.length}`,
    );
  const bounds = settings.bounds && sidesOf("bounds", settings.bounds, d);
  const streams = options.resume
    ? options.resume.state.randoms.map(randomStreamFrom)
    : Array.from({ length: runs }, (_, m) => randomStream(settings.seed).split(m));
  const batches = consensusBatches(particleBatch, { runs, count, dimension: d }, streams);
  const movement = consensusMovement(settings, { count, dimension: d, bounds }, batches, streams);
  const agree = agreement(settings, { dimension: d, count, batchSize: batches.size }, movement.spread);

  const activeRuns = (work: ConsensusState): number[] => {
    const active: number[] = [];
    for (let m = 0; m < runs; m++) if (work.endings[m] === running) active.push(m);
    return active;
  };

  function gather(work: ConsensusState, step: number): MaybePromise<void> {
    batches.advance(work);
    const active = activeRuns(work);
    const points = batches.points(work, active);
    work.evaluations += points.length / d;
    return whenReady(evaluate(points, step), (values) => {
      const size = work.batchEnd - work.batchStart;
      active.forEach((m, k) => {
        agree(work, { run: m, batch: batches.of(work, m), step }, values, k * size);
      });
    });
  }

  /** Gradients at all moving particles of the runs that go on. */
  function slopesOf(
    work: ConsensusState,
    active: readonly number[],
    step: number,
  ): MaybePromise<Float64Array | undefined> {
    if (gradientDrift === 0) return undefined;
    const parts = active.flatMap((m) =>
      Array.from(batches.moving(work, m), (i) =>
        work.particles.subarray((m * count + i) * d, (m * count + i + 1) * d),
      ),
    );
    const points = new Float64Array(parts.length * d);
    parts.forEach((part, k) => {
      points.set(part, k * d);
    });
    work.evaluations += slopes.evaluationsPerPoint * parts.length;
    if (slopes.evaluationsPerPoint === 0) work.gradients += parts.length;
    return slopes.at(points, step);
  }

  /** Evaluations of the next step. */
  function nextEvaluations(work: ConsensusState, active: number): number {
    const forSlopes = gradientDrift > 0 ? slopes.evaluationsPerPoint * batches.moving(work, 0).length : 0;
    return active * (batches.nextSize(work) + forSlopes);
  }

  function statusOf(work: ConsensusState): ConsensusView["status"] {
    const active = activeRuns(work).length;
    if (active === 0) return work.endings.includes(collapsed) ? "collapsed" : "converged";
    return work.evaluations + nextEvaluations(work, active) > settings.maxEvaluations
      ? "evaluation-limit"
      : undefined;
  }

  const bestRun = (work: ConsensusState): number => work.bestValues.indexOf(leastOf(work.bestValues));

  const stepper: InPlaceStepper<ConsensusState, ConsensusView, ConsensusArrays> = {
    async start() {
      const work = emptyState(runs, count, d, memory !== undefined);
      for (let m = 0; m < runs; m++) {
        const mine = work.particles.subarray(m * count * d, (m + 1) * count * d);
        plan.draw(streams[m], m, mine);
        if (bounds) projectOntoBox(mine, bounds);
      }
      await gather(work, 0);
      return work;
    },
    advance(work, iteration) {
      const active = activeRuns(work);
      return whenReady(slopesOf(work, active, iteration), (gradients) => {
        movement.move(work, active, iteration, gradients);
        return gather(work, iteration + 1);
      });
    },
    view(work, iteration) {
      const status = statusOf(work);
      return {
        bestValue: leastOf(work.bestValues),
        evaluations: work.evaluations,
        gradients: work.gradients,
        dropped: work.dropped,
        meanSquareFactor: meanSquareFactor({
          timeStep,
          drift,
          noise: movement.noiseAt(iteration),
          noiseKind,
          dimension: d,
        }),
        status,
        done: status !== undefined,
        converged: status === "converged",
      };
    },
    lazy: {
      consensus: (work) => work.consensus.slice(),
      bestPoint: (work) => work.bestPoints.slice(bestRun(work) * d, (bestRun(work) + 1) * d),
      bestPoints: (work) => work.bestPoints.slice(),
      bestValues: (work) => work.bestValues.slice(),
      particles: (work) => work.particles.slice(),
      values: (work) => work.values.slice(),
      spreads: (work) => work.spreads.slice(),
      effectiveSampleSizes: (work) => work.effectiveSampleSizes.slice(),
      inverseTemperatures: (work) => work.inverseTemperatures.slice(),
    },
    copy: (work) =>
      copyConsensusState(
        work,
        streams.map((stream) => stream.state),
      ),
  };
  return iteratesInPlace(stepper, { resume: options.resume, signal: options.signal });
}

function leastOf(values: Float64Array): number {
  let least = values[0];
  for (let m = 1; m < values.length; m++) if (values[m] < least) least = values[m];
  return least;
}
