import type { Frame } from "../memory.ts";
import { orthogonal } from "./family.ts";
import type { Columns } from "./pivoted-columns.ts";

/** Reflections that may be due at a time. */
const MOST = 128;

/** Columns of A whose reflections have not all been applied yet. */
export interface DelayedReflections {
  /** Applies what is due to the rows from `from` on of `width` columns, of which the first is column `from`. */
  refresh(from: number, width: number): void;
  /** Exchanges what is known of two columns that change places. */
  exchange(i: number, j: number): void;
  /**
   * Takes in the first `count` reflections of a block that begins at column `from`: their rows of R are final in all
   * columns behind the block. The rows below are left as they were where `MOST` holds all reflections that are to come.
   *
   * @param expected how many more may come: 0, or a block at least
   */
  take(from: number, width: number, count: number, expected: number): void;
}

/**
 * Reflections that are applied to a matrix late. Those that are due are  I - V T V^T  with V in the columns of A in front,
 * and W = C^T V T is kept, of the columns C of A as they were before: then
 *
 *     Q^T C = C - V W^T,
 *
 * of which a block of pivots needs its own columns, and R its own rows. The next block's V_k adds
 *
 *     W_k = (C^T V_k - W V^T V_k) T_k.
 *
 * Nearly half of the work of applying every block at once is left out where the rank is reached meanwhile; the products
 * V^T V_k are work that applying it does not have.
 * Source: Duersch & Gu 2017, "Randomized QR with column pivoting", section 3, there to the end.
 *
 * @param tau the reflections' factors
 * @param block the most reflections that are taken in at once
 */
export function delayedReflections(
  frame: Frame,
  { address, rows, columns }: Columns,
  tau: number,
  block: number,
): DelayedReflections {
  const { gemm, gemmWorkspace } = orthogonal();
  const [stride, line] = [8 * rows, 8 * MOST];
  const w = frame.numbers(columns * MOST);
  const clean = frame.numbers(block * rows);
  const gram = frame.numbers(block * MOST);
  const triangle = frame.numbers(block * block);
  const product = frame.numbers(columns * block);
  const work = frame.bytes(
    Math.max(
      gemmWorkspace(Math.max(columns, MOST), block, rows),
      gemmWorkspace(Math.max(columns, MOST), Math.max(rows, block), MOST),
    ),
  );
  let base = 0;
  /** Entry (i, j) of A, W's row of column j. */
  const at = (i: number, j: number) => address + 8 * (j * rows + i);
  const kept = (j: number) => w + j * line;

  /** C <- C - V W^T  in rows `first` to `end` of `width` columns from column `from` on, by `due` reflections. */
  function apply(from: number, width: number, first: number, end: number, due: number): void {
    gemm(
      ...([width, end - first, due, -1, kept(from), line, 8, at(first, base), stride, 8, 1] as const),
      ...([at(first, from), stride, 0, work] as const),
    );
  }

  /** V_k with its ones and zeros, a column after the other, and T_k. */
  function form(from: number, width: number): void {
    const height = rows - from;
    const { numbers } = frame.heap;
    for (let j = 0; j < width; j++) {
      const to = clean / 8 + j * height;
      const source = at(from, from + j) / 8;
      numbers.fill(0, to, to + j);
      numbers[to + j] = 1;
      numbers.copyWithin(to + j + 1, source + j + 1, source + height);
    }
    const along = 8 * height;
    gemm(
      ...([width, width, height, 1, clean, along, 8, clean, 8, along, 0, gram, 8 * width, 0, work] as const),
    );
    // upper triangular: t_jj = tau_j, the column above it -tau_j T V^T v_j
    const [t, g] = [triangle / 8, gram / 8];
    for (let j = 0; j < width; j++) {
      const factor = numbers[tau / 8 + from + j];
      for (let i = 0; i < width; i++) {
        let entry = 0;
        for (let l = i; l < j; l++) entry += numbers[t + i * width + l] * numbers[g + l * width + j];
        numbers[t + i * width + j] = i === j ? factor : -factor * entry;
      }
    }
  }

  return {
    refresh(from, width) {
      if (from > base) apply(from, width, from, rows, from - base);
    },
    exchange(i, j) {
      const { numbers } = frame.heap;
      const due = w / 8;
      for (let l = 0; l < MOST; l++) {
        const value = numbers[due + i * MOST + l];
        numbers[due + i * MOST + l] = numbers[due + j * MOST + l];
        numbers[due + j * MOST + l] = value;
      }
    },
    take(from, width, count, expected) {
      const [next, due] = [from + width, from - base];
      const rest = columns - next;
      if (count === 0 || rest === 0) return;
      form(from, count);
      const [height, row] = [rows - from, 8 * count];
      gemm(
        ...([rest, count, height, 1, at(from, next), stride, 8, clean, 8, 8 * height, 0] as const),
        ...([product, row, 0, work] as const),
      );
      if (due > 0) {
        gemm(
          ...([due, count, height, 1, at(from, base), stride, 8, clean, 8, 8 * height, 0] as const),
          ...([gram, row, 0, work] as const),
        );
        gemm(
          ...([rest, count, due, -1, kept(next), line, 8, gram, row, 8, 1, product, row, 0, work] as const),
        );
        apply(next, rest, from, from + count, due);
      }
      const own = kept(next) + 8 * due;
      gemm(...([rest, count, count, 1, product, row, 8, triangle, row, 8, 0, own, line, 0, work] as const));
      gemm(
        ...([rest, count, count, -1, own, line, 8, clean, 8 * height, 8, 1] as const),
        ...([at(from, next), stride, 0, work] as const),
      );
      if (due + count + expected <= MOST) return;
      apply(next, rest, next, rows, due + count);
      base = next;
    },
  };
}
