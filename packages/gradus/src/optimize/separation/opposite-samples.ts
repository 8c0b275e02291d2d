import { type DenseMatrix, isSparse } from "../../linalg/matrix.ts";
import type { CsrMatrix } from "../../linalg/sparse/csr.ts";
import type { DesignMatrix } from "../../objectives/design-matrix.ts";

/** The bits of a number, spread. */
function spread(bits: number): number {
  let h = Math.imul(bits, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A fixed number for each column in [1, 2), without linear relations between neighbors. All 52 bits are used: sums of 32
 * bits meet among a million rows of zeros and ones.
 */
function columnKeys(columns: number): Float64Array<ArrayBuffer> {
  const keys = new Float64Array(columns);
  for (let j = 0; j < columns; j++) keys[j] = 1 + spread(j + 1) / 2 ** 32 + (spread(~j) >>> 12) / 2 ** 52;
  return keys;
}

/** A key of every row, such that opposite rows have exactly opposite keys. */
export interface RowKeys {
  readonly keys: Float64Array;
  /** Whether every row has finite numbers alone, not all 0. */
  readonly regular: boolean;
}

/** Whether a sum of absolute values is neither 0 nor not finite. */
const isRegular = (size: number) => size > 0 && size < Number.POSITIVE_INFINITY;

function sparseRowKeys(
  { rows, rowPointers, columnIndices, values }: CsrMatrix,
  factors: Float64Array,
): RowKeys {
  const keys = new Float64Array(rows);
  let regular = true;
  for (let i = 0; i < rows; i++) {
    const end = rowPointers[i + 1];
    let key = 0;
    let size = 0;
    for (let k = rowPointers[i]; k < end; k++) {
      key += values[k] * factors[columnIndices[k]];
      size += Math.abs(values[k]);
    }
    keys[i] = key;
    regular &&= isRegular(size);
  }
  return { keys, regular };
}

/** In two sums a row, so that no addition waits for another. */
function denseRowKeys({ rows, columns, values }: DenseMatrix, factors: Float64Array): RowKeys {
  const keys = new Float64Array(rows);
  let regular = true;
  const even = columns - (columns % 2);
  for (let i = 0; i < rows; i++) {
    const start = i * columns;
    const last = even < columns ? values[start + even] : 0;
    let key0 = even < columns ? last * factors[even] : 0;
    let key1 = 0;
    let size0 = Math.abs(last);
    let size1 = 0;
    for (let j = 0; j < even; j += 2) {
      const first = values[start + j];
      const second = values[start + j + 1];
      key0 += first * factors[j];
      key1 += second * factors[j + 1];
      size0 += Math.abs(first);
      size1 += Math.abs(second);
    }
    keys[i] = key0 + key1;
    regular &&= isRegular(size0 + size1);
  }
  return { keys, regular };
}

/** A key of each row by its numbers: a sum of multiples of them, in one pass. */
export function rowKeys(A: DesignMatrix): RowKeys {
  const factors = columnKeys(A.columns);
  return isSparse(A) ? sparseRowKeys(A, factors) : denseRowKeys(A, factors);
}

/** The first of the entries of row i in the values of A. */
const start = (A: DesignMatrix, i: number) => (isSparse(A) ? A.rowPointers[i] : i * A.columns);

/** Keys by the bits of each row's numbers, where sums overflow or round entries of other sizes away. */
function bitKeys(A: DesignMatrix): Float64Array<ArrayBuffer> {
  const { values, columns } = A;
  const number = new Float64Array(1);
  const halves = new Int32Array(number.buffer);
  return Float64Array.from({ length: A.rows }, (_, i) => {
    let sign = 0;
    let [h, g] = [0, 0];
    for (let k = start(A, i); k < start(A, i + 1); k++) {
      if (values[k] === 0) continue;
      sign ||= Math.sign(values[k]);
      number[0] = sign * values[k];
      const column = isSparse(A) ? A.columnIndices[k] : k % columns;
      for (const part of [column + 1, halves[0], halves[1]]) {
        h = Math.imul(h ^ part, 0x9e3779b1);
        h ^= h >>> 15;
        g = Math.imul(g + part, 0x85ebca6b);
        g ^= g >>> 13;
      }
    }
    return sign * (2 ** 32 * ((g >>> 0) % 2 ** 20) + (h >>> 0) + 1);
  });
}

/** Row i of A is `sign` times row j, whichever of their zeros a sparse matrix stores. */
function areMultiples(A: DesignMatrix, i: number, j: number, sign: number): boolean {
  const { values } = A;
  const [first, second] = [start(A, i), start(A, j)];
  const [end, secondEnd] = [start(A, i + 1), start(A, j + 1)];
  const isSameColumn = isSparse(A)
    ? (p: number, q: number) => A.columnIndices[p] === A.columnIndices[q]
    : (p: number, q: number) => p - first === q - second;
  for (let p = first, q = second; ; p++, q++) {
    while (p < end && values[p] === 0) p++;
    while (q < secondEnd && values[q] === 0) q++;
    if (p === end || q === secondEnd) return p === end && q === secondEnd;
    if (values[p] !== sign * values[q] || !isSameColumn(p, q)) return false;
  }
}

/**
 * The first pair of samples that are each other's negative, by keys of the samples. Rows are looked up in a table of row
 * numbers, counted from 1, that is searched from a place by the key's size on; equal samples have one place.
 *
 * @returns `different` when different samples have one key, where these must be equal
 */
function searched(
  A: DesignMatrix,
  y: Float64Array,
  keys: Float64Array,
  mayDiffer: boolean,
): readonly [before: number, row: number] | "different" | undefined {
  const mask = 2 ** Math.ceil(Math.log2(2 * keys.length + 1)) - 1;
  const table = new Int32Array(mask + 1);
  const halves = new Int32Array(keys.buffer);
  for (let row = 0; row < keys.length; row++) {
    const key = keys[row];
    // the sign is the highest bit of the second half
    let h = Math.imul(halves[2 * row] ^ Math.imul(halves[2 * row + 1] << 1, 0x9e3779b1), 0x85ebca6b);
    h = (h ^ (h >>> 15)) & mask;
    let isThere = false;
    for (let other = table[h]; other > 0; other = table[h]) {
      const before = other - 1;
      const found = keys[before];
      if (found === key || found === -key) {
        const sign = found === key ? 1 : -1;
        if (areMultiples(A, row, before, sign * y[row] * y[before])) {
          if (sign < 0) return [before, row];
          isThere = true;
        } else if (!mayDiffer) return "different";
      }
      h = (h + 1) & mask;
    }
    if (!isThere) table[h] = row + 1;
  }
  return undefined;
}

/**
 * The first pair of samples y_i a_i = -y_j a_j, if there is one, without comparing all pairs: opposite samples have
 * exactly opposite keys.
 *
 * @param keys of the rows of A, before their labels
 */
export function oppositeSamples(
  A: DesignMatrix,
  y: Float64Array,
  { keys, regular }: RowKeys,
): readonly [before: number, row: number] | undefined {
  // a loop: a callback a row took ten times as long
  const signed = (of: Float64Array) => {
    const products = new Float64Array(of.length);
    for (let i = 0; i < of.length; i++) products[i] = of[i] * y[i];
    return products;
  };
  const pair = regular ? searched(A, y, signed(keys), false) : "different";
  if (pair !== "different") return pair;
  const exact = searched(A, y, signed(bitKeys(A)), true);
  return exact === "different" ? undefined : exact;
}
