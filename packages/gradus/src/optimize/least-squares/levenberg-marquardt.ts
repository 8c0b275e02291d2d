import { areFinite } from "../../check/arrays.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { denseMultiply, denseMultiplyTransposed } from "../../linalg/dense.ts";
import { qrApplyAdjoint, qrFactorize } from "../../linalg/factorize/qr.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { dot } from "../../linalg/vector.ts";
import type { Residual } from "../../objectives/residual.ts";
import {
  type DescentIterate,
  type DescentState,
  descentIterates,
  descentOptions,
  roundingOf,
} from "../descent/descent.ts";
import { HIDDEN_DECREASE } from "../minimize-messages.ts";
import { linearLeastSquares } from "./linear-least-squares.ts";
import { columnLengths, type Linearization, residualObjective } from "./residual-objective.ts";

/** What the method remembers. */
export interface LevenbergMarquardtMemory extends Linearization {
  readonly damping: number;
  /** What a rejection multiplies the damping by. */
  readonly growth: number;
  /** D: the largest length so far of each column of J. */
  readonly scale: Float64Array;
}

/** What a step shows. */
export interface LevenbergMarquardtFigures {
  /** The damping of the step. */
  readonly damping: number;
  /** The decrease over the decrease that the linear model promised. */
  readonly ratio: number;
}

/** An iterate of the Levenberg-Marquardt method. */
export type LevenbergMarquardtIterate = DescentIterate<LevenbergMarquardtFigures, LevenbergMarquardtMemory>;

export interface LevenbergMarquardtOptions
  extends MethodOptions<DescentState<LevenbergMarquardtMemory, LevenbergMarquardtFigures>> {
  /** The damping tried first, beside columns of J scaled to length 1. */
  readonly damping?: number;
}

/** A step is taken when the decrease is more than this share of the promise. */
const ACCEPTANCE = 1e-4;
const LARGEST_DAMPING = 1e32;

/** D with every entry at least what it was; columns of zeros weigh 1. */
function grownScale(before: Float64Array | undefined, lengths: Float64Array): Float64Array<ArrayBuffer> {
  return lengths.map((length, j) => Math.max(before?.[j] ?? 0, length) || 1);
}

/**
 * The steps  d(damping) = argmin ||J d + u||^2 + damping ||D d||^2  of one linearization: J is factorized once, a step
 * costs the factorization of two triangles.
 */
function dampedSteps({ u, J }: Linearization, scale: Float64Array, rows: number) {
  const n = scale.length;
  const order = Math.min(rows, n);
  const F = qrFactorize(denseMatrix(J, rows, n));
  const right = qrApplyAdjoint(
    F,
    u.map((ui) => -ui),
  );
  return (damping: number): Float64Array => {
    const stacked = new Float64Array((order + n) * n);
    for (let i = 0; i < order; i++) for (let j = i; j < n; j++) stacked[i * n + j] = F.packed[j * rows + i];
    const root = Math.sqrt(damping);
    for (let j = 0; j < n; j++) stacked[(order + j) * n + j] = root * scale[j];
    const b = new Float64Array(order + n);
    b.set(right.subarray(0, order));
    return linearLeastSquares(stacked, b, order + n, n);
  };
}

/**
 * The Levenberg-Marquardt method for  min ||u(x)||^2 / 2:  each step minimizes  ||J d + u||^2 + damping ||D d||^2,  D
 * the largest lengths so far of the columns of J, so that the units of x do not matter. After a step the damping is
 * multiplied by max(1/3, 1 - (2 ratio - 1)^3), ratio the decrease over the promised one; rejections multiply it by 2, 4,
 * 8, ... O(count n^2) per step and O(n^3) per rejection. `gradientNorm` is the largest |J_j^T u| / ||J_j|| over the columns
 * of J, in the units of u: MINPACK's gtol limits it over ||u||.
 * Source: Levenberg 1944; Marquardt 1963; the scaling of More 1978; the damping of Nielsen 1999, "Damping parameter in
 * Marquardt's method".
 *
 * @throws ArgumentError when an argument does not fit or the residual is not finite at x0
 */
export function levenbergMarquardt(
  residual: Residual,
  x0: Float64Array,
  options: LevenbergMarquardtOptions = {},
): Method<LevenbergMarquardtIterate> {
  checkOptions("levenbergMarquardt", options, ["damping", ...descentOptions]);
  const { damping = 1e-3, resume, signal } = options;
  checkPositive({ damping });
  const objective = residualObjective(residual);
  const { count: m, dimension: n } = residual;
  return descentIterates<LevenbergMarquardtMemory, LevenbergMarquardtFigures>(
    objective,
    x0,
    { resume, signal },
    {
      measure: objective.measure,
      async init({ x }) {
        const { u, J } = await objective.linearize(x);
        return { u, J, damping, growth: 2, scale: grownScale(undefined, columnLengths(J, n)) };
      },
      async step({ x, value, gradient, gradientNorm, memory }, counts) {
        const stepAt = dampedSteps(memory, memory.scale, m);
        let { damping: lambda, growth } = memory;
        let ratio = Number.NaN;
        let trials = 0;
        let hidden = false;
        while (lambda < LARGEST_DAMPING) {
          trials += 1;
          counts.solves += 1;
          const d = stepAt(lambda);
          const trial = x.map((xj, j) => xj + d[j]);
          if (areFinite(trial) && trial.some((tj, j) => tj !== x[j])) {
            counts.evaluations += 1;
            const u = await residual.value(trial);
            const trialValue = dot(u, u) / 2;
            const Jd = denseMultiply(memory.J, m, n, d);
            const rounding = roundingOf(value);
            const promised = -(dot(gradient, d) + dot(Jd, Jd) / 2);
            hidden = promised <= rounding;
            ratio = (value - trialValue + rounding) / (promised + rounding);
            if (ratio > ACCEPTANCE) {
              counts.gradients += 1;
              const { J } = await objective.linearize(trial, u);
              const next = denseMultiplyTransposed(J, m, n, u);
              // where rounding hides the decrease, the gradient tells
              if (areFinite(next) && !(hidden && !(objective.measure(next, trial) < gradientNorm))) {
                const factor = Math.max(1 / 3, 1 - (2 * Math.min(ratio, 1) - 1) ** 3);
                return {
                  x: trial,
                  value: trialValue,
                  gradient: next,
                  memory: {
                    u,
                    J,
                    damping: Math.max(lambda * factor, Number.MIN_VALUE),
                    growth: 2,
                    scale: grownScale(memory.scale, columnLengths(J, n)),
                  },
                  figures: { trials, damping: lambda, ratio },
                };
              }
            }
          } else if (areFinite(trial)) break;
          lambda *= growth;
          growth *= 2;
        }
        return {
          status: hidden ? "precision-limit" : "no-acceptable-step",
          reason: `no step up to the damping ${lambda} decreases ||u||: ${HIDDEN_DECREASE}`,
          memory: { ...memory, damping: lambda, growth },
          figures: { trials, damping: lambda, ratio },
        };
      },
    },
  );
}
