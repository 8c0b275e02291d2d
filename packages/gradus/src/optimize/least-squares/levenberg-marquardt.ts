import { areFinite, checkLength } from "../../check/arrays.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { denseMultiply, denseMultiplyTransposed } from "../../linalg/dense.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import type { Residual } from "../../objectives/residual.ts";
import {
  type DescentIterate,
  type DescentState,
  descentIterates,
  descentOptions,
  roundingOf,
} from "../descent/descent.ts";
import { HIDDEN_DECREASE } from "../minimize-messages.ts";
import { dampedSteps } from "./damped-steps.ts";
import { columnLengths, type Linearization, residualObjective } from "./residual-objective.ts";

/** What the method remembers. */
export interface LevenbergMarquardtMemory extends Linearization {
  /** How long the next step may be: ||D d|| is at most about this. */
  readonly radius: number;
  /** Where the search for the next step's damping begins. */
  readonly damping: number;
  /** D: what the option fixes, or the largest length so far of each column of J. */
  readonly scale: Float64Array;
}

/** What a step shows. */
export interface LevenbergMarquardtFigures {
  /** The radius of the step, ||D d||. */
  readonly radius: number;
  /** The damping of the step, beside columns of J over D: 0 for a step of Gauss-Newton. */
  readonly damping: number;
  /** The decrease over the decrease that the linear model promised. */
  readonly ratio: number;
}

/** An iterate of the Levenberg-Marquardt method. */
export type LevenbergMarquardtIterate = DescentIterate<LevenbergMarquardtFigures, LevenbergMarquardtMemory>;

export interface LevenbergMarquardtOptions
  extends MethodOptions<DescentState<LevenbergMarquardtMemory, LevenbergMarquardtFigures>> {
  /** How long the first step may be, ||D d||; 100 ||D x0|| by default, or 100 ||u(0)|| from x0 = 0. */
  readonly radius?: number;
  /**
   * D, fixed, one positive number for each variable: ones for variables in one unit. By default D follows the columns of J,
   * so that units do not matter; where these are long at the start alone, steps then stay short for hundreds of iterations.
   */
  readonly scale?: Float64Array;
}

/** The default radius over ||D x0||. */
const GENEROUS = 100;
/** A step is taken when the decrease is more than this share of the promise. */
const ACCEPTANCE = 1e-4;
/** Shares of the promise up to which the radius shrinks, and from which it grows. */
const POOR = 0.25;
const GOOD = 0.75;

/** D with every entry at least what it was; columns of zeros weigh 1. */
function grownScale(before: Float64Array | undefined, lengths: Float64Array): Float64Array<ArrayBuffer> {
  return lengths.map((length, j) => Math.max(before?.[j] ?? 0, length) || 1);
}

function checkScale(scale: Float64Array, dimension: number): void {
  checkLength("scale", scale, dimension);
  for (let j = 0; j < dimension; j++) checkPositive({ [`scale[${j}]`]: scale[j] });
}

/** The factor of the radius after a poor step: where the parabola through both values with the slope at x is least. */
function shrinkage(slope: number, value: number, trialValue: number): number {
  if (trialValue <= value) return 0.5;
  const least = slope / (2 * (slope + value - trialValue));
  return least >= 0.1 && trialValue < 100 * value ? Math.min(least, 0.5) : 0.1;
}

/**
 * The Levenberg-Marquardt method for  min ||u(x)||^2 / 2:  each step minimizes  ||J d + u||  over  ||D d|| <= radius,  D by
 * default the largest lengths so far of the columns of J, so that the units of x do not matter. A step is taken when the
 * decrease is more than 1e-4 of what the linear model promises; the radius becomes twice the step after a good one (0.75)
 * and shrinks to a tenth up to a half after a poor one (0.25). O(count n^2) per step and O(n^3) per trial. `gradientNorm`
 * is the largest |J_j^T u| / ||J_j|| over the columns of J, in the units of u: MINPACK's gtol limits it over ||u||.
 * Source: Levenberg 1944; Marquardt 1963; More 1978, "The Levenberg-Marquardt algorithm: implementation and theory", as in
 * MINPACK's lmder.
 *
 * @throws ArgumentError when an argument does not fit or the residual is not finite at x0
 */
export function levenbergMarquardt(
  residual: Residual,
  x0: Float64Array,
  options: LevenbergMarquardtOptions = {},
): Method<LevenbergMarquardtIterate> {
  checkOptions("levenbergMarquardt", options, ["radius", "scale", ...descentOptions]);
  const { radius: firstRadius, resume, signal } = options;
  if (firstRadius !== undefined) checkPositive({ radius: firstRadius });
  const objective = residualObjective(residual);
  const { count: m, dimension: n } = residual;
  if (options.scale !== undefined) checkScale(options.scale, n);
  const fixed = options.scale?.slice();
  const scaled = (before: Float64Array | undefined, J: Float64Array) =>
    fixed?.slice() ?? grownScale(before, columnLengths(J, n));
  return descentIterates<LevenbergMarquardtMemory, LevenbergMarquardtFigures>(
    objective,
    x0,
    { resume, signal },
    {
      measure: objective.measure,
      async init({ x }) {
        const { u, J } = await objective.linearize(x);
        const scale = scaled(undefined, J);
        const size = norm2(x.map((xj, j) => scale[j] * xj)) || norm2(u);
        return { u, J, radius: firstRadius ?? GENEROUS * size, damping: 0, scale };
      },
      async step({ x, value, gradient, gradientNorm, memory }, counts) {
        const stepWithin = dampedSteps(memory, memory.scale);
        let { radius, damping } = memory;
        let ratio = Number.NaN;
        let trials = 0;
        let hidden = false;
        for (;;) {
          trials += 1;
          counts.solves += 1;
          const step = stepWithin(radius, damping);
          const { d, length } = step;
          const tried = { trials, radius, damping: step.damping };
          damping = step.damping;
          const trial = x.map((xj, j) => xj + d[j]);
          const Jd = denseMultiply(memory.J, m, n, d);
          const slope = dot(gradient, d);
          const rounding = roundingOf(value);
          const promised = -(slope + dot(Jd, Jd) / 2);
          hidden = promised <= rounding;
          if (trial.every((tj, j) => tj === x[j]))
            return {
              status: hidden ? "precision-limit" : "no-acceptable-step",
              reason: `no step down to the radius ${radius} decreases ||u||: ${HIDDEN_DECREASE}`,
              memory: { ...memory, radius, damping },
              figures: { ...tried, ratio },
            };
          let trialValue = Number.POSITIVE_INFINITY;
          if (areFinite(trial)) {
            counts.evaluations += 1;
            const u = await residual.value(trial);
            trialValue = dot(u, u) / 2;
            ratio = (value - trialValue + rounding) / (promised + rounding);
            if (ratio > ACCEPTANCE) {
              counts.gradients += 1;
              const { J } = await objective.linearize(trial, u);
              const next = denseMultiplyTransposed(J, m, n, u);
              // where rounding hides the decrease, the gradient tells
              if (areFinite(next) && !(hidden && !(objective.measure(next, trial) < gradientNorm))) {
                if (ratio <= POOR) radius = shrinkage(slope, value, trialValue) * Math.min(radius, length);
                else if (ratio >= GOOD || damping === 0) radius = 2 * length;
                const scale = scaled(memory.scale, J);
                return {
                  x: trial,
                  value: trialValue,
                  gradient: next,
                  memory: { u, J, radius, damping, scale },
                  figures: { ...tried, ratio },
                };
              }
            }
          }
          radius = Math.min(radius, length) * (hidden ? 0.1 : shrinkage(slope, value, trialValue));
        }
      },
    },
  );
}
