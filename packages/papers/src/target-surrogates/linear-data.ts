import { DataMissingError } from "gradus/check";
import { loadDataset, loadLibsvmDataset } from "gradus/data";
import { type CsrMatrix, csrFromDense, csrRowNorms, csrToDense, denseMatrix } from "gradus/linalg";

/** A two-class set with a column of ones, labels 0 and 1. */
export interface LinearData {
  readonly name: string;
  readonly X: CsrMatrix;
  readonly y: Float64Array;
  /** The largest |x_i|^2. */
  readonly largestSquaredNorm: number;
}

function withIntercept(dense: Float64Array, n: number, d: number): CsrMatrix {
  const x = new Float64Array(n * (d + 1)).fill(1);
  for (let i = 0; i < n; i++) x.set(dense.subarray(i * d, (i + 1) * d), i * (d + 1));
  return csrFromDense(denseMatrix(x, n, d + 1));
}

function described(name: string, X: CsrMatrix, y: Float64Array): LinearData {
  const norms = csrRowNorms(X);
  return { name, X, y, largestSquaredNorm: norms.reduce((most, norm) => Math.max(most, norm ** 2), 0) };
}

/** Mushrooms, 8124 x 112 and an intercept; LIBSVM's label 2 is 1. Bundled with the library. */
export async function mushrooms(): Promise<LinearData> {
  const { x, y } = await loadDataset("mushrooms");
  return described("mushrooms", withIntercept(x.values, x.rows, x.columns), Float64Array.from(y));
}

/** A larger set, or undefined if its file is missing. */
export async function largerSet(name: "phishing" | "a9a"): Promise<LinearData | undefined> {
  try {
    const { x, y } = await loadLibsvmDataset(name);
    const largest = y.reduce((most, label) => Math.max(most, label), Number.NEGATIVE_INFINITY);
    const labels = Float64Array.from(y, (label) => (label === largest ? 1 : 0));
    return described(name, withIntercept(csrToDense(x).values, x.rows, x.columns), labels);
  } catch (error) {
    if (error instanceof DataMissingError) return undefined;
    throw error;
  }
}
