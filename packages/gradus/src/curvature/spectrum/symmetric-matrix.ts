import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { type LinearOperator, operatorEntries } from "../../linalg/operator/contract.ts";
import { symmetricOperatorOf } from "../../linalg/operator/matrix-operator.ts";
import { checkSymmetric } from "../../linalg/symmetric.ts";

export interface OperatorMatrixOptions {
  /** The largest order to form: a matrix of order 6000 takes 288 MB, and its eigenvalues take minutes. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** An operator that may multiply several vectors at once. */
type ManyVectors = LinearOperator & {
  applyMany?(vectors: Float64Array, out: Float64Array): Promise<void>;
  readonly layout?: { readonly slots: readonly { readonly dtype: "f32" | "f64" }[] };
};

const BLOCK = 64;

async function entriesByBlocks(
  n: number,
  applyMany: (vectors: Float64Array, out: Float64Array) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const columns = new Float64Array(n * n);
  for (let start = 0; start < n; start += BLOCK) {
    signal?.throwIfAborted();
    const count = Math.min(BLOCK, n - start);
    const units = new Float64Array(count * n);
    for (let j = 0; j < count; j++) units[j * n + start + j] = 1;
    await applyMany(units, columns.subarray(start * n, (start + count) * n));
  }
  return columns;
}

const OPTIONS = ["limit", "signal"] as const satisfies readonly (keyof OperatorMatrixOptions)[];

/** The largest difference of two mirrored entries, relative to the largest entry, that counts as rounding. */
const ASYMMETRY = { f32: 1e-4, f64: 1e-8 } as const;

/** Whether some arrays of the parameters are f32, in which case products have only that precision. */
const inSinglePrecision = ({ layout }: ManyVectors): boolean =>
  layout?.slots.some(({ dtype }) => dtype === "f32") ?? false;

/**
 * A symmetric operator as a dense matrix, from its products with the unit vectors, symmetrized as (A + A^T)/2.
 *
 * @returns n x n
 * @throws ArgumentError unless `A.symmetric` is true, or when the order exceeds `limit`, naming the memory needed
 * @throws DataError naming two mirrored entries that differ by more than rounding
 */
export async function symmetricMatrix(
  A: ManyVectors,
  options: OperatorMatrixOptions = {},
): Promise<DenseMatrix> {
  checkOptions("symmetricMatrix", options, OPTIONS);
  const { limit = 6000, signal } = options;
  signal?.throwIfAborted();
  const n = symmetricOperatorOf("A", A).rows;
  checkPositiveInteger({ limit });
  if (n > limit)
    throw new ArgumentError(
      `A has order ${n}, above the limit ${limit}: the dense matrix takes ${Math.ceil((8 * n * n) / 2 ** 20)} MiB`,
    );
  const { applyMany } = A;
  const S = applyMany
    ? await entriesByBlocks(n, (vectors, out) => applyMany.call(A, vectors, out), signal)
    : (await operatorEntries(A)).values;
  const matrix = { rows: n, columns: n, values: S };
  checkSymmetric("A", matrix, { asymmetry: ASYMMETRY[inSinglePrecision(A) ? "f32" : "f64"] });
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const mean = (S[i * n + j] + S[j * n + i]) / 2;
      S[i * n + j] = mean;
      S[j * n + i] = mean;
    }
  return matrix;
}

/**
 * All eigenvalues of a symmetric operator, descending, by the dense solver on its matrix. Takes n products and 4 n^3/3
 * flops; for operators of order up to a few thousand.
 *
 * @throws what `symmetricMatrix` throws
 */
export async function exactSpectrum(
  A: ManyVectors,
  options: OperatorMatrixOptions = {},
): Promise<Float64Array> {
  checkOptions("exactSpectrum", options, OPTIONS);
  return symmetricEigenvalues(await symmetricMatrix(A, options));
}
