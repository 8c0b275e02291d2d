import { checkIntegerWithin } from "../check/numbers.ts";
import type { VariateSource } from "./distributions.ts";

/** A dense row-major matrix, accepted by `gradus/linalg`. */
export interface OrthogonalMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

function subtractProjections(frame: Float64Array, length: number, count: number): void {
  const start = count * length;
  for (let k = 0; k < count; k++) {
    let product = 0;
    for (let i = 0; i < length; i++) product += frame[k * length + i] * frame[start + i];
    for (let i = 0; i < length; i++) frame[start + i] -= product * frame[k * length + i];
  }
}

/**
 * `count` orthonormal vectors of the given length, one after another, uniform over all such frames: independent
 * normal vectors, orthonormalized one by one. Projections are subtracted twice, which keeps the frame orthogonal up to
 * rounding.
 */
function uniformFrame(source: VariateSource, length: number, count: number): Float64Array<ArrayBuffer> {
  const frame = new Float64Array(count * length);
  for (let k = 0; k < count; ) {
    const start = k * length;
    for (let i = 0; i < length; i++) frame[start + i] = source.normal();
    subtractProjections(frame, length, k);
    subtractProjections(frame, length, k);
    let square = 0;
    for (let i = 0; i < length; i++) square += frame[start + i] * frame[start + i];
    if (square < 1e-24) continue; // nothing but rounding is left
    const norm = Math.sqrt(square);
    for (let i = 0; i < length; i++) frame[start + i] /= norm;
    k += 1;
  }
  return frame;
}

/**
 * A matrix with orthonormal columns (rows, when it has more columns than rows), uniform over all such matrices: a
 * square one follows the Haar measure of the orthogonal group.
 * Source: Stewart 1980, "The efficient generation of random orthogonal matrices"; Mezzadri 2007, arXiv math-ph/0609050.
 *
 * @throws ArgumentError unless both sizes and their product are integers in 1 .. 2^31 - 1
 */
export function sampleOrthogonal(source: VariateSource, rows: number, columns: number): OrthogonalMatrix {
  checkIntegerWithin(1, 2 ** 31 - 1, { rows, columns, "rows x columns": rows * columns });
  if (rows < columns) return { rows, columns, values: uniformFrame(source, columns, rows) };
  const frame = uniformFrame(source, rows, columns);
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) values[i * columns + j] = frame[j * rows + i];
  return { rows, columns, values };
}
