import { checkLabels, checkLength } from "../../../check/arrays.ts";
import { checkNonNegative } from "../../../check/numbers.ts";
import { checkGivenOptions } from "../../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../../linalg/matrix.ts";
import { checkPerturbed } from "../check.ts";
import { networkOutputs, networkPenalty, type ReluNetwork } from "../network.ts";
import type { Perturbation } from "../patterns.ts";
import type { CheckedProblem } from "../problem.ts";
import type { AttackOptions } from "./attacks.ts";

/**
 * Lower bounds of  sign_k z(x_k + delta)  over the box |delta_j| <= epsilon of the columns that may change.
 *
 * @param x n x d
 * @param signs n numbers, 1 or -1
 */
function lowestOutputs(
  { hidden, biases, outputs }: ReluNetwork,
  { rows: n, columns: d, values }: DenseMatrix,
  signs: ArrayLike<number>,
  { epsilon, perturbed }: Perturbation,
): Float64Array<ArrayBuffer> {
  const m = hidden.columns;
  const reach = Float64Array.from({ length: m }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < d; i++) if (perturbed[i]) sum += Math.abs(hidden.values[i * m + j]);
    return epsilon * sum;
  });
  const slope = new Float64Array(d);
  return Float64Array.from({ length: n }, (_, k) => {
    let lowest = 0;
    slope.fill(0);
    for (let j = 0; j < m; j++) {
      let input = biases[j];
      for (let i = 0; i < d; i++) input += values[k * d + i] * hidden.values[i * m + j];
      const weight = signs[k] * outputs[j];
      if (input - reach[j] >= 0) {
        lowest += weight * input;
        for (let i = 0; i < d; i++) if (perturbed[i]) slope[i] += weight * hidden.values[i * m + j];
      } else if (input + reach[j] > 0) lowest += Math.min(0, weight * (input + reach[j]));
    }
    for (let i = 0; i < d; i++) lowest -= epsilon * Math.abs(slope[i]);
    return lowest;
  });
}

/**
 * Lower bounds of  y_k z(x_k + delta)  over the box |delta_j| <= epsilon: no attack does worse. Units that keep their sign over
 * the box count exactly, as one linear function; of the others the worst of each. Networks of the robust program have nearly
 * none of those.
 *
 * @returns n numbers; a positive one proves that no attack changes the sign of that row's output
 * @throws ArgumentError, DataError when an argument does not fit
 */
export function certifiedMargins(
  network: ReluNetwork,
  options: Omit<AttackOptions, "loss">,
): Float64Array<ArrayBuffer> {
  checkGivenOptions("certifiedMargins", options, ["x", "y", "epsilon", "perturbed"]);
  const { x, y, epsilon, perturbed } = options;
  checkFiniteDense("x", x);
  checkLength("y", y, x.rows);
  checkLabels("y", y, [-1, 1]);
  checkNonNegative({ epsilon });
  const { columns: d } = x;
  if (perturbed !== undefined) checkPerturbed(perturbed, d, "x");
  networkOutputs(network, x);
  return lowestOutputs(network, x, y, {
    epsilon,
    perturbed: perturbed ?? new Array<boolean>(d).fill(true),
  });
}

/**
 * An upper bound of the largest loss of a network in the box, summed over the rows, and the penalty: whatever its units do
 * inside the box. It is the objective of the robust program where the program's constraints hold.
 */
export function worstCaseObjective(
  { x, y, loss, beta }: CheckedProblem,
  network: ReluNetwork,
  perturbation: Perturbation,
): number {
  const ones = new Float64Array(x.rows).fill(1);
  const low = lowestOutputs(network, x, ones, perturbation);
  const high = lowestOutputs(network, x, ones.fill(-1), perturbation);
  let sum = beta * networkPenalty(network);
  // a convex function of the output is largest at an end
  for (let k = 0; k < x.rows; k++) sum += Math.max(loss.value(low[k], y[k]), loss.value(-high[k], y[k]));
  return sum;
}
