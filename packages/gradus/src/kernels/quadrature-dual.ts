import { checkFunction } from "../check/options.ts";
import { pacer } from "../iterate/iterate.ts";
import type { DualActivation } from "./dual-activation.ts";
import type { NormalGrid } from "./normal-grid.ts";
import {
  type DualMeans,
  type DualQuadratureOptions,
  type GaussianPairs,
  refinedDual,
} from "./refined-dual.ts";

/** An activation as plain functions of a number. */
export interface PlainActivation {
  readonly name?: string;
  readonly value: (z: number) => number;
  readonly derivative: (z: number) => number;
}

type NumberFunction = (z: number) => number;

/** E f(u) f(v) of one pair. */
function pairMean(
  f: NumberFunction,
  deviation: number,
  along: number,
  across: number,
  { nodes, weights }: NormalGrid,
): number {
  let sum = 0;
  for (let i = 0; i < nodes.length; i++) {
    const center = along * nodes[i];
    let inner = 0;
    for (let j = 0; j < nodes.length; j++) inner += weights[j] * f(center + across * nodes[j]);
    sum += weights[i] * f(deviation * nodes[i]) * inner;
  }
  return sum;
}

function squareMean(f: NumberFunction, variance: number, { nodes, weights }: NormalGrid): number {
  const deviation = Math.sqrt(variance);
  return weights.reduce((sum, weight, i) => sum + weight * f(deviation * nodes[i]) ** 2, 0);
}

/**
 * The dual of any activation given as plain functions, by adaptive quadrature to the tolerance at every pair of
 * variances at which it is evaluated.
 *
 * @param activation f and f' as functions of a number
 * @throws ArgumentError when value or derivative is not a function, or an option is unknown or out of range
 * @throws ConvergenceError, when evaluated, if the tolerance is not reached, as for an activation with a kink
 */
export function quadratureDual(
  { name, value, derivative }: PlainActivation,
  options: DualQuadratureOptions = {},
): DualActivation {
  checkFunction({ value, derivative });
  return refinedDual(
    {
      async pairs({ k11, k12, k22 }: GaussianPairs, grid, signal): Promise<DualMeans> {
        const means = { covariance: new Float64Array(k12.length), derivative: new Float64Array(k12.length) };
        const pace = pacer();
        for (let p = 0; p < k12.length; p++) {
          signal?.throwIfAborted();
          const deviation = Math.sqrt(k11[p]);
          const along = deviation > 0 ? k12[p] / deviation : 0;
          const across = Math.sqrt(Math.max(k22[p] - along * along, 0));
          means.covariance[p] = pairMean(value, deviation, along, across, grid);
          means.derivative[p] = pairMean(derivative, deviation, along, across, grid);
          const turn = pace();
          if (turn) await turn;
        }
        return means;
      },
      squares: (variances, grid) => ({
        covariance: variances.map((variance) => squareMean(value, variance, grid)),
        derivative: variances.map((variance) => squareMean(derivative, variance, grid)),
      }),
    },
    { ...(name === undefined ? {} : { name }), ...options },
  );
}
