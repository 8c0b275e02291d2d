import { ArgumentError } from "../../errors.ts";
import { checkDense } from "../../linalg/factorize/dense-matrix.ts";
import { checkJacobian, type Jacobian } from "./jacobian.ts";

/**
 * Adds the inner products of rows to the lower triangle of G, two rows against two at a time: G_ij += <a_i, b_j> for
 * j <= i.
 */
export function addLowerProducts(
  G: Float64Array,
  A: Float64Array,
  B: Float64Array,
  n: number,
  columns: number,
): void {
  for (let i = 0; i < n; i += 2) {
    const a0 = i * columns;
    const a1 = i + 1 < n ? a0 + columns : a0; // past the end a row stands in for the next, and its sums are dropped
    for (let j = 0; j <= i; j += 2) {
      const b0 = j * columns;
      const b1 = j + 1 < n ? b0 + columns : b0;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      for (let k = 0; k < columns; k++) {
        const x0 = A[a0 + k];
        const x1 = A[a1 + k];
        const y0 = B[b0 + k];
        const y1 = B[b1 + k];
        s00 += x0 * y0;
        s01 += x0 * y1;
        s10 += x1 * y0;
        s11 += x1 * y1;
      }
      G[i * n + j] += s00;
      if (j + 1 <= i) G[i * n + j + 1] += s01;
      if (i + 1 < n) {
        G[(i + 1) * n + j] += s10;
        if (j + 1 < n) G[(i + 1) * n + j + 1] += s11;
      }
    }
  }
}

/** Copies the lower triangle over the upper one. */
export function mirrorLower(G: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) G[j * n + i] = G[i * n + j];
}

/**
 * K = J J^T / n, whose eigenvalues other than 0 are those of G = J^T J / n.
 *
 * @returns n x n, row-major
 * @throws ArgumentError, DataError when the sizes do not fit or a number is not finite
 */
export function rowGram(J: Jacobian): Float64Array {
  checkJacobian(J);
  const n = J.rows;
  const K = "gram" in J ? J.gram.slice() : new Float64Array(n * n);
  if (!("gram" in J)) {
    addLowerProducts(K, J.values, J.values, n, J.columns);
    mirrorLower(K, n);
  }
  for (let k = 0; k < K.length; k++) K[k] /= n;
  return K;
}

/**
 * J J^T from J cut into blocks of columns, such as the groups of a model's parameters, so that J as a whole is never
 * held: the sum of A A^T over the blocks A.
 *
 * @param blocks each rows x any number of columns, row-major
 * @returns what the stability functions take in the place of J
 * @throws ArgumentError, DataError when a block's length is no multiple of `rows` or a number is not finite
 */
export async function gramOfBlocks(
  rows: number,
  blocks: AsyncIterable<Float64Array> | Iterable<Float64Array>,
): Promise<{ readonly rows: number; readonly gram: Float64Array }> {
  if (!Number.isInteger(rows) || rows < 1)
    throw new ArgumentError(`rows must be an integer >= 1, got ${rows}`);
  const gram = new Float64Array(rows * rows);
  for await (const block of blocks) {
    checkDense(block, rows, Math.floor(block.length / rows));
    addLowerProducts(gram, block, block, rows, block.length / rows);
  }
  mirrorLower(gram, rows);
  return { rows, gram };
}
