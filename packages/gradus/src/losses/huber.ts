import { abs, lessEqual, mul, square, sub, where } from "@gradus/graph";
import { checkFiniteVector } from "../check/arrays.ts";
import { checkPositive } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import type { ScalarLoss } from "./contract.ts";
import { tracedLoss } from "./pairs.ts";
import { scalarLoss } from "./scalar-loss.ts";

/**
 * phi(z, y) = r^2 / 2 of residuals r = z - y up to delta in size, delta (|r| - delta / 2) beyond (Huber, 1964); of
 * several outputs the sum. L = 1.
 *
 * @throws ArgumentError unless delta is finite and > 0, or for an unknown option
 */
export function huberLoss(options: { readonly delta?: number } = {}): ScalarLoss {
  checkOptions("huberLoss", options, ["delta"]);
  const { delta = 1 } = options;
  checkPositive({ delta });
  return scalarLoss({
    name: "Huber loss",
    outputs: undefined,
    labels: "output",
    smoothness: 1,
    checkLabels: checkFiniteVector,
    value(z, y) {
      const residual = z - y;
      const size = Math.abs(residual);
      return size <= delta ? (residual * residual) / 2 : delta * (size - delta / 2);
    },
    derivative: (z, y) => Math.max(-delta, Math.min(delta, z - y)),
    curvature: (z, y) => (Math.abs(z - y) <= delta ? 1 : 0),
    traced: tracedLoss("huberLoss", (outputs, labels) => {
      const residuals = sub(outputs, labels);
      const size = abs(residuals);
      return where(lessEqual(size, delta), mul(square(residuals), 0.5), mul(sub(size, delta / 2), delta));
    }),
  });
}
