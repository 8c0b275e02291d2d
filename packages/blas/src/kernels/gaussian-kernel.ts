import { BlasArgumentError } from "../errors.ts";
import { copyVectorOut, type Matrix, zeros } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import { type AnyMatrix, addressForReading } from "../operand.ts";
import { checkOptions } from "../options.ts";
import { kernels } from "./family.ts";
import { checkRows, multiplyRows } from "./row-products.ts";

/** Rows of the kernel that are computed at a time: their products stay in cache until their exponentials are taken. */
const ROWS = 64;

/** Entries along a side of the squares in which a triangle is mirrored. */
const SQUARE = 32;

/** Copies what is below the diagonal above it, in squares that stay in cache. */
function mirrorLower(values: Float64Array, n: number): void {
  for (let row = 0; row < n; row += SQUARE)
    for (let column = 0; column <= row; column += SQUARE)
      for (let i = row; i < Math.min(n, row + SQUARE); i++)
        for (let j = column; j < Math.min(i, column + SQUARE); j++) values[j * n + i] = values[i * n + j];
}

/**
 * The Gaussian (radial basis) kernel between rows,  K_ij = exp(-|x_i - y_j|^2 / (2 lengthScale^2)),  with
 * |x - y|^2 = |x|^2 + |y|^2 - 2 <x, y>: 1 exactly where a row meets a copy of it. NaN stays NaN. Where x and y are the
 * same object, one triangle is computed.
 *
 * @returns rows of x x rows of y
 * @throws BlasArgumentError when the shapes do not fit or the length scale is not positive
 * @throws OutOfMemoryError
 */
export function gaussianKernel(options: {
  readonly x: AnyMatrix;
  readonly y: AnyMatrix;
  readonly lengthScale: number;
}): Matrix {
  checkOptions(options, ["x", "y", "lengthScale"]);
  const { x, y, lengthScale } = options;
  const { rows } = checkRows({ x, y });
  if (typeof lengthScale !== "number" || !(lengthScale > 0))
    throw new BlasArgumentError(`lengthScale must be a positive number, got ${lengthScale}`);
  const { rows: columns, columns: dimension } = y;
  const kernel = zeros(rows, columns);
  withFrame(`a kernel of ${rows} x ${columns} points`, (frame) => {
    const padded = 4 * Math.ceil(columns / 4);
    const height = Math.min(rows, ROWS);
    const { rowSquares, gaussianRow } = kernels();
    const from = addressForReading(frame, x);
    const symmetric = x === y;
    const other = symmetric ? from : addressForReading(frame, y);
    const [ofX, ofY] = [frame.numbers(rows), frame.numbers(padded)];
    rowSquares(rows, dimension, from, 8 * dimension, ofX);
    rowSquares(columns, dimension, other, 8 * dimension, ofY);
    const block = frame.numbers(height * padded);
    const scale = -1 / (2 * lengthScale * lengthScale);
    for (let first = 0; first < rows; first += height) {
      const count = Math.min(height, rows - first);
      const stored = { from, other, first, rows: count, dimension, below: symmetric };
      const width = symmetric ? first + count : columns;
      multiplyRows(frame, { ...stored, columns: width }, block, 8 * padded);
      for (let i = first; i < first + count; i++) {
        const row = block + 8 * padded * (i - first);
        const length = symmetric ? i + 1 : columns;
        gaussianRow(length, scale, frame.heap.numbers[ofX / 8 + i], ofY, row);
        copyVectorOut(frame, row, kernel.values.subarray(i * columns, i * columns + length));
      }
    }
    if (symmetric) mirrorLower(kernel.values, rows);
  });
  return kernel;
}
