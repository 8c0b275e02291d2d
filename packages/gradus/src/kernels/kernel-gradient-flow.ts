import { ConvergenceError } from "../check/errors.ts";
import { checkPositive } from "../check/numbers.ts";
import { checkFunction, checkGivenOptions } from "../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../iterate/iterate.ts";
import { matrixProduct } from "../linalg/dense-product.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import { dormandPrinceStep } from "./dormand-prince.ts";
import { crossEntropyCost, type FunctionalCost } from "./kernel-gradient.ts";
import { checkTraining, type KernelTrainingOptions } from "./kernel-gradient-descent.ts";
import { kernelSpectrum } from "./kernel-spectrum.ts";

/** The state of a kernel gradient flow, as plain data. */
export type KernelFlowState = {
  readonly time: number;
  /** The function on the data, then at the further points. */
  readonly values: Float64Array;
  /** The step size to try next. */
  readonly step: number;
};

/** An iterate of a kernel gradient flow. */
export interface KernelFlowIterate extends Iterate<KernelFlowState> {
  readonly time: number;
  /** C(f_t). */
  readonly loss: number;
  /** f_t on the data, N x k. */
  readonly train: Float64Array;
  /** f_t at the further points, M x k. */
  readonly test: Float64Array;
}

export interface KernelFlowOptions extends KernelTrainingOptions, MethodOptions<KernelFlowState> {
  /** Final time. */
  readonly time: number;
  readonly cost?: FunctionalCost;
  /** Tolerated error of a step, as a share of each value. */
  readonly relativeTolerance?: number;
  /** Tolerated error of a step near 0, in the units of y; by default 1e-9 times the largest |y|, |f0| or |testF0|. */
  readonly absoluteTolerance?: number;
}

/** The largest entry in size; 1 where all are 0. */
function sizeOf(...parts: readonly Float64Array[]): number {
  let largest = 0;
  for (const part of parts) for (const value of part) largest = Math.max(largest, Math.abs(value));
  return largest || 1;
}

/**
 * Kernel gradient flow of any cost, df_t(x)/dt = -(1/N) sum_j K(x, x_j) d(x_j), one iterate per Runge-Kutta step: the
 * training dynamics of an infinitely wide network for costs without a closed form, such as cross-entropy.
 * Source: Jacot, Gabriel & Hongler 2018, "Neural tangent kernel", section 3; steps by Dormand & Prince 1980.
 *
 * @param K N x N
 * @param y targets N x k; probabilities for cross-entropy
 * @throws ArgumentError when sizes do not match, or time or a tolerance is not finite and > 0
 * @throws DataError when a number is not finite, or K is not symmetric and positive semidefinite
 * @throws ConvergenceError when the step size underflows
 */
export async function* kernelGradientFlow(
  K: DenseMatrix,
  y: Float64Array,
  options: KernelFlowOptions,
): Method<KernelFlowIterate> {
  checkGivenOptions("kernelGradientFlow", options, [
    "time",
    "cost",
    "relativeTolerance",
    "absoluteTolerance",
    "f0",
    "testKernel",
    "testF0",
    "resume",
    "signal",
  ]);
  const {
    time: end,
    cost = crossEntropyCost,
    relativeTolerance = 1e-6,
    absoluteTolerance,
    resume,
    signal,
    ...training
  } = options;
  checkPositive({ time: end, relativeTolerance });
  checkFunction({ "cost.value": cost?.value, "cost.gradient": cost?.gradient });
  if (absoluteTolerance !== undefined) checkPositive({ absoluteTolerance });
  const { values: eigenvalues } = kernelSpectrum("K", K);
  const n = eigenvalues.length;
  const { k, f0, testF0, testKernel } = checkTraining(y, n, training);
  const kernel = new Float64Array(K.values.length + testKernel.values.length);
  kernel.set(K.values);
  kernel.set(testKernel.values, K.values.length);
  const absolute = absoluteTolerance ?? 1e-9 * sizeOf(y, f0, testF0);
  const tolerances = { relative: relativeTolerance, absolute, end };
  const trainOf = (values: Float64Array) => values.subarray(0, n * k);
  const slope = (values: Float64Array) =>
    matrixProduct(kernel, cost.gradient(trainOf(values), y, n), n).map((value) => -value / n);
  yield* iterates<KernelFlowState, Omit<KernelFlowIterate, "iteration" | "state">>(
    {
      fields: { time: undefined, values: f0.length + testF0.length, step: undefined },
      start() {
        const values = new Float64Array(f0.length + testF0.length);
        values.set(f0);
        values.set(testF0, f0.length);
        return { time: 0, values, step: Math.min(end, (0.1 * n) / Math.max(eigenvalues[0], 1e-300)) };
      },
      step({ time, values, step }) {
        const next = dormandPrinceStep(slope, { time, y: values, step }, tolerances);
        if (!next)
          throw new ConvergenceError(
            `the step size underflows at time ${time}: the cost is not smooth there`,
          );
        return { time: next.time, values: next.y, step: next.step };
      },
      view: ({ time, values }) => ({
        time,
        loss: cost.value(trainOf(values), y, n),
        train: values.slice(0, n * k),
        test: values.slice(n * k),
        done: time >= end,
      }),
    },
    { resume, signal },
  );
}
