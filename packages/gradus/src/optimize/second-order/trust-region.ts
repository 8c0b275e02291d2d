import { ArgumentError } from "../../check/errors.ts";
import { checkAtLeast, checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import { checkObjective, type Objective } from "../../objectives/objective.ts";
import {
  type DescentIterate,
  type DescentState,
  descentIterates,
  descentOptions,
  evaluate,
  roundingOf,
} from "../descent/descent.ts";
import { HIDDEN_DECREASE } from "../minimize-messages.ts";
import { countedHessian, type TruncatedNewtonOptions, truncatedSolve } from "./truncated-solve.ts";

/** What the method remembers. */
export interface TrustRegionMemory {
  readonly radius: number;
}

/** What a step shows. */
export interface TrustRegionFigures {
  /** The radius in which the step was found. */
  readonly radius: number;
  /** The decrease over the decrease that the model promised. */
  readonly ratio: number;
}

/** An iterate of the trust-region method. */
export type TrustRegionIterate = DescentIterate<TrustRegionFigures, TrustRegionMemory>;

export interface TrustRegionOptions
  extends TruncatedNewtonOptions,
    MethodOptions<DescentState<TrustRegionMemory, TrustRegionFigures>> {
  /** The radius tried first. */
  readonly radius?: number;
  /** A good step that reaches this radius means that the objective falls without bound. */
  readonly maximalRadius?: number;
  /** The least ratio of a step that is taken, in [0, 1/4). */
  readonly acceptance?: number;
}

/** Ratios below which the radius shrinks and above which it grows (Nocedal and Wright, 2006, Algorithm 4.1). */
const POOR = 0.25;
const GOOD = 0.75;
/** A radius this small beside ||x|| moves nothing. */
const SMALLEST = 4 * Number.EPSILON;

/**
 * The trust-region Newton method: the step d minimizes the model  g^T d + d^T H d / 2  over  ||d|| <= radius  by the
 * conjugate gradients of Steihaug and Toint, which go to the boundary where they leave the region or meet negative
 * curvature. A step is taken when f falls by a share of what the model promises; the radius is quartered after a poor
 * step and doubled after a good one that reaches the boundary. Needs no line search, and H may be indefinite.
 * Source: Steihaug 1983; Toint 1981; Nocedal and Wright 2006, Algorithms 4.1 and 7.2.
 *
 * @throws ArgumentError when an argument does not fit, the objective has no such Hessian or is not finite at x0
 * @throws ConvergenceError when a Hessian-vector product is not finite
 */
export function trustRegion(
  objective: Objective,
  x0: Float64Array,
  options: TrustRegionOptions = {},
): Method<TrustRegionIterate> {
  checkOptions("trustRegion", options, [
    "hessian",
    "maxProducts",
    "radius",
    "maximalRadius",
    "acceptance",
    ...descentOptions,
  ]);
  checkObjective(objective);
  const { hessian, radius = 1, maximalRadius = 1e10, acceptance = 0.15, resume, signal } = options;
  const { maxProducts = Math.max(100, 10 * objective.dimension) } = options;
  checkPositive({ radius, maximalRadius });
  if (radius > maximalRadius)
    throw new ArgumentError(`radius must be at most maximalRadius = ${maximalRadius}, got ${radius}`);
  checkWithin("[0, 0.25)", { acceptance });
  checkAtLeast(1, { maxProducts });
  const operatorAt = countedHessian(objective, hessian);

  return descentIterates<TrustRegionMemory, TrustRegionFigures>(
    objective,
    x0,
    { resume, signal },
    {
      measure: norm2,
      init: () => ({ radius }),
      async step({ x, value, gradient, memory }, counts) {
        const H = await operatorAt(x, counts);
        const Hd = new Float64Array(x.length);
        const least = SMALLEST * Math.max(norm2(x), Number.MIN_VALUE / SMALLEST);
        let region = memory.radius;
        let ratio = Number.NaN;
        let trials = 0;
        let hidden = false;
        while (region > least) {
          trials += 1;
          const solved = await truncatedSolve(H, gradient, maxProducts, { radius: region });
          const { d } = solved;
          await H.apply(d, Hd);
          // decreases within rounding count as promised (Conn, Gould & Toint 2000, section 17.4.2) while the gradient falls
          const rounding = roundingOf(value);
          const promised = -(dot(gradient, d) + dot(d, Hd) / 2);
          hidden = promised <= rounding;
          const trial = x.map((xj, j) => xj + d[j]);
          const landed = await evaluate(objective, trial, counts);
          const worse = hidden && landed !== undefined && !(norm2(landed.gradient) < norm2(gradient));
          ratio =
            landed && !worse
              ? (value - landed.value + rounding) / (promised + rounding)
              : Number.NEGATIVE_INFINITY;
          const tried = region;
          const atBoundary = solved.outcome === "boundary" || solved.outcome === "nonpositive-curvature";
          if (!(ratio >= POOR)) region = Math.min(norm2(d), region) / 4;
          else if (ratio > GOOD && atBoundary) region = Math.min(2 * region, maximalRadius);
          if (landed && ratio > acceptance)
            return {
              x: trial,
              ...landed,
              memory: { radius: region },
              figures: { trials, radius: tried, ratio },
              unbounded: atBoundary && ratio > GOOD && tried >= maximalRadius,
            };
        }
        const figures = { trials, radius: region, ratio };
        return {
          status: hidden ? "precision-limit" : "no-acceptable-step",
          reason: `no step down to the radius ${region} decreases the value as the model promises: ${HIDDEN_DECREASE}`,
          memory: { radius: region },
          figures,
        };
      },
    },
  );
}
