import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { addLowerProducts, mirrorLower } from "../../linalg/lower-products.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { checkJacobian, isGram, type Jacobian } from "./jacobian.ts";

/**
 * K = J J^T / n, whose nonzero eigenvalues are those of G = J^T J / n.
 *
 * @returns n x n
 * @throws ArgumentError, DataError when sizes do not match or a number is not finite
 */
export function rowGram(J: Jacobian): DenseMatrix {
  checkJacobian(J);
  const n = isGram(J) ? J.gram.rows : J.rows;
  const K = isGram(J) ? J.gram.values.slice() : new Float64Array(n * n);
  if (!isGram(J)) {
    addLowerProducts(K, J.values, J.values, n, J.columns);
    mirrorLower(K, n);
  }
  for (let k = 0; k < K.length; k++) K[k] /= n;
  return { rows: n, columns: n, values: K };
}

/**
 * J J^T as the sum of A A^T over blocks A of columns of J, such as the groups of a model's parameters, so that J is
 * never held in memory as a whole.
 *
 * @param blocks matrices with `rows` rows and any number of columns
 * @returns n x n, which the stability functions accept as `{ gram }` instead of J
 * @throws ArgumentError, DataError when there is no room for rows^2 numbers, a block does not have `rows` rows or a number is not finite
 */
export async function gramOfBlocks(
  rows: number,
  blocks: AsyncIterable<DenseMatrix> | Iterable<DenseMatrix>,
): Promise<DenseMatrix> {
  checkPositiveInteger({ rows });
  const gram = zerosOf({ rows, columns: rows });
  for await (const block of blocks) {
    checkFiniteDense("a block", block);
    if (block.rows !== rows) throw new ArgumentError(`a block must have ${rows} rows, got ${block.rows}`);
    addLowerProducts(gram, block.values, block.values, rows, block.columns);
  }
  mirrorLower(gram, rows);
  return { rows, columns: rows, values: gram };
}
