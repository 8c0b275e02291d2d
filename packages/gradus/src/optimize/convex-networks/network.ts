import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkGivenOptions, checkOptions } from "../../check/options.ts";
import { matrixProduct } from "../../linalg/dense-product.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { norm2 } from "../../linalg/vector.ts";
import { checkObject } from "./check.ts";
import { totalLoss } from "./output-loss.ts";
import { type CheckedProblem, checkParts, type NetworkProblem, problemOptions } from "./problem.ts";

/** A network  z(x) = sum_j a_j (x^T u_j + b_j)_+  with one hidden layer of m rectified units: plain data. */
export interface ReluNetwork {
  /** d x m: column j is u_j. */
  readonly hidden: DenseMatrix;
  /** The m biases b_j; zeros without an intercept. */
  readonly biases: Float64Array;
  /** The m output weights a_j. */
  readonly outputs: Float64Array;
}

/** Groups of weights of the convex program: a row is one v_i or w_i, for the columns of the design. */
export interface GroupedWeights {
  /** Blocks whose output weight is positive. */
  readonly positive: DenseMatrix;
  /** Blocks whose output weight is negative. */
  readonly negative: DenseMatrix;
}

/** @throws ArgumentError, DataError unless the sizes fit and the numbers are finite */
export function checkNetwork(network: ReluNetwork): void {
  checkObject("network", network, "{ hidden, biases, outputs }");
  checkFiniteDense("network.hidden", network.hidden);
  const m = network.hidden.columns;
  checkLength("network.biases", network.biases, m);
  checkLength("network.outputs", network.outputs, m);
  checkFiniteVector("network.biases", network.biases);
  checkFiniteVector("network.outputs", network.outputs);
}

/** The network of hidden units in d columns of the design, the last the bias; without any it has one unit of zeros. */
export function networkOf(
  units: readonly { weights: Float64Array; output: number }[],
  d: number,
  bias: boolean,
) {
  const m = Math.max(1, units.length);
  const inputs = bias ? d - 1 : d;
  const hidden = { rows: inputs, columns: m, values: new Float64Array(inputs * m) };
  const biases = new Float64Array(m);
  const outputs = new Float64Array(m);
  units.forEach(({ weights, output }, j) => {
    for (let i = 0; i < inputs; i++) hidden.values[i * m + j] = weights[i];
    if (bias) biases[j] = weights[inputs];
    outputs[j] = output;
  });
  return { hidden, biases, outputs } satisfies ReluNetwork;
}

/**
 * The network of a point of the convex program: v_i gives the unit (v_i / sqrt|v_i|, sqrt|v_i|), w_i the unit
 * (w_i / sqrt|w_i|, -sqrt|w_i|). Blocks of zeros give none. At a feasible point its objective is that of the point.
 *
 * @param weights rows of d numbers, the last one the bias where `intercept` is true
 * @throws ArgumentError unless both are matrices with the same number of columns, at least 2 with an intercept
 * @throws DataError naming the place of a number that is not finite
 * Source: Bai, Gautam & Sojoudi 2022, after Pilanci & Ergen 2020, Theorem 1.
 */
export function recoverNetwork(
  { positive, negative }: GroupedWeights,
  options: { readonly intercept?: boolean } = {},
): ReluNetwork {
  checkOptions("recoverNetwork", options, ["intercept"]);
  const { intercept = true } = options;
  checkFiniteDense("weights.positive", positive);
  checkFiniteDense("weights.negative", negative);
  const d = positive.columns;
  if (intercept && d < 2)
    throw new ArgumentError(
      `weights.positive must have at least 2 columns, the last for the biases, got ${d}; intercept: false needs 1`,
    );
  if (negative.columns !== d)
    throw new ArgumentError(
      `weights.positive and weights.negative must have the same number of columns, got ${d} and ${negative.columns}`,
    );
  const units: { weights: Float64Array; output: number }[] = [];
  for (const [block, sign] of [
    [positive, 1],
    [negative, -1],
  ] as const)
    for (let i = 0; i < block.rows; i++) {
      const row = block.values.subarray(i * d, (i + 1) * d);
      const scale = Math.sqrt(norm2(row));
      if (scale > 0) units.push({ weights: row.map((value) => value / scale), output: sign * scale });
    }
  return networkOf(units, d, intercept);
}

/** The network of unit directions and their weights alpha: units (u_j sqrt|alpha_j|, sign(alpha_j) sqrt|alpha_j|). */
export function networkOfDirections(
  directions: DenseMatrix,
  alpha: Float64Array,
  intercept: boolean,
): ReluNetwork {
  const d = directions.columns;
  const units: { weights: Float64Array; output: number }[] = [];
  alpha.forEach((weight, j) => {
    if (weight === 0) return;
    const scale = Math.sqrt(Math.abs(weight));
    const row = directions.values.subarray(j * d, (j + 1) * d);
    units.push({ weights: row.map((value) => value * scale), output: Math.sign(weight) * scale });
  });
  return networkOf(units, d, intercept);
}

/**
 * The outputs z(x_k) of a network.
 *
 * @param x n x d
 * @returns n numbers
 * @throws ArgumentError when the sizes do not fit
 * @throws DataError naming the place of a number that is not finite
 */
export function networkOutputs(network: ReluNetwork, x: DenseMatrix): Float64Array<ArrayBuffer> {
  checkNetwork(network);
  checkFiniteDense("x", x);
  const { hidden, biases, outputs } = network;
  if (x.columns !== hidden.rows)
    throw new ArgumentError(`x must have ${hidden.rows} columns, got ${x.columns}`);
  const m = hidden.columns;
  const activations = matrixProduct(x.values, hidden.values, hidden.rows);
  return Float64Array.from({ length: x.rows }, (_, k) => {
    let sum = 0;
    for (let j = 0; j < m; j++) {
      const input = activations[k * m + j] + biases[j];
      // twice max(input, 0) without a branch, which random signs would mispredict
      sum += outputs[j] * (input + Math.abs(input));
    }
    return sum / 2;
  });
}

/** (1/2) sum_j (|u_j|^2 + b_j^2 + a_j^2). */
export function networkPenalty({ hidden, biases, outputs }: ReluNetwork): number {
  let sum = 0;
  for (const values of [hidden.values, biases, outputs])
    for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum / 2;
}

/** The objective of a network at a problem that was checked. */
export function checkedObjective(
  { x, y, loss, beta }: Omit<CheckedProblem, "design">,
  network: ReluNetwork,
): number {
  return totalLoss(loss, networkOutputs(network, x), y) + beta * networkPenalty(network);
}

/**
 * The objective of non-convex training at a network of any width:
 *
 *     sum_k phi(z(x_k), y_k) + (beta / 2) sum_j (|u_j|^2 + b_j^2 + a_j^2)
 *
 * @throws ArgumentError, DataError when an argument does not fit
 */
export function networkObjective(problem: NetworkProblem, network: ReluNetwork): number {
  checkGivenOptions("networkObjective", problem, problemOptions);
  return checkedObjective(checkParts(problem), network);
}
