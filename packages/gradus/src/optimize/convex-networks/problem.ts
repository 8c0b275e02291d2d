import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkBoolean, checkOneOf } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { type NetworkLoss, networkLosses, type OutputLoss, outputLoss } from "./output-loss.ts";

/**
 * The training of a network with one hidden layer of rectified units and one output,
 *
 *     min over u_j, b_j, a_j   sum_k phi(sum_j (x_k^T u_j + b_j)_+ a_j, y_k) + (beta / 2) sum_j (|u_j|^2 + b_j^2 + a_j^2).
 */
export interface NetworkProblem {
  /** n x d: a row an example. Standardize the columns first: the penalty depends on their scales. */
  readonly x: DenseMatrix;
  /** n targets; -1 or +1 for the logistic and the hinge loss. */
  readonly y: ArrayLike<number>;
  readonly loss?: NetworkLoss;
  /** The penalty's weight, > 0, beside a loss that is summed over the rows. */
  readonly beta: number;
  /** Whether the hidden units have biases: weights of a constant input 1, penalized like the others. */
  readonly intercept?: boolean;
}

/** A problem after its checks: the constant input is a column of the design. */
export interface CheckedProblem {
  /** n x d, as given. */
  readonly x: DenseMatrix;
  /** n x d, with a last column of ones where there is an intercept. */
  readonly design: DenseMatrix;
  readonly y: Float64Array;
  readonly loss: OutputLoss;
  readonly beta: number;
  readonly intercept: boolean;
}

export const problemOptions = ["x", "y", "loss", "beta", "intercept"] as const;

/**
 * The rows, each with a last entry 1: the design of which patterns are taken where hidden units have biases.
 *
 * @param x n x d
 * @returns n x (d + 1)
 * @throws ArgumentError, DataError when x is not a dense matrix of finite numbers
 */
export function withOnes(x: DenseMatrix): DenseMatrix {
  checkFiniteDense("x", x);
  const { rows, columns, values } = x;
  const extended = new Float64Array(rows * (columns + 1)).fill(1);
  for (let k = 0; k < rows; k++)
    extended.set(values.subarray(k * columns, (k + 1) * columns), k * (columns + 1));
  return { rows, columns: columns + 1, values: extended };
}

/**
 * Checks all of a problem that needs no design.
 *
 * @throws ArgumentError when an argument is missing, of another kind, or beta is not positive
 * @throws DataError naming the place of a number that is not finite or a label that does not fit the loss
 */
export function checkParts(problem: NetworkProblem): Omit<CheckedProblem, "design"> {
  const { x, y, loss = "squared", beta, intercept = true } = problem;
  checkFiniteDense("x", x);
  checkLength("y", y, x.rows);
  checkOneOf(networkLosses, { loss });
  checkPositive({ beta });
  checkBoolean({ intercept });
  const record = outputLoss(loss);
  checkFiniteVector("y", y);
  record.checkLabels("y", y);
  return { x, y: Float64Array.from(y), loss: record, beta, intercept };
}

/** Checks a problem once, at the border; throws as `checkParts`. */
export function checkProblem(problem: NetworkProblem): CheckedProblem {
  const parts = checkParts(problem);
  return { ...parts, design: parts.intercept ? withOnes(parts.x) : parts.x };
}
