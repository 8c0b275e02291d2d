import { gaussHermite } from "../statistics/gauss-hermite.ts";
import type { DualActivation, DualPairs } from "./dual-activation.ts";

/** An activation as plain functions of a number. */
export interface PlainActivation {
  readonly name?: string;
  readonly value: (z: number) => number;
  readonly derivative: (z: number) => number;
}

const NEEDED = 1e-6;

/** A pair of units that differ, on which orders of quadrature are compared. */
export const probe = (): DualPairs => ({
  k11: Float64Array.of(1),
  k12: Float64Array.of(0.5),
  k22: Float64Array.of(1.5),
  covariance: new Float64Array(1),
  derivative: new Float64Array(1),
});

/** What to say where two orders disagree. */
export function disagreement(name: string, nodes: number, a: DualPairs, b: DualPairs): string | undefined {
  const error = Math.max(
    Math.abs(a.covariance[0] - b.covariance[0]) / Math.abs(b.covariance[0]),
    Math.abs(a.derivative[0] - b.derivative[0]) / Math.abs(b.derivative[0]),
  );
  if (error <= NEEDED) return undefined;
  return (
    `quadrature of ${name} with ${nodes} nodes is good to about ${error.toExponential(0)} only, as over a kink or a ` +
    "steep slope: take more nodes, or a closed form (relu, leakyRelu, erf, identity, square, sine, cosine, gaussian)"
  );
}

/** A second order, coprime to the first, whose error is another one. */
export const otherOrder = (nodes: number) => Math.ceil(1.3 * nodes) + 1;

function evaluator({ value, derivative }: PlainActivation, order: number): (pairs: DualPairs) => void {
  const { nodes, weights } = gaussHermite(order);
  return ({ k11, k12, k22, covariance, derivative: slopes }) => {
    for (let p = 0; p < k12.length; p++) {
      const deviation = Math.sqrt(k11[p]);
      const along = deviation > 0 ? k12[p] / deviation : 0;
      const across = Math.sqrt(Math.max(k22[p] - along * along, 0));
      let [sum, slope] = [0, 0];
      for (let i = 0; i < order; i++) {
        const u = deviation * nodes[i];
        let [inner, innerSlope] = [0, 0];
        for (let j = 0; j < order; j++) {
          const v = along * nodes[i] + across * nodes[j];
          inner += weights[j] * value(v);
          innerSlope += weights[j] * derivative(v);
        }
        sum += weights[i] * value(u) * inner;
        slope += weights[i] * derivative(u) * innerSlope;
      }
      covariance[p] = sum;
      slopes[p] = slope;
    }
  };
}

/**
 * The dual of any activation by Gauss-Hermite quadrature on u = sqrt(k11) a, v = k12/sqrt(k11) a +
 * sqrt(k22 - k12^2/k11) b, with a and b standard normal: nodes^2 values of f and f' a pair.
 *
 * @param activation f and f' as functions of a number
 * @throws ArgumentError unless nodes is an integer in 1 .. 384
 */
export function quadratureDual(activation: PlainActivation, { nodes = 80 } = {}): DualActivation {
  const { name = "the activation" } = activation;
  const evaluate = evaluator(activation, nodes);
  const second = evaluator(activation, otherOrder(nodes));
  return {
    name,
    evaluate,
    warning() {
      const [a, b] = [probe(), probe()];
      evaluate(a);
      second(b);
      return disagreement(name, nodes, a, b);
    },
  };
}
