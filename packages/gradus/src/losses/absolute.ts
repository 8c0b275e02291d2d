import { checkFiniteVector } from "../check/arrays.ts";
import type { ScalarLoss } from "./contract.ts";
import { scalarLoss } from "./scalar-loss.ts";
import { meanAbsoluteError } from "./traced/regression.ts";

/** phi(z, y) = |z - y|, with derivative 0 where they are equal; of several outputs the sum. */
export const absoluteLoss: ScalarLoss = scalarLoss({
  name: "absolute loss",
  outputs: undefined,
  labels: "output",
  smoothness: undefined,
  checkLabels: checkFiniteVector,
  value: (z, y) => Math.abs(z - y),
  derivative: (z, y) => Math.sign(z - y),
  curvature: () => 0,
  traced: meanAbsoluteError,
});
