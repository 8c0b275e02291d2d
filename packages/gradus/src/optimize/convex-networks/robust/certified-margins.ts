import { checkLabels, checkLength } from "../../../check/arrays.ts";
import { ArgumentError } from "../../../check/errors.ts";
import { checkNonNegative } from "../../../check/numbers.ts";
import { checkOptions } from "../../../check/options.ts";
import { checkFiniteDense } from "../../../linalg/matrix.ts";
import { networkOutputs, type ReluNetwork } from "../network.ts";
import type { AttackOptions } from "./attacks.ts";

/**
 * Lower bounds of  y_k z(x_k + delta)  over the box |delta_j| <= epsilon: no attack does worse. Units that keep their sign over
 * the box count exactly, as one linear function; of the others the worst of each. Networks of the robust program have nearly
 * none of those.
 *
 * @returns n numbers; a positive one proves that no attack changes the sign of that row's output
 * @throws ArgumentError, DataError when an argument does not fit
 */
export function certifiedMargins(network: ReluNetwork, options: Omit<AttackOptions, "loss">): Float64Array {
  checkOptions("certifiedMargins", options, ["x", "y", "epsilon", "perturbed"]);
  const { x, y, epsilon, perturbed } = options;
  checkFiniteDense("x", x);
  checkLength("y", y, x.rows);
  checkLabels("y", y, [-1, 1]);
  checkNonNegative({ epsilon });
  const { rows: n, columns: d } = x;
  if (perturbed && perturbed.length !== d)
    throw new ArgumentError(`perturbed must have ${d} entries, one a column of x, got ${perturbed.length}`);
  networkOutputs(network, x);
  const { hidden, biases, outputs } = network;
  const m = hidden.columns;
  const moves = (i: number) => (perturbed ? perturbed[i] : true);
  const reach = Float64Array.from({ length: m }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < d; i++) if (moves(i)) sum += Math.abs(hidden.values[i * m + j]);
    return epsilon * sum;
  });
  const slope = new Float64Array(d);
  return Float64Array.from({ length: n }, (_, k) => {
    let margin = 0;
    slope.fill(0);
    for (let j = 0; j < m; j++) {
      let input = biases[j];
      for (let i = 0; i < d; i++) input += x.values[k * d + i] * hidden.values[i * m + j];
      const weight = y[k] * outputs[j];
      if (input - reach[j] >= 0) {
        margin += weight * input;
        for (let i = 0; i < d; i++) if (moves(i)) slope[i] += weight * hidden.values[i * m + j];
      } else if (input + reach[j] > 0) margin += Math.min(0, weight * (input + reach[j]));
    }
    for (let i = 0; i < d; i++) margin -= epsilon * Math.abs(slope[i]);
    return margin;
  });
}
