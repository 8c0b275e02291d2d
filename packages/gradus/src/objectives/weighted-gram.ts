import type { CsrMatrix } from "../linalg/sparse/csr.ts";

/** Columns in a tile: two strips of four rows and the tile itself stay in the first-level cache. */
const TILE = 48;

function addDenseTile(
  A: Float64Array,
  n: number,
  d: number,
  weights: Float64Array,
  out: Float64Array,
  rowStart: number,
  columnStart: number,
): void {
  const rowEnd = Math.min(rowStart + TILE, d);
  const columnEnd = Math.min(columnStart + TILE, d);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const row0 = i * d;
    const row1 = row0 + d;
    const row2 = row1 + d;
    const row3 = row2 + d;
    for (let j = rowStart; j < rowEnd; j++) {
      const a0 = weights[i] * A[row0 + j];
      const a1 = weights[i + 1] * A[row1 + j];
      const a2 = weights[i + 2] * A[row2 + j];
      const a3 = weights[i + 3] * A[row3 + j];
      const end = Math.min(columnEnd, j + 1);
      const base = j * d;
      for (let k = columnStart; k < end; k++)
        out[base + k] += a0 * A[row0 + k] + a1 * A[row1 + k] + (a2 * A[row2 + k] + a3 * A[row3 + k]);
    }
  }
  for (; i < n; i++)
    for (let j = rowStart; j < rowEnd; j++) {
      const a = weights[i] * A[i * d + j];
      const end = Math.min(columnEnd, j + 1);
      for (let k = columnStart; k < end; k++) out[j * d + k] += a * A[i * d + k];
    }
}

function mirror(matrix: Float64Array, d: number): void {
  for (let j = 0; j < d; j++) for (let k = 0; k < j; k++) matrix[k * d + j] = matrix[j * d + k];
}

/** A^T diag(weights) A of dense rows: d x d, row-major, exactly symmetric. */
export function denseWeightedGram(
  A: Float64Array,
  n: number,
  d: number,
  weights: Float64Array,
): Float64Array<ArrayBuffer> {
  const gram = new Float64Array(d * d);
  for (let rowStart = 0; rowStart < d; rowStart += TILE)
    for (let columnStart = 0; columnStart <= rowStart; columnStart += TILE)
      addDenseTile(A, n, d, weights, gram, rowStart, columnStart);
  mirror(gram, d);
  return gram;
}

/** A^T diag(weights) A of sparse rows: d x d, row-major, exactly symmetric. */
export function csrWeightedGram(
  { rows, columns: d, rowPointers, columnIndices, values }: CsrMatrix,
  weights: Float64Array,
): Float64Array<ArrayBuffer> {
  const gram = new Float64Array(d * d);
  for (let i = 0; i < rows; i++) {
    const begin = rowPointers[i];
    const end = rowPointers[i + 1];
    for (let p = begin; p < end; p++) {
      const a = weights[i] * values[p];
      const base = columnIndices[p] * d;
      for (let q = begin; q <= p; q++) gram[base + columnIndices[q]] += a * values[q];
    }
  }
  mirror(gram, d);
  return gram;
}
