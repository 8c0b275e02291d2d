import { ConvergenceError } from "../../check/errors.ts";
import { checkAtLeast, checkPositive, checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import { solve } from "../../iterate/iterate.ts";
import type { LinearOperator } from "../../linalg/operator/contract.ts";
import { lanczosQuadrature } from "../spectrum/lanczos-quadrature.ts";
import { spectralMean } from "../spectrum/spectral-density.ts";
import { type HeavyBallRateMode, type HeavyBallRates, heavyBallRates } from "./heavy-ball-rates.ts";

/** The state of the schedule, plain data. */
export interface CurvatureRates extends HeavyBallRates {
  /** Smoothed largest eigenvalue of batch Hessians. */
  readonly lambdaMax: number;
  /** Smoothed mean |eigenvalue| of batch Hessians. */
  readonly bulk: number;
}

export interface CurvatureScheduleOptions {
  readonly mode?: HeavyBallRateMode;
  /** Batches that an update measures and averages; 3 is enough for batches of 256 rows or more. */
  readonly draws?: number;
  /** Lanczos steps per batch. */
  readonly steps?: number;
  /** Weight of the new measurement in the exponential moving averages, in (0, 1]. */
  readonly smoothing?: number;
  /** Factor of the learning rate; defaults to 1/2 for `polyak` and 1 for `noise-limited`. */
  readonly safety?: number;
  /** The largest factor by which an update raises the rate, >= 1; decreases apply at once. */
  readonly growth?: number;
  /** Seeds the Lanczos start vectors. */
  readonly seed?: number;
  /** Rates to continue from, and the updates made so far. */
  readonly resume?: { readonly updates: number; readonly rates: CurvatureRates };
}

/** The result of an update. */
export interface CurvatureUpdate {
  readonly rates: CurvatureRates;
  /** Why the previous rates were kept; undefined if the rates are new. */
  readonly kept: string | undefined;
}

/** Learning rate and momentum that follow the curvature of the loss. */
export interface CurvatureSchedule {
  /**
   * Measures the curvature and updates the rates.
   *
   * @param batchHessian the Hessian of the loss on the given draw of this update: an independent batch of the training
   *   batch size
   * @throws ConvergenceError when the first update finds no positive curvature, so there are no rates to keep
   */
  update(
    batchHessian: (draw: number) => LinearOperator | Promise<LinearOperator>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<CurvatureUpdate>;
  /** The rates of the last update; undefined before the first. */
  readonly rates: CurvatureRates | undefined;
  /** Updates so far. */
  readonly updates: number;
  /** Hessian-vector products so far; each costs about two gradients. */
  readonly products: number;
}

/**
 * Sets the learning rate and momentum of SGD during training from the spectrum of the Hessian on single batches: at
 * each update a few Lanczos steps on every draw give
 *
 *     theta_max   the largest Ritz value
 *     bulk        sum_j gamma_j |theta_j|, the mean |eigenvalue| by stochastic Lanczos quadrature
 *
 * averaged over the draws, smoothed over the updates, and turned into rates by `heavyBallRates`. After a measurement
 * that is not positive and finite the rates are kept, and `kept` says why. Train with `curvatureMomentum`, whose
 * velocity is in units of the parameters, so that a new rate does not rescale old gradients.
 *
 *     using H = await lossHessianOperator({ loss, parameters, data });
 *     const schedule = curvatureSchedule();
 *     const { rates } = await schedule.update(() => H.at({ parameters: now, data: takeRows(data, drawBatch(..)) }));
 *
 * Source: the idea is that of Granziol, Zohren & Roberts 2022; the exact rule is this library's.
 *
 * @throws ArgumentError when draws or steps is not an integer >= 1, smoothing is not in (0, 1], growth is not >= 1 or
 *   safety is not > 0
 */
export function curvatureSchedule(options: CurvatureScheduleOptions = {}): CurvatureSchedule {
  checkOptions("curvatureSchedule", options, [
    "mode",
    "draws",
    "steps",
    "smoothing",
    "safety",
    "growth",
    "seed",
    "resume",
  ]);
  const { mode = "noise-limited", draws = 1, steps = 10, smoothing = 0.5 } = options;
  const { safety, growth = 1.5, seed = 0, resume } = options;
  checkOneOf(["polyak", "noise-limited"], { mode });
  checkPositiveInteger({ draws, steps });
  checkWithin("(0, 1]", { smoothing });
  checkAtLeast(1, { growth });
  if (safety !== undefined) checkPositive({ safety });
  let rates = resume?.rates;
  let updates = resume?.updates ?? 0;
  let products = 0;

  async function measure(
    batchHessian: (draw: number) => LinearOperator | Promise<LinearOperator>,
    signal: AbortSignal | undefined,
  ): Promise<{ lambdaMax: number; bulk: number }> {
    let [lambdaMax, bulk] = [0, 0];
    for (let draw = 0; draw < draws; draw++) {
      const H = await batchHessian(draw);
      const method = lanczosQuadrature(H, { probes: 1, steps, seed: seed + updates * draws + draw, signal });
      const { rules, products: taken } = (await solve(method)).iterate;
      const { nodes } = rules[0];
      products += taken;
      lambdaMax += nodes[0] / draws;
      bulk += spectralMean(rules, Math.abs).value / draws;
    }
    return { lambdaMax, bulk };
  }

  function keep(reason: string, cause?: unknown): CurvatureUpdate {
    if (rates) return { rates, kept: reason };
    throw new ConvergenceError(`the first update of the learning rates failed: ${reason}`, { cause });
  }

  return {
    async update(batchHessian, { signal } = {}) {
      let measured: { lambdaMax: number; bulk: number };
      try {
        measured = await measure(batchHessian, signal);
      } catch (error) {
        if (!(error instanceof ConvergenceError)) throw error;
        return keep(error.message, error);
      } finally {
        updates += 1;
      }
      const blend = (before: number | undefined, now: number) =>
        before === undefined ? now : (1 - smoothing) * before + smoothing * now;
      const lambdaMax = blend(rates?.lambdaMax, measured.lambdaMax);
      const bulk = blend(rates?.bulk, measured.bulk);
      if (!(lambdaMax > 0 && lambdaMax < Number.POSITIVE_INFINITY))
        return keep(`the smoothed largest eigenvalue is ${lambdaMax}, wanted a finite number > 0`);
      const wanted = heavyBallRates({ lambdaMax, bulk, mode, ...(safety === undefined ? {} : { safety }) });
      const learningRate = rates
        ? Math.min(wanted.learningRate, growth * rates.learningRate)
        : wanted.learningRate;
      rates = { lambdaMax, bulk, learningRate, momentum: wanted.momentum };
      return { rates, kept: undefined };
    },
    get rates() {
      return rates;
    },
    get updates() {
      return updates;
    },
    get products() {
      return products;
    },
  };
}
