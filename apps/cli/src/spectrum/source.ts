import type { FloatType } from "@gradus/graph";
import { GradusError } from "gradus/check";
import type { CurvatureMatrix, LocalHessianVariance } from "gradus/curvature";
import { pacer } from "gradus/iterate";
import type { LinearOperator } from "gradus/linalg";

/** What is wrong with a source of curvature: the file, the module's exports, or its data. */
export class SourceError extends GradusError {
  override name = "SourceError";
}

/** An array of the parameters and where it lies in the vector. */
export interface Slot {
  readonly path: string;
  readonly start: number;
  readonly length: number;
}

/** A trained model's curvature on its data, however it was given. */
export interface SpectrumSource extends Disposable {
  /** Such as `model.ts`. */
  readonly name: string;
  readonly matrix: CurvatureMatrix;
  readonly slots: readonly Slot[];
  readonly rows: number;
  /** Relative rounding of the parameters' element type: 1.2e-7 or 2.2e-16. */
  readonly rounding: number;
  /** Of order `dimension`, the sum of the slots' lengths. */
  readonly operator: LinearOperator;
  /** The mean loss over the rows from `start` to `end`. */
  loss(start: number, end: number): Promise<number>;
  /** How much a single row's matrix varies along u and across it, over the given rows. */
  localVariance(u: Float64Array, rows: Int32Array, signal: AbortSignal): Promise<LocalHessianVariance>;
}

/** The coarsest rounding among the parameters' element types. */
export function roundingOf(slots: readonly { readonly dtype: FloatType }[]): number {
  return slots.some(({ dtype }) => dtype === "f32") ? 2 ** -23 : Number.EPSILON;
}

/** Names of the matrices in words. */
export const matrixNames: Readonly<Record<CurvatureMatrix, string>> = {
  hessian: "Hessian",
  "gauss-newton": "Gauss-Newton matrix",
  "empirical-fisher": "empirical Fisher matrix",
};

/** The variance of single rows from one product a row: E_i u = H_i u - H u, with H u exact beforehand. */
export async function varianceByRows(
  operator: LinearOperator,
  ofRow: (row: number) => LinearOperator,
  u: Float64Array,
  rows: Int32Array,
  signal: AbortSignal,
): Promise<LocalHessianVariance> {
  const n = u.length;
  const [mean, product] = [new Float64Array(n), new Float64Array(n)];
  await operator.apply(u, mean);
  let [along, total] = [0, 0];
  const pace = pacer();
  for (const row of rows) {
    const turn = pace();
    if (turn) await turn;
    signal.throwIfAborted();
    await ofRow(row).apply(u, product);
    let [projection, squares] = [0, 0];
    for (let j = 0; j < n; j++) {
      const deviation = product[j] - mean[j];
      projection += u[j] * deviation;
      squares += deviation ** 2;
    }
    along += projection ** 2 / rows.length;
    total += squares / rows.length;
  }
  return { along, across: total - along };
}
