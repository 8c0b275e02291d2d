import { BlasArgumentError } from "../errors.ts";
import { checkMatrix, checkShape, copyIn, copyOut, type Matrix, zeros } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { dense } from "./family.ts";

/** Arguments of `gemm`. */
export interface GemmArguments {
  readonly a: Matrix;
  readonly b: Matrix;
  /** Whether A^T stands in A's place. */
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly alpha?: number;
  /** Factor of what `c` holds; at 0 it is overwritten, whatever it is. */
  readonly beta?: number;
  /** The result, overwritten; a new matrix unless given. */
  readonly c?: Matrix;
}

/**
 * The matrix product  C = alpha op(A) op(B) + beta C,  op(X) = X or X^T, in blocks that stay in cache. NaN and infinity
 * propagate.
 * LAPACK name: DGEMM.
 *
 * @returns C
 * @throws BlasArgumentError when the shapes do not fit
 * @throws OutOfMemoryError
 */
export function gemm(options: GemmArguments): Matrix {
  const { a, b, transposeA = false, transposeB = false, alpha = 1, beta = 0 } = options;
  checkMatrix("a", a);
  checkMatrix("b", b);
  const [m, inner] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns];
  const [depth, n] = transposeB ? [b.columns, b.rows] : [b.rows, b.columns];
  if (inner !== depth)
    throw new BlasArgumentError(
      `a and b must agree in their inner dimension, got ${m} x ${inner} and ${depth} x ${n}`,
    );
  const c = options.c ?? zeros(m, n);
  checkShape("c", c, m, n);
  return withFrame(`a product of ${m} x ${inner} by ${inner} x ${n}`, (frame) => {
    const sameMatrix = a.values === b.values && a.rows === b.rows && a.columns === b.columns;
    const addressA = copyIn(frame, a);
    const addressB = sameMatrix && a.leadingDimension === b.leadingDimension ? addressA : copyIn(frame, b);
    const addressC = beta === 0 ? frame.numbers(m * n) : copyIn(frame, c);
    product(frame, {
      m,
      n,
      k: inner,
      alpha,
      a: stored(addressA, a.columns, transposeA),
      b: stored(addressB, b.columns, transposeB),
      beta,
      c: addressC,
    });
    copyOut(frame, addressC, c);
    return c;
  });
}

/** Where a matrix is, in bytes: from a row to the next, and from a column. */
export interface Stored {
  readonly address: number;
  readonly row: number;
  readonly column: number;
}

/** A matrix without gaps between its rows, or its transpose. */
export function stored(address: number, columns: number, transposed = false): Stored {
  return transposed ? { address, row: 8, column: 8 * columns } : { address, row: 8 * columns, column: 8 };
}

/** The entries of a symmetric result that are computed. */
export const parts = { all: 0, lower: 1, upper: 2 } as const;

/** A product of matrices in the heap, c without gaps between its rows. */
export function product(
  frame: Frame,
  problem: {
    readonly m: number;
    readonly n: number;
    readonly k: number;
    readonly alpha: number;
    readonly a: Stored;
    readonly b: Stored;
    readonly beta: number;
    readonly c: number;
    readonly part?: keyof typeof parts;
  },
): void {
  const { m, n, k, alpha, a, b, beta, c, part = "all" } = problem;
  const { gemm: run, gemmWorkspace } = dense();
  const work = frame.bytes(gemmWorkspace(m, n, k));
  run(
    ...([m, n, k, alpha, a.address, a.row, a.column, b.address, b.row, b.column] as const),
    ...([beta, c, 8 * n, parts[part], work] as const),
  );
}
