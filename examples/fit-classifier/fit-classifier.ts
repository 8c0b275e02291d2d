import { ArgumentError, DataError } from "gradus/check";
import { type CsrMatrix, multiply } from "gradus/linalg";
import { logisticRegression, softmaxRegression, withRidge } from "gradus/objectives";
import { gnsNewton, type Minimum, minimize, type RegularizedIterate } from "gradus/optimize";
import type { LabeledFile } from "./read-rows.ts";

export interface FitOptions {
  /** `exact`, `products`, `zero`, or an approximation: `empiricalFisher`, `bound`, `diagonal`, `weightedGaussNewton`, ... */
  readonly hessian?: string;
  /** The weight of ||weights||^2 / 2. */
  readonly ridge?: number;
  /** The size of the gradient at the end. */
  readonly tolerance?: number;
}

export interface Fit extends Minimum<RegularizedIterate> {
  readonly model: "logistic" | "softmax";
  /** The labels, in the order of the classes. */
  readonly classes: readonly number[];
  /** Share of the rows whose label the model gives. */
  readonly accuracy: number;
}

const MOST_CLASSES = 100;

function classesOf(labels: Float64Array): number[] {
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  if (classes.length < 2)
    throw new DataError(`the labels must be of two classes at least, all rows have ${classes[0]}`);
  if (classes.length > MOST_CLASSES)
    throw new DataError(
      `the labels must be of at most ${MOST_CLASSES} classes, got ${classes.length} different numbers: is it a regression?`,
    );
  return classes;
}

/** The class with the largest score of every row; two classes have one score, positive for the second. */
function predicted(A: CsrMatrix, weights: Float64Array, classCount: number): Int32Array {
  const scores = Array.from({ length: classCount === 2 ? 1 : classCount }, (_, c) =>
    multiply(A, weights.subarray(c * A.columns, (c + 1) * A.columns)),
  );
  return Int32Array.from({ length: A.rows }, (_, i) => {
    if (classCount === 2) return scores[0][i] > 0 ? 1 : 0;
    let best = 0;
    for (let c = 1; c < classCount; c++) if (scores[c][i] > scores[best][i]) best = c;
    return best;
  });
}

/**
 * Fits a logistic (two classes) or softmax regression by Newton's method, regularized by gradient-normalized smoothness.
 *
 * @throws DataError when there are fewer than 2 or more than 100 different labels
 * @throws ArgumentError for a matrix that the model does not have, a negative ridge or tolerance
 */
export async function fitClassifier(
  { A, labels }: LabeledFile,
  { hessian = "exact", ridge = 1e-3, tolerance = 1e-8 }: FitOptions = {},
): Promise<Fit> {
  if (!(tolerance > 0)) throw new ArgumentError(`tolerance must be a number > 0, got ${tolerance}`);
  const classes = classesOf(labels);
  const y = Int32Array.from(labels, (label) => classes.indexOf(label));
  const two = classes.length === 2;
  const loss = two
    ? logisticRegression(
        A,
        y.map((c) => 2 * c - 1),
      )
    : softmaxRegression(A, y, { classes: classes.length });
  const objective = withRidge(loss, ridge);
  const minimum = await minimize(objective, new Float64Array(objective.dimension), {
    method: gnsNewton,
    hessian,
    gradientTolerance: tolerance,
  });
  const guesses = predicted(A, minimum.x, classes.length);
  const right = guesses.reduce((count, c, i) => count + (c === y[i] ? 1 : 0), 0);
  return { ...minimum, model: two ? "logistic" : "softmax", classes, accuracy: right / A.rows };
}
