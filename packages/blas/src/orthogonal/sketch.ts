import type { Frame } from "../memory.ts";
import { orthogonal } from "./family.ts";
import type { Columns } from "./pivoted-columns.ts";

/** Rows of a sketch: eight more than pivots that are chosen from it. */
const ROWS = 40;

/** Omega A, with Omega of 40 rows of signs from a fixed seed. */
export function firstSketch(frame: Frame, { address, rows, columns }: Columns): Columns {
  const { gemm, gemmWorkspace } = orthogonal();
  const signs = frame.numbers(rows * ROWS);
  const sketch = frame.numbers(columns * ROWS);
  const work = frame.bytes(gemmWorkspace(columns, ROWS, rows));
  const { numbers } = frame.heap;
  let word = 0x2545f491;
  for (let k = 0; k < rows * ROWS; k++) {
    // Marsaglia 2003, xorshift of 32 bits
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    numbers[signs / 8 + k] = word < 0 ? -1 : 1;
  }
  // row j of the product is column j of Omega A
  gemm(
    ...([columns, ROWS, rows, 1, address, 8 * rows, 8, signs, 8 * ROWS, 8, 0] as const),
    ...([sketch, 8 * ROWS, 0, work] as const),
  );
  return { address: sketch, rows: ROWS, columns };
}

/** How columns went from a sketch to the block of A that was chosen from it and to those behind the block. */
interface Moves {
  /** Columns of the sketch, those that pivoting puts first first; the sketch is its factor. */
  readonly ranked: Int32Array;
  /** Which of them stands in each place of A. */
  readonly places: Int32Array;
  /** The order that the block's own pivots gave to its columns. */
  readonly order: Int32Array;
}

/**
 * The sketch of what remains of A behind a block, with no pass over A: from  Omega A P = Q_s [S_1 S_2]  and
 * A P = Q [R_11 R_12; 0 R_22],
 *
 *     Q_s^T (Omega Q_2) R_22 = S_2 - S_1 R_11^-1 R_12.
 *
 * Source: Duersch & Gu 2017, "Randomized QR with column pivoting", section 2.3.
 *
 * @param factor the sketch after pivoting
 * @param block A with the block's reflections applied, and the block's first column
 */
export function sketchOfRest(
  frame: Frame,
  factor: Columns,
  { ranked, places, order }: Moves,
  { a, from }: { readonly a: Columns; readonly from: number },
): Columns {
  const { gemm, gemmWorkspace } = orthogonal();
  const width = order.length;
  const columns = factor.columns - width;
  const address = frame.numbers(columns * ROWS);
  const ratio = frame.numbers(width * width);
  const work = frame.bytes(gemmWorkspace(columns, width, width));
  const { numbers } = frame.heap;
  const placeInFactor = new Int32Array(factor.columns);
  for (const [place, column] of ranked.entries()) placeInFactor[column] = place;
  for (let j = 0; j < columns; j++) {
    const place = placeInFactor[places[width + j]];
    const source = factor.address / 8 + place * ROWS;
    const to = address / 8 + j * ROWS;
    // below the diagonal stand reflections
    for (let i = 0; i < ROWS; i++) numbers[to + i] = i <= place ? numbers[source + i] : 0;
  }
  // X R_11 = S_1
  for (let i = 0; i < width; i++)
    for (let k = 0; k < width; k++) {
      const place = order[k];
      const r = a.address / 8 + (from + k) * a.rows + from;
      let sum = i <= place ? numbers[factor.address / 8 + place * ROWS + i] : 0;
      for (let l = 0; l < k; l++) sum -= numbers[ratio / 8 + i * width + l] * numbers[r + l];
      numbers[ratio / 8 + i * width + k] = sum / numbers[r + k];
    }
  const r12 = a.address + 8 * ((from + width) * a.rows + from);
  gemm(
    ...([columns, width, width, -1, r12, 8 * a.rows, 8, ratio, 8, 8 * width, 1] as const),
    ...([address, 8 * ROWS, 0, work] as const),
  );
  return { address, rows: ROWS, columns };
}
