import { loadDataset, loadLibsvmDataset, selectRows } from "gradus/data";
import {
  csrFromDense,
  csrToDense,
  type DenseMatrix,
  denseMatrix,
  solvePositiveDefinite,
} from "gradus/linalg";
import { logisticRegression } from "gradus/objectives";
import { affineConstraints, type EqualityProblem, sphereConstraint, subjectTo } from "gradus/optimize";
import { randomStream } from "gradus/random";

/** Number of linear equations in addition to the unit sphere. */
const EQUATIONS = 10;
/** The largest squared distance of the plane A x = b from the origin at which it meets the sphere. */
const LARGEST_SQUARED_DISTANCE = 0.8;
const SPLICE_ROWS = 1000;

/** A two-class set as in the paper: labels -1 and +1, no intercept. */
interface TwoClassRows {
  readonly x: Parameters<typeof logisticRegression>[0];
  readonly y: Float64Array;
}

export const logisticSets = [
  "breast-cancer",
  "ionosphere",
  "splice",
  "phishing",
  "mushrooms",
  "a9a",
] as const;
export type LogisticSet = (typeof logisticSets)[number];

/** Columns scaled to [-1, 1] by their smallest and largest values; constant columns become 0. */
function scaled(x: Float64Array, n: number, d: number): Float64Array {
  const result = new Float64Array(n * d);
  for (let j = 0; j < d; j++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < n; i++) {
      low = Math.min(low, x[i * d + j]);
      high = Math.max(high, x[i * d + j]);
    }
    for (let i = 0; i < n && high > low; i++)
      result[i * d + j] = (2 * (x[i * d + j] - low)) / (high - low) - 1;
  }
  return result;
}

async function loadRows(name: LogisticSet): Promise<TwoClassRows> {
  if (name === "breast-cancer" || name === "ionosphere" || name === "mushrooms") {
    const { x, y } = await loadDataset(name);
    const labels = Float64Array.from(y, (label) => 2 * label - 1);
    if (name === "mushrooms") return { x: csrFromDense(x), y: labels };
    return {
      x: {
        rows: x.rows,
        columns: x.columns,
        values: name === "ionosphere" ? x.values : scaled(x.values, x.rows, x.columns),
      },
      y: labels,
    };
  }
  const { x, y } = await loadLibsvmDataset(name);
  if (name !== "splice") return { x: x, y };
  const rows = Int32Array.from({ length: SPLICE_ROWS }, (_, i) => i);
  const values = scaled(csrToDense(selectRows(x, rows)).values, SPLICE_ROWS, x.columns);
  return { x: { rows: SPLICE_ROWS, columns: x.columns, values }, y: y.slice(0, SPLICE_ROWS) };
}

/** b^T (A A^T)^-1 b: the squared distance of the plane A x = b from the origin. */
function squaredDistance({ rows: m, columns: n, values: A }: DenseMatrix, b: Float64Array): number {
  const gram = new Float64Array(m * m);
  for (let i = 0; i < m; i++)
    for (let k = 0; k < m; k++) for (let j = 0; j < n; j++) gram[i * m + k] += A[i * n + j] * A[k * n + j];
  const solution = solvePositiveDefinite(denseMatrix(gram, m, m), b);
  return b.reduce((sum, value, i) => sum + value * solution[i], 0);
}

/** A constrained logistic regression, and where the paper starts it. */
export interface LogisticProblem {
  readonly name: LogisticSet;
  readonly problem: EqualityProblem;
  readonly start: Float64Array;
  readonly lambda0: Float64Array;
}

/**
 * min (1/N) sum_i ln(1 + e^{-y_i <x, a_i>})  subject to  A x = b,  ||x||^2 = 1,  with a 10 x n Gaussian A and a Gaussian
 * b, drawn again until the plane meets the sphere.
 *
 * @throws DataMissingError when the set's file does not exist
 */
export async function constrainedLogistic(name: LogisticSet, seed: number): Promise<LogisticProblem> {
  const { x, y } = await loadRows(name);
  const n = x.columns;
  const stream = randomStream(seed).split(name);
  const A = denseMatrix(new Float64Array(EQUATIONS * n), EQUATIONS, n);
  const b = new Float64Array(EQUATIONS);
  do {
    stream.fillNormal(A.values);
    stream.fillNormal(b);
  } while (squaredDistance(A, b) > LARGEST_SQUARED_DISTANCE);
  return {
    name,
    problem: subjectTo(logisticRegression(x, y), affineConstraints(A, b), sphereConstraint(n)),
    start: new Float64Array(n).fill(1),
    lambda0: new Float64Array(EQUATIONS + 1).fill(1),
  };
}
