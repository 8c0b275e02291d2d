import {
  type DenseMatrix,
  denseMatrix,
  qrFactorize,
  qrOrthonormal,
  qrUpper,
  singularValueDecomposition,
  singularValues,
} from "gradus/linalg";
import type { Inputs } from "../input-files.ts";
import type { Runner } from "../worker.ts";

export type OrthogonalKind = "qr" | "qr-pivoted" | "svd" | "singular-values";

/** |R_kk|, or the singular values, after everything that the case asks for. */
function factorize(A: DenseMatrix, kind: OrthogonalKind): Float64Array {
  if (kind === "svd") return singularValueDecomposition(A).s;
  if (kind === "singular-values") return singularValues(A);
  const F = qrFactorize(A, { pivoting: kind === "qr-pivoted" });
  qrOrthonormal(F);
  const { rows, columns, values } = qrUpper(F);
  return Float64Array.from({ length: rows }, (_, k) => Math.abs(values[k * columns + k]));
}

/** A factorization of a random matrix. */
export function orthogonalFactorization(
  inputs: Inputs,
  kind: OrthogonalKind,
  rows: number,
  columns: number,
): Runner {
  const values = Float64Array.from(inputs[`orthogonal.${rows}x${columns}`].data, Number);
  const A = denseMatrix(values, rows, columns);
  const call = () => factorize(A, kind);
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    check() {
      const numbers = call();
      return [numbers[0], numbers[numbers.length - 1], numbers.reduce((sum, value) => sum + value, 0)];
    },
  };
}
