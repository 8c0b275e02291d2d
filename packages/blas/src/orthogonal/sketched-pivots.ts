import { logarithm } from "../logarithm.ts";
import type { Frame } from "../memory.ts";
import { type DelayedReflections, delayedReflections } from "./delayed-reflections.ts";
import { orthogonal } from "./family.ts";
import { type Columns, inOrder, pivoted } from "./pivoted-columns.ts";
import { firstSketch, sketchOfRest } from "./sketch.ts";

/** A P = Q R in the heap, as far as the rank: columns of `rows` numbers each, as `pivotedQr` packs them. */
export interface RevealedQr {
  readonly tau: number;
  /** Column j of A P is column permutation[j] of A. */
  readonly permutation: Int32Array;
  /** How many |R_kk| exceed the cutoff; what stands below in later columns is not reduced. */
  readonly rank: number;
}

/** Pivots that one sketch chooses. */
const BLOCK = 32;
/** Up to this many steps, exact pivots cost no more. */
const FEW_STEPS = 96;

/**
 * The QR factorization with column pivoting as far as |R_kk| exceeds relativeCutoff times the longest column, in place.
 * Large matrices choose the pivots of a block from a sketch of what remains of A, 40 rows, so that nearly all of the
 * work is in products of matrices; inside a block pivots are exact. |R_kk| then descends from block to block up to a
 * small factor.
 * Source: Duersch & Gu 2017, "Randomized QR with column pivoting", SIAM J. Sci. Comput. 39(4).
 */
export function revealRank(frame: Frame, a: Columns, relativeCutoff: number): RevealedQr {
  const steps = Math.min(a.rows, a.columns);
  const tau = frame.numbers(steps);
  if (steps > FEW_STEPS) return sketched(frame, a, tau, relativeCutoff);
  const permutation = pivoted(frame, a, tau);
  const cutoff = relativeCutoff * diagonal(frame, a, 0);
  let rank = 0;
  while (rank < steps && diagonal(frame, a, rank) > cutoff) rank += 1;
  return { tau, permutation, rank };
}

/** |R_kk|. */
function diagonal(frame: Frame, { address, rows }: Columns, k: number): number {
  return Math.abs(frame.heap.numbers[address / 8 + k * rows + k]);
}

function sketched(frame: Frame, a: Columns, tau: number, relativeCutoff: number): RevealedQr {
  const { address, rows, columns } = a;
  const steps = Math.min(rows, columns);
  const permutation = inOrder(columns);
  const cutoff = relativeCutoff * longestColumn(a);
  const delayed = delayedReflections(frame, a, tau, BLOCK);
  let sketch = firstSketch(frame, a);
  for (let from = 0; from < steps; from += BLOCK) {
    const width = Math.min(BLOCK, steps - from);
    const ranked = pivoted(frame, sketch, frame.numbers(sketch.rows));
    const places = bringForward(frame, a, { permutation, delayed }, from, ranked.subarray(0, width));
    delayed.refresh(from, width);
    const panel = { address: address + 8 * (from * rows + from), rows: rows - from, columns: width };
    const order = pivoted(frame, panel, tau + 8 * from, rows);
    reorder(frame, a, permutation, from, order);
    let kept = 0;
    while (kept < width && diagonal(frame, a, from + kept) > cutoff) kept += 1;
    const last = kept < width || from + width === steps;
    delayed.take(from, width, kept, last ? 0 : stepsLeft(frame, a, from, cutoff));
    if (kept < width) return { tau, permutation, rank: from + kept };
    if (from + width < steps) sketch = sketchOfRest(frame, sketch, { ranked, places, order }, { a, from });
  }
  return { tau, permutation, rank: steps };
}

/** How many pivots more exceed the cutoff if they go on falling as in the block at `from`; a block at least. */
function stepsLeft(frame: Frame, a: Columns, from: number, cutoff: number): number {
  const [first, last] = [diagonal(frame, a, from), diagonal(frame, a, from + BLOCK - 1)];
  if (!(first > last)) return Number.POSITIVE_INFINITY;
  const fall = logarithm(first / last) / (BLOCK - 1);
  return Math.max(BLOCK, Math.ceil(logarithm(last / cutoff) / fall));
}

/** The largest length of a column; squares neither overflow nor underflow. */
function longestColumn({ address, rows, columns }: Columns): number {
  const { norm } = orthogonal();
  let longest = 0;
  for (let j = 0; j < columns; j++) longest = Math.max(longest, norm(rows, address + 8 * j * rows));
  return longest;
}

/**
 * Exchanges columns so that the chosen ones, counted from `from`, stand there in their order.
 *
 * @returns which column, counted from `from` before, stands in each place
 */
function bringForward(
  frame: Frame,
  { address, rows, columns }: Columns,
  { permutation, delayed }: { readonly permutation: Int32Array; readonly delayed: DelayedReflections },
  from: number,
  chosen: Int32Array,
): Int32Array {
  const { numbers } = frame.heap;
  const kept = new Float64Array(rows);
  const column = (j: number) => numbers.subarray(address / 8 + j * rows, address / 8 + (j + 1) * rows);
  const at = inOrder(columns - from);
  const placeOf = at.slice();
  for (const [to, index] of chosen.entries()) {
    const source = placeOf[index];
    if (to === source) continue;
    kept.set(column(from + to));
    column(from + to).set(column(from + source));
    column(from + source).set(kept);
    delayed.exchange(from + to, from + source);
    const moved = permutation[from + to];
    permutation[from + to] = permutation[from + source];
    permutation[from + source] = moved;
    const other = at[to];
    at[source] = other;
    placeOf[other] = source;
    at[to] = index;
    placeOf[index] = to;
  }
  return at;
}

/** Puts the rows above a block, and the permutation, into the order of its own pivots. */
function reorder(
  frame: Frame,
  { address, rows }: Columns,
  permutation: Int32Array,
  from: number,
  order: Int32Array,
): void {
  const { numbers } = frame.heap;
  const above = Array.from(order, (_, k) => {
    const at = address / 8 + (from + k) * rows;
    return numbers.slice(at, at + from);
  });
  const before = permutation.slice(from, from + order.length);
  for (const [k, index] of order.entries()) {
    numbers.set(above[index], address / 8 + (from + k) * rows);
    permutation[from + k] = before[index];
  }
}
