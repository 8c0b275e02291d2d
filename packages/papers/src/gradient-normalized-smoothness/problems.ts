import { rowsWithLabel, selectRows } from "gradus/data";
import type { DenseMatrix } from "gradus/linalg";
import {
  linearRegression,
  linearResidual,
  logSumExpObjective,
  residualPower,
  softmaxRegression,
} from "gradus/objectives";
import { denseMetric, type InnerProduct } from "gradus/optimize";
import type { RandomStream } from "gradus/random";
import { scaledImages } from "../shared/images.ts";

/** Keeps the metric of a singular A^T A positive definite. */
const SHIFT = 1e-8;

function uniformMatrix(rows: number, columns: number, stream: RandomStream): DenseMatrix {
  const values = Float64Array.from({ length: rows * columns }, () => stream.uniform(-1, 1));
  return { rows, columns, values };
}

const uniformVector = (length: number, stream: RandomStream) =>
  Float64Array.from({ length }, () => stream.uniform(-1, 1));

/** The metric A^T A + 1e-8 I. */
export function gramMetric(A: DenseMatrix): InnerProduct {
  const n = A.columns;
  const B = linearRegression(A, new Float64Array(A.rows)).hessian(new Float64Array(n));
  for (let j = 0; j < n; j++) B.values[j * (n + 1)] += SHIFT;
  return denseMetric(B);
}

/**
 * Log-sum-exp of n random affine functions in R^n, entries uniform on [-1, 1], whose rows are shifted by the gradient
 * at 0, so that 0 is the minimum.
 */
export function logSumExpProblem(n: number, mu: number, stream: RandomStream) {
  const { values } = uniformMatrix(n, n, stream);
  const b = uniformVector(n, stream);
  const shift = logSumExpObjective({ rows: n, columns: n, values }, b, { smoothing: mu }).gradient(
    new Float64Array(n),
  );
  const A = { rows: n, columns: n, values: values.map((value, k) => value - shift[k % n]) };
  const objective = logSumExpObjective(A, b, { smoothing: mu });
  return {
    objective,
    metric: gramMetric(A),
    x0: new Float64Array(n).fill(1),
    optimum: objective.value(new Float64Array(n)),
  };
}

/** (1/p) ||A x - b||^p of a random m x 2m matrix; the minimum is 0. */
export function residualProblem(m: number, power: number, stream: RandomStream) {
  const A = uniformMatrix(m, 2 * m, stream);
  const objective = residualPower(linearResidual(A, uniformVector(m, stream)), { power });
  return { objective, metric: gramMetric(A), x0: new Float64Array(2 * m).fill(1) };
}

/** Rows a_i ~ N(0, I) in R^20 at least 0.5 from a plane, labeled by their side of it: separable. */
export function separableRows(rows: number, stream: RandomStream): { A: DenseMatrix; y: Int32Array } {
  const d = 20;
  const plane = stream.fillNormal(new Float64Array(d));
  const length = Math.hypot(...plane);
  const values = new Float64Array(rows * d);
  const y = new Int32Array(rows);
  for (let i = 0; i < rows; ) {
    const row = values.subarray(i * d, (i + 1) * d);
    stream.fillNormal(row);
    let side = 0;
    for (let j = 0; j < d; j++) side += (plane[j] / length) * row[j];
    if (Math.abs(side) < 0.5) continue;
    y[i] = side > 0 ? 1 : -1;
    i += 1;
  }
  return { A: { rows, columns: d, values }, y };
}

/** Softmax regression on the 901 digits 0 to 4, pixels divided by 16. */
export async function digitsSoftmax() {
  const { pixels, labels, ...size } = await scaledImages("digits", "f64");
  const rows = rowsWithLabel(labels, 0, 1, 2, 3, 4);
  const chosen = selectRows({ ...size, values: pixels }, rows);
  return softmaxRegression(
    chosen,
    Int32Array.from(rows, (row) => labels[row]),
  );
}
