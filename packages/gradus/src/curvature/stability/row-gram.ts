import { checkPositiveInteger } from "../../check/numbers.ts";
import { addLowerProducts, mirrorLower } from "../../linalg/lower-products.ts";
import { checkFiniteDense, denseMatrix } from "../../linalg/matrix.ts";
import { checkJacobian, type Jacobian } from "./jacobian.ts";

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
  checkPositiveInteger({ rows });
  const gram = new Float64Array(rows * rows);
  for await (const block of blocks) {
    checkFiniteDense("a block", denseMatrix(block, rows, Math.floor(block.length / rows)));
    addLowerProducts(gram, block, block, rows, block.length / rows);
  }
  mirrorLower(gram, rows);
  return { rows, gram };
}
