import { checkAtLeast, checkLimit } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { norm2 } from "../../linalg/vector.ts";
import { armijo, checkArmijo } from "../../optimize/line-search/armijo.ts";
import type { TargetSurrogate } from "../surrogate.ts";
import type { InnerResult, InnerSolver } from "./contract.ts";
import { quadraticDescent } from "./descent.ts";
import { quadraticParts } from "./linear-system.ts";

export interface InnerArmijoOptions {
  /** The first step size of every inner solve. */
  readonly initialStep?: number;
  /** c in Armijo's condition. */
  readonly sufficientDecrease?: number;
  readonly shrink?: number;
  /** Each search starts from the last accepted step times this factor; defaults to 2^(1/batchesPerEpoch). */
  readonly growth?: number;
  /**
   * The inner solve ends at |grad S| <= this, 1e-6 by default: absolute, in the units of the loss over those of theta. Give
   * a smaller one for targets in small units.
   */
  readonly gradientTolerance?: number;
  /** A search stops below this step size. */
  readonly minimalStep?: number;
}

const TRIALS = 100;
/** Relative tolerance in comparisons of values, to allow for rounding. */
const VALUE_TOLERANCE = 1e-12;

type Search = Required<Omit<InnerArmijoOptions, "growth">> & {
  readonly growth: number;
  readonly steps: number;
};

async function generalArmijo(
  { objective, theta: start }: TargetSurrogate,
  { steps, initialStep, growth, gradientTolerance, ...search }: Search,
): Promise<InnerResult> {
  let theta = start;
  let stepSize = initialStep;
  let gradientNorm = Number.NaN;
  for (let step = 0; step < steps; step++) {
    const { value, gradient } = await objective.valueAndGradient(theta);
    const length = norm2(gradient);
    if (step === 0) gradientNorm = length;
    const end = (status: InnerResult["status"]) => ({ theta, status, steps: step, stepSize, gradientNorm });
    if (!Number.isFinite(length) || !Number.isFinite(value)) return end("not-finite");
    if (length <= gradientTolerance) return end("converged");
    const found = await armijo(
      objective,
      { x: theta, value, gradient, direction: gradient.map((g) => -g) },
      { ...search, initialStep: growth * stepSize, maxTrials: TRIALS, valueTolerance: VALUE_TOLERANCE },
    );
    if (found.status !== "accepted") return end("stalled");
    stepSize = found.stepSize;
    theta = found.x;
  }
  return { theta, status: "completed", steps, stepSize, gradientNorm };
}

/** Backtracking on a parabola, on which Armijo accepts steps up to 2 (1 - c) q / k. */
function quadraticSearch({ initialStep, growth, shrink, sufficientDecrease, minimalStep }: Search) {
  let stepSize = initialStep;
  return ({ squaredNorm, curvature }: { squaredNorm: number; curvature: number }): number | undefined => {
    const largest = ((2 * (1 - sufficientDecrease) * squaredNorm) / curvature) * (1 + VALUE_TOLERANCE);
    let trial = growth * stepSize;
    for (let k = 0; k < TRIALS && trial >= minimalStep; k++) {
      if (trial <= largest || curvature === 0) {
        stepSize = trial;
        return trial;
      }
      trial *= shrink;
    }
    return undefined;
  };
}

/**
 * Inner gradient descent with Armijo backtracking on the surrogate, the paper's default: c = 0.1, shrink factor 0.9,
 * and an initial step of 10 in every outer step. On a linear model the accepted step is computed without trials.
 *
 * @throws ArgumentError naming the option that is out of range
 */
export function innerArmijo(options: InnerArmijoOptions = {}): InnerSolver {
  checkOptions("innerArmijo", options, [
    "initialStep",
    "sufficientDecrease",
    "shrink",
    "growth",
    "gradientTolerance",
    "minimalStep",
  ]);
  const {
    initialStep = 10,
    sufficientDecrease = 0.1,
    shrink = 0.9,
    growth,
    gradientTolerance = 1e-6,
    minimalStep = 1e-6,
  } = options;
  checkArmijo({ initialStep, sufficientDecrease, shrink, minimalStep });
  if (growth !== undefined) checkAtLeast(1, { growth });
  checkLimit({ gradientTolerance });
  return async (surrogate, { steps, batchesPerEpoch }) => {
    const search: Search = {
      steps,
      initialStep,
      sufficientDecrease,
      shrink,
      growth: growth ?? 2 ** (1 / batchesPerEpoch),
      gradientTolerance,
      minimalStep,
    };
    const parts = quadraticParts(surrogate);
    if (parts === undefined) return generalArmijo(surrogate, search);
    const chooseStep = quadraticSearch(search);
    return quadraticDescent(surrogate, parts, { steps, gradientTolerance, chooseStep, usesCurvature: true });
  };
}
