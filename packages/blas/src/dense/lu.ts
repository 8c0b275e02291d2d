import { BlasArgumentError } from "../errors.ts";
import { checkVector, copyRange, leadingDimension } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import {
  type AnyMatrix,
  addressForWriting,
  checkOperand,
  checkOperandShape,
  checkSquareOperand,
  store,
} from "../operand.ts";
import { checkOptions } from "../options.ts";
import { ResidentMatrix } from "../resident.ts";
import { luFamily } from "./lu-family.ts";
import { solveInTurn } from "./triangular.ts";

/** What `lu` returns beside the factors. */
export interface LuResult {
  /** Row i of P A is row permutation[i] of A. */
  readonly permutation: Int32Array;
  /** The first column whose pivot is zero or not a number; undefined where there is none. */
  readonly singular?: number;
}

/**
 * The LU factorization  P A = L U  with partial pivoting, in place: U on and above the diagonal, L, whose diagonal is
 * ones, below. DGETRF of LAPACK.
 *
 * @param options.a m x n, overwritten
 * @throws BlasArgumentError when A is not a matrix, or for an unknown option
 * @throws OutOfMemoryError
 */
export function lu(options: { readonly a: AnyMatrix }): LuResult {
  checkOptions(options, ["a"]);
  const { a } = options;
  checkOperand("a", a);
  const { rows: m, columns: n } = a;
  return withFrame(`an LU factorization of ${m} x ${n}`, (frame) => {
    const { lu: factorize, luWorkspace } = luFamily();
    const matrix = addressForWriting(frame, a, true);
    const count = Math.min(m, n);
    const pivots = frame.bytes(4 * count);
    const singular = factorize(m, n, matrix, 8 * n, pivots, frame.bytes(luWorkspace(m, n)));
    store(frame, matrix, a);
    const exchanges = new Int32Array(frame.heap.memory.buffer, pivots, count);
    const permutation = new Int32Array(m);
    for (let i = 0; i < m; i++) permutation[i] = i;
    for (let j = 0; j < count; j++) {
      const row = permutation[j];
      permutation[j] = permutation[exchanges[j]];
      permutation[exchanges[j]] = row;
    }
    return singular < 0 ? { permutation } : { permutation, singular };
  });
}

/**
 * Solves  A X = B  in place with the factors and the permutation of `lu`. DGETRS of LAPACK.
 *
 * @param options.b one right-hand side, or a matrix with one in each column; overwritten by X
 * @returns b
 * @throws BlasArgumentError when the shapes do not fit, `permutation` is none, or for an unknown option
 */
export function luSolve<B extends AnyMatrix | Float64Array>(options: {
  readonly lu: AnyMatrix;
  readonly permutation: Int32Array;
  readonly b: B;
}): B {
  checkOptions(options, ["lu", "permutation", "b"]);
  const { lu: factors, permutation, b } = options;
  const n = checkSquareOperand("lu", factors);
  checkPermutation(permutation, n);
  if (b instanceof ResidentMatrix)
    throw new BlasArgumentError("b must not be a ResidentMatrix: its rows are permuted");
  if (b instanceof Float64Array) {
    checkVector("b", b, n);
    permuteRows(b, 1, 1, permutation);
  } else {
    checkOperandShape("b", b, n, b.columns);
    permuteRows(b.values, b.columns, leadingDimension(b), permutation);
  }
  return solveInTurn("lu", factors, [{ triangle: "lower", unitDiagonal: true }, { triangle: "upper" }], b);
}

/** @throws BlasArgumentError unless the numbers are 0 to n - 1 in any order */
function checkPermutation(permutation: Int32Array, n: number): void {
  if (permutation.length !== n)
    throw new BlasArgumentError(`permutation must have ${n} numbers, got ${permutation.length}`);
  const seen = new Uint8Array(n);
  for (const row of permutation) {
    if (!(row >= 0 && row < n) || seen[row])
      throw new BlasArgumentError(
        `permutation must have each of 0 to ${n - 1} once, got ${permutation.join(" ")}`,
      );
    seen[row] = 1;
  }
}

/** Row i becomes row permutation[i]. */
function permuteRows(values: Float64Array, columns: number, stride: number, permutation: Int32Array): void {
  const from = values.slice();
  for (let i = 0; i < permutation.length; i++)
    copyRange(from, permutation[i] * stride, columns, values, i * stride);
}
