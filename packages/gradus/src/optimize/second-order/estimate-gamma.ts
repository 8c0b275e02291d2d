import { areFinite } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegativeInteger } from "../../check/numbers.ts";
import { checkBoolean, checkOptions } from "../../check/options.ts";
import { hessianOperator } from "../../objectives/hessian-model.ts";
import { checkPoint, type Objective } from "../../objectives/objective.ts";
import { randomStream } from "../../random/stream.ts";
import { type InnerProduct, metricFor } from "../descent/metric.ts";
import { type HessianChoice, hessianSource } from "./hessian-source.ts";

export interface EstimateGammaOptions {
  readonly hessian?: HessianChoice;
  readonly metric?: InnerProduct;
  /** Random directions; the steepest descent and its opposite come on top. */
  readonly samples?: number;
  readonly seed?: number;
  /** Only steps with g^T h + h^T H h <= 0 count, as in the theory of quasi-self-concordant functions. */
  readonly descent?: boolean;
}

/** Radii at which a ball is tested, as shares of its radius. */
const SHARES = [1 / 8, 1 / 4, 1 / 2, 3 / 4, 1] as const;
const SMALLEST = 1e-12;
const LARGEST = 1e12;
const BISECTIONS = 30;

/**
 * The gradient-normalized smoothness of f at x, by samples: the largest gamma such that
 *
 *     ||g(x + h) - g(x) - H h||_* <= (||g(x)||_* / gamma) ||h||   for all ||h|| <= gamma,
 *
 * the radius of the ball in which the linearized gradient is right to ||g(x)||_*. Tested on sampled directions and
 * radii, so that the estimate is never below the true value. A point outside the objective's domain fails the test.
 * Source: Semenov, Jaggi & Doikov 2025, arXiv 2506.13710.
 *
 * @returns gamma > 0; Infinity where it exceeds 1e12 (a quadratic with its exact Hessian), 0 where g = 0
 * @throws ArgumentError when an argument does not fit
 */
export async function estimateGamma(
  objective: Objective,
  x: Float64Array,
  options: EstimateGammaOptions = {},
): Promise<number> {
  checkOptions("estimateGamma", options, ["hessian", "metric", "samples", "seed", "descent"]);
  const { hessian = "exact", metric: given, samples = 32, seed = 0, descent = false } = options;
  const n = objective.dimension;
  checkPoint(x, n);
  checkNonNegativeInteger({ samples });
  checkBoolean({ descent });
  const metric = metricFor(given, n);
  const gradient = await objective.gradient(x);
  const size = metric.dualNorm(gradient);
  if (!Number.isFinite(size)) throw new ArgumentError(`the gradient at x must be finite, got norm ${size}`);
  if (size === 0) return 0;
  const operator = hessianOperator(await hessianSource(objective, hessian)(x), n);

  const stream = randomStream(seed).split("gamma");
  const steepest = metric.solve(gradient);
  const directions = [steepest.map((dj) => -dj), steepest];
  for (let k = 0; k < samples; k++) directions.push(stream.fillNormal(new Float64Array(n)));
  const probes: { readonly unit: Float64Array; readonly product: Float64Array }[] = [];
  for (const direction of directions) {
    const length = metric.norm(direction);
    const unit = direction.map((dj) => dj / length);
    const product = new Float64Array(n);
    await operator.apply(unit, product);
    probes.push({ unit, product });
  }

  /** Whether a ball of radius gamma passes along one direction. */
  async function passes({ unit, product }: (typeof probes)[number], gamma: number): Promise<boolean> {
    let slope = 0;
    let curvature = 0;
    for (let j = 0; j < n; j++) {
      slope += gradient[j] * unit[j];
      curvature += unit[j] * product[j];
    }
    for (const share of SHARES) {
      const r = share * gamma;
      if (descent && slope + r * curvature > 0) continue;
      const moved = await objective.gradient(x.map((xj, j) => xj + r * unit[j]));
      if (!areFinite(moved)) return false;
      const error = moved.map((mj, j) => mj - gradient[j] - r * product[j]);
      if (!(metric.dualNorm(error) <= (size / gamma) * r)) return false;
    }
    return true;
  }

  async function allPass(gamma: number): Promise<boolean> {
    for (const probe of probes) if (!(await passes(probe, gamma))) return false;
    return true;
  }

  let low = 1;
  if (await allPass(low)) {
    while (await allPass(2 * low)) {
      low *= 2;
      if (low > LARGEST) return Number.POSITIVE_INFINITY;
    }
  } else {
    do {
      low /= 2;
      if (low < SMALLEST) return low;
    } while (!(await allPass(low)));
  }
  let high = 2 * low;
  for (let k = 0; k < BISECTIONS; k++) {
    const middle = Math.sqrt(low * high);
    if (await allPass(middle)) low = middle;
    else high = middle;
  }
  return low;
}
