import { ArgumentError, DataError } from "../../check/errors.ts";
import type { BatchLoss, TargetLoss } from "./contract.ts";

/** l_i at one row: its value, and its gradient written to `out` from `start` on. */
type RowLoss = (
  z: Float64Array,
  answers: Float64Array,
  start: number,
  out: Float64Array | undefined,
) => number;

interface RowWise {
  readonly outputs: number;
  readonly smoothness?: number;
  /** rows x outputs numbers that the rows' losses are told. */
  readonly answers: Float64Array;
  readonly row: RowLoss;
  readonly curvature?: (z: number, answer: number) => number;
}

function gathered(answers: Float64Array, outputs: number, rows: Int32Array | undefined): Float64Array {
  if (rows === undefined) return answers;
  const batch = new Float64Array(rows.length * outputs);
  for (let i = 0; i < rows.length; i++)
    for (let k = 0; k < outputs; k++) batch[i * outputs + k] = answers[rows[i] * outputs + k];
  return batch;
}

/** A loss from the loss of one row. */
function rowWise({ outputs, smoothness, answers, row, curvature }: RowWise): TargetLoss {
  const on = (rows?: Int32Array): BatchLoss => {
    const batch = gathered(answers, outputs, rows);
    const count = batch.length / outputs;
    const sum = (z: Float64Array, out: Float64Array | undefined) => {
      if (z.length !== batch.length)
        throw new ArgumentError(
          `targets must be [${count}, ${outputs}] as the loss wants, got ${z.length} numbers`,
        );
      let total = 0;
      for (let start = 0; start < batch.length; start += outputs) total += row(z, batch, start, out);
      return total / count;
    };
    return {
      value: (z) => sum(z, undefined),
      valueAndGradient(z) {
        const gradient = new Float64Array(z.length);
        return { value: sum(z, gradient), gradient };
      },
      ...(curvature && { curvature: (z: Float64Array) => z.map((value, i) => curvature(value, batch[i])) }),
    };
  };
  return { outputs, rows: answers.length / outputs, smoothness, on };
}

function checkedAnswers(given: ArrayLike<number>, outputs: number, name: string): Float64Array {
  if (!Number.isInteger(outputs) || outputs < 1)
    throw new ArgumentError(`outputs must be a whole number >= 1, got ${outputs}`);
  if (given.length === 0 || given.length % outputs !== 0)
    throw new ArgumentError(`${name} must have rows x ${outputs} numbers, got ${given.length}`);
  const answers = Float64Array.from(given);
  const wrong = answers.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new DataError(
      `${name} must be finite, got ${answers[wrong]} in row ${Math.floor(wrong / outputs)}, column ${wrong % outputs}`,
    );
  return answers;
}

/**
 * Squared loss l_i(z) = |z - y_i|^2 / 2 of targets; L = 1.
 *
 * @param y rows x outputs, row-major
 * @throws ArgumentError, DataError naming what does not fit or is not finite
 */
export function squaredTargetLoss(y: ArrayLike<number>, outputs = 1): TargetLoss {
  return rowWise({
    outputs,
    smoothness: 1,
    answers: checkedAnswers(y, outputs, "y"),
    curvature: () => 1,
    row(z, answers, start, out) {
      let sum = 0;
      for (let j = start; j < start + outputs; j++) {
        const residual = z[j] - answers[j];
        if (out) out[j] = residual;
        sum += residual * residual;
      }
      return sum / 2;
    },
  });
}

/**
 * Huber loss (Huber, 1964), the sum over a row's targets of r^2/2 where |r| <= delta and delta (|r| - delta/2) beyond;
 * L = 1.
 *
 * @param y rows x outputs, row-major
 * @throws ArgumentError, DataError naming what does not fit or is not finite
 */
export function huberTargetLoss(
  y: ArrayLike<number>,
  { outputs = 1, delta = 1 }: { readonly outputs?: number; readonly delta?: number } = {},
): TargetLoss {
  if (!(delta > 0)) throw new ArgumentError(`delta must be > 0, got ${delta}`);
  return rowWise({
    outputs,
    smoothness: 1,
    answers: checkedAnswers(y, outputs, "y"),
    row(z, answers, start, out) {
      let sum = 0;
      for (let j = start; j < start + outputs; j++) {
        const residual = z[j] - answers[j];
        const size = Math.abs(residual);
        if (out) out[j] = Math.max(-delta, Math.min(delta, residual));
        sum += size <= delta ? (residual * residual) / 2 : delta * (size - delta / 2);
      }
      return sum;
    },
  });
}

const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

/**
 * Logistic loss l_i(z) = log(1 + e^z) - y_i z of one logit a row; L = 1/4.
 *
 * @param y 0 or 1 a row
 * @throws ArgumentError, DataError naming the label that is neither
 */
export function logisticTargetLoss(y: ArrayLike<number>): TargetLoss {
  const answers = checkedAnswers(y, 1, "y");
  const wrong = answers.findIndex((label) => label !== 0 && label !== 1);
  if (wrong >= 0) throw new DataError(`y must be 0 or 1, got ${answers[wrong]} in row ${wrong}`);
  return rowWise({
    outputs: 1,
    smoothness: 0.25,
    answers,
    curvature: (z) => sigmoid(z) * sigmoid(-z),
    row(z, labels, i, out) {
      if (out) out[i] = sigmoid(z[i]) - labels[i];
      return Math.max(z[i], 0) + Math.log1p(Math.exp(-Math.abs(z[i]))) - labels[i] * z[i];
    },
  });
}

/**
 * Softmax cross-entropy l_i(z) = log sum_k e^(z_k) - z_(y_i) of `classes` logits a row; L = 1/2.
 *
 * @param labels 0 .. classes - 1, one a row
 * @throws ArgumentError, DataError naming the label that is not a class
 */
export function softmaxTargetLoss(labels: ArrayLike<number>, classes: number): TargetLoss {
  if (!Number.isInteger(classes) || classes < 2)
    throw new ArgumentError(`classes must be a whole number >= 2, got ${classes}`);
  const answers = new Float64Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(labels[i]) || labels[i] < 0 || labels[i] >= classes)
      throw new DataError(`labels must be 0 .. ${classes - 1}, got ${labels[i]} in row ${i}`);
    answers[i * classes + labels[i]] = 1;
  }
  return rowWise({
    outputs: classes,
    smoothness: 0.5,
    answers: checkedAnswers(answers, classes, "labels"),
    row(z, oneHot, start, out) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let j = start; j < start + classes; j++) largest = Math.max(largest, z[j]);
      let sum = 0;
      let right = 0;
      for (let j = start; j < start + classes; j++) {
        sum += Math.exp(z[j] - largest);
        right += oneHot[j] * (z[j] - largest);
      }
      if (out)
        for (let j = start; j < start + classes; j++) out[j] = Math.exp(z[j] - largest) / sum - oneHot[j];
      return Math.log(sum) - right;
    },
  });
}

/**
 * Expected cost l_i(pi) = <c_i, pi_i> of a policy's action probabilities, for the mirror proximal term, with which the
 * targets are probabilities. It is linear: no eta follows from a smoothness constant.
 *
 * @param costs rows x actions, row-major
 * @throws ArgumentError, DataError naming what does not fit or is not finite
 */
export function expectedCostLoss(costs: ArrayLike<number>, actions: number): TargetLoss {
  return rowWise({
    outputs: actions,
    answers: checkedAnswers(costs, actions, "costs"),
    row(pi, answers, start, out) {
      let sum = 0;
      for (let j = start; j < start + actions; j++) {
        if (out) out[j] = answers[j];
        sum += answers[j] * pi[j];
      }
      return sum;
    },
  });
}

/**
 * The smoothness constant L of a loss in its targets: eta <= 1/L makes the surrogate an upper bound.
 *
 * @throws ArgumentError when it has none: ask for an eta, or for the line search in target space
 */
export function lossSmoothness({ smoothness }: { readonly smoothness?: number }): number {
  if (smoothness === undefined)
    throw new ArgumentError(
      "the loss has no smoothness constant: give eta a number or a schedule, or a line search in target space",
    );
  return smoothness;
}
