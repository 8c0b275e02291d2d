import { BlasArgumentError, DisposedError } from "./errors.ts";
import {
  checkMatrix,
  checkSizes,
  copyOut,
  copyTriangle,
  type Matrix,
  type Triangle,
  writeRows,
  zeros,
} from "./matrix.ts";
import { Frame, sharedHeap } from "./memory.ts";

/** Frees the memory of residents that have become unreachable. */
const forgotten = new FinalizationRegistry<Frame>((frame) => frame.release());

let ownedBy: (matrix: ResidentMatrix) => number;

/**
 * A matrix that lives in WebAssembly memory, for what is used again and again: functions take it in the place of a
 * `Matrix` and do not copy it. Made by `residentMatrix`; `using`, `dispose()` or, at some time, garbage collection gives
 * its memory back.
 */
export class ResidentMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly #frame: Frame;
  #address: number | undefined;

  /**
   * Of zeros, or a copy of a matrix of this shape.
   *
   * @throws BlasArgumentError unless the sizes are non-negative integers; OutOfMemoryError
   */
  constructor(rows: number, columns: number, content?: Matrix) {
    checkSizes("", { rows, columns });
    this.rows = rows;
    this.columns = columns;
    this.#frame = new Frame(`a resident ${rows} x ${columns} matrix`);
    this.#address = this.#frame.numbers(rows * columns);
    const { numbers } = sharedHeap();
    const index = this.#address / 8;
    if (content) writeRows(numbers, index, content);
    else numbers.fill(0, index, index + rows * columns);
    forgotten.register(this, this.#frame, this);
  }

  static {
    ownedBy = (matrix) => {
      if (matrix.#address === undefined)
        throw new DisposedError(
          `a ${matrix.rows} x ${matrix.columns} resident matrix was used after it was disposed of`,
        );
      return matrix.#address;
    };
  }

  /** A copy outside of WebAssembly memory. */
  toMatrix(): Matrix {
    const matrix = zeros(this.rows, this.columns);
    copyOut(this.#frame, ownedBy(this), matrix);
    return matrix;
  }

  /**
   * A copy of one triangle of a square matrix outside of WebAssembly memory, with zeros in the other.
   *
   * @throws BlasArgumentError unless the matrix is square
   */
  toTriangle(triangle: Triangle): Matrix {
    const { rows: n, columns } = this;
    const address = ownedBy(this);
    if (n !== columns) throw new BlasArgumentError(`the matrix must be square, got ${n} x ${columns}`);
    const matrix = zeros(n, n);
    copyTriangle(n, triangle, sharedHeap().numbers, address / 8, n, matrix.values, 0, n);
    return matrix;
  }

  /** A copy of the entries (i, i) outside of WebAssembly memory. */
  diagonal(): Float64Array<ArrayBuffer> {
    const { columns } = this;
    const first = ownedBy(this) / 8;
    const { numbers } = sharedHeap();
    const length = Math.min(this.rows, columns);
    return Float64Array.from({ length }, (_, i) => numbers[first + i * (columns + 1)]);
  }

  /** Gives the memory back. */
  dispose(): void {
    if (this.#address === undefined) return;
    forgotten.unregister(this);
    this.#frame.release();
    this.#address = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Copies a matrix into WebAssembly memory, where it stays until it is disposed of.
 *
 * @throws BlasArgumentError, OutOfMemoryError
 */
export function residentMatrix(matrix: Matrix): ResidentMatrix {
  checkMatrix("matrix", matrix);
  return new ResidentMatrix(matrix.rows, matrix.columns, matrix);
}

/**
 * Where a resident is.
 *
 * @throws DisposedError
 */
export function addressOf(matrix: ResidentMatrix): number {
  return ownedBy(matrix);
}
