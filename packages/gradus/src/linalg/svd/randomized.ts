import { checkIntegerWithin, checkNonNegativeInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import { type SingularValueDecomposition, singularValueDecomposition } from "../factorize/singular-values.ts";
import { GrowingBasis } from "../growing-basis.ts";
import type { DenseMatrix } from "../matrix.ts";
import { adjointProduct } from "../operator/contract.ts";
import { type OperatorOrMatrix, operatorOf } from "../operator/matrix-operator.ts";
import { axpy, norm2 } from "../vector.ts";
import { type BlockProducts, withBlockProducts } from "./block-products.ts";

export interface RandomizedRangeOptions {
  /** Products with A A^T that sharpen the decay of the singular values; each costs two passes over A. */
  readonly powerIterations?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

export interface RandomizedSvdOptions extends RandomizedRangeOptions {
  /** How many singular triplets. */
  readonly rank: number;
  /** Vectors drawn beyond the rank. */
  readonly oversampling?: number;
}

/** What Gram-Schmidt leaves of a vector below this share of it is rounding. */
const DEPENDENT = 1e-13;

/**
 * An orthonormal basis Q of the vectors' span, in place, and the coefficients: vectors = Q R. Dependent vectors add
 * nothing to Q.
 */
function orthonormalBasis(vectors: readonly Float64Array[]): { basis: Float64Array[]; R: Float64Array[] } {
  const basis: Float64Array[] = [];
  const R: Float64Array[] = [];
  using growing = new GrowingBasis(vectors[0]?.length ?? 0);
  for (const vector of vectors) {
    const size = norm2(vector);
    const column = new Float64Array(vectors.length);
    growing.orthogonalize(vector, basis, column);
    const length = norm2(vector);
    if (length > DEPENDENT * size) {
      column[basis.length] = length;
      for (let i = 0; i < vector.length; i++) vector[i] /= length;
      basis.push(vector);
    }
    R.push(column);
  }
  return { basis, R };
}

/**
 * Orthonormal vectors Q that nearly span the range of A: those of (A A^T)^q A Omega with `size` Gaussian columns
 * Omega, orthonormalized after every product. With size = k + p, p >= 2 and q = 0
 *
 *     E ||A - Q Q^T A|| <= (1 + sqrt(k / (p - 1))) sigma_{k+1} + e sqrt(k + p) / p (sum_{j>k} sigma_j^2)^(1/2)
 *
 * Source: Halko, Martinsson & Tropp 2011, "Finding structure with randomness", algorithm 4.4 and theorem 10.6.
 *
 * @param matrix A, rows x columns: a matrix, or an operator, with an adjoint where powerIterations > 0
 * @returns Q, rows x size, with fewer columns where A has smaller rank
 * @throws ArgumentError when size or powerIterations is out of range, the adjoint is missing, or an option is unknown
 */
export async function randomizedRange(
  matrix: OperatorOrMatrix,
  size: number,
  options: RandomizedRangeOptions = {},
): Promise<DenseMatrix> {
  const A = operatorOf("A", matrix);
  checkOptions("randomizedRange", options, ["powerIterations", "seed", "signal"]);
  checkIntegerWithin(1, Math.min(A.rows, A.columns), { size });
  if ((options.powerIterations ?? 0) > 0) adjointProduct(A);
  return withBlockProducts(matrix, options.signal, async (products) =>
    columnsOf(await rangeBasis(products, A.columns, size, options), A.rows),
  );
}

/** Vectors of `rows` numbers as the columns of a matrix. */
function columnsOf(vectors: readonly Float64Array[], rows: number): DenseMatrix {
  const columns = vectors.length;
  const values = new Float64Array(rows * columns);
  for (const [j, vector] of vectors.entries())
    for (let i = 0; i < rows; i++) values[i * columns + j] = vector[i];
  return { rows, columns, values };
}

async function rangeBasis(
  { forward, backward }: BlockProducts,
  columns: number,
  size: number,
  { powerIterations = 0, seed = 0 }: RandomizedRangeOptions,
): Promise<Float64Array[]> {
  checkNonNegativeInteger({ powerIterations });
  const stream = randomStream(seed);
  const omega = Array.from({ length: size }, () => stream.fillNormal(new Float64Array(columns)));
  let { basis } = orthonormalBasis(await forward(omega));
  for (let q = 0; q < powerIterations; q++) {
    const rows = orthonormalBasis(await backward(basis)).basis;
    basis = orthonormalBasis(await forward(rows)).basis;
  }
  return basis;
}

/** The combinations  sum_i basis_i weights[i, j]  as columns of a matrix, the first `count` of them. */
export function combineColumns(
  basis: readonly Float64Array[],
  length: number,
  { columns: width, values: weights }: DenseMatrix,
  count: number,
): DenseMatrix {
  const combined = new Float64Array(length * count);
  const column = new Float64Array(length);
  for (let j = 0; j < count; j++) {
    column.fill(0);
    for (let i = 0; i < basis.length; i++) axpy(weights[i * width + j], basis[i], column);
    for (let i = 0; i < length; i++) combined[i * count + j] = column[i];
  }
  return { rows: length, columns: count, values: combined };
}

/**
 * The leading singular triplets of A by random projection: Q from `randomizedRange`, then the decomposition of the
 * small Q^T A. Takes 2 (q + 1) (rank + oversampling) products; right to the noise of the trailing singular values,
 * which powerIterations push down: (sigma_{k+1} / sigma_k)^(2 q + 1).
 * Source: Halko, Martinsson & Tropp 2011, algorithms 4.4 and 5.1.
 *
 * @param matrix A, rows x columns: a matrix, or an operator with an adjoint
 * @returns `rank` triplets, fewer where A has smaller rank
 * @throws ArgumentError when rank, oversampling or powerIterations is out of range, the adjoint is missing, or an
 *   option is unknown
 */
export async function randomizedSvd(
  matrix: OperatorOrMatrix,
  options: RandomizedSvdOptions,
): Promise<SingularValueDecomposition> {
  const A = operatorOf("A", matrix);
  checkGivenOptions("randomizedSvd", options, ["rank", "oversampling", "powerIterations", "seed", "signal"]);
  const { rank, oversampling = 10, powerIterations = 2, seed = 0, signal } = options;
  const { rows, columns } = A;
  const most = Math.min(rows, columns);
  checkIntegerWithin(1, most, { rank });
  checkNonNegativeInteger({ oversampling });
  adjointProduct(A);
  const size = Math.min(most, rank + oversampling);
  const { Q, P, R } = await withBlockProducts(matrix, signal, async (products) => {
    const basis = await rangeBasis(products, columns, size, { powerIterations, seed });
    const { basis: P, R } = orthonormalBasis(await products.backward(basis));
    return { Q: basis, P, R };
  });
  if (P.length === 0) return { U: columnsOf([], rows), s: new Float64Array(0), V: columnsOf([], columns) };
  // A^T Q = P R: with R = W S Z^T, A is near (Q Z) S (P W)^T
  const small = new Float64Array(P.length * Q.length);
  for (let i = 0; i < P.length; i++) for (let j = 0; j < Q.length; j++) small[i * Q.length + j] = R[j][i];
  const {
    U: W,
    s,
    V: Z,
  } = singularValueDecomposition({
    rows: P.length,
    columns: Q.length,
    values: small,
  });
  const count = Math.min(rank, s.length);
  return {
    U: combineColumns(Q, rows, Z, count),
    s: s.slice(0, count),
    V: combineColumns(P, columns, W, count),
  };
}
