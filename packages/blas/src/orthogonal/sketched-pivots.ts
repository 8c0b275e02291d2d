import type { Frame } from "../memory.ts";
import { orthogonal } from "./family.ts";

/** A P = Q R in the heap, as far as the rank: columns of `rows` numbers each, as `pivotedQr` packs them. */
export interface RevealedQr {
  readonly tau: number;
  /** Column j of A P is column permutation[j] of A. */
  readonly permutation: Int32Array;
  /** How many |R_kk| exceed the cutoff; what stands below in later columns is not reduced. */
  readonly rank: number;
}

/** A matrix by columns in the heap, without gaps. */
interface Columns {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
}

/** Pivots that one sketch chooses, and its rows: eight more. */
const BLOCK = 32;
const SKETCH_ROWS = BLOCK + 8;
/** Up to so many steps, exact pivots cost no more. */
const FEW_STEPS = 96;

/**
 * The QR factorization with column pivoting as far as |R_kk| exceeds relativeCutoff times the longest column, in place.
 * Large matrices choose the pivots of a block from  Omega A,  40 rows of signs times what remains of A, so that nearly
 * all of the work is in products of matrices; inside a block pivots are exact. |R_kk| then descends from block to block
 * up to a small factor. The signs come from a fixed seed.
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

/** Exact column pivoting of columns `stride` numbers apart. */
function pivoted(frame: Frame, { address, rows, columns }: Columns, tau: number, stride = rows): Int32Array {
  const { geqp3, geqp3Workspace } = orthogonal();
  const order = frame.bytes(4 * columns);
  const work = frame.bytes(geqp3Workspace(rows, columns));
  geqp3(rows, columns, address, 8 * stride, tau, order, work);
  return new Int32Array(frame.heap.memory.buffer, order, columns).slice();
}

function sketched(frame: Frame, a: Columns, tau: number, relativeCutoff: number): RevealedQr {
  const { address, rows, columns } = a;
  const { applyReflections, reflectionsWorkspace } = orthogonal();
  const steps = Math.min(rows, columns);
  const permutation = Int32Array.from({ length: columns }, (_, j) => j);
  const cutoff = relativeCutoff * longestColumn(frame, a);
  const space = sketchSpace(frame, a);
  const work = frame.bytes(reflectionsWorkspace(rows, columns));
  for (let from = 0; from < steps; from += BLOCK) {
    const width = Math.min(BLOCK, steps - from);
    bringForward(frame, a, permutation, from, sketchedPivots(frame, a, space, from, width));
    const panel = { address: address + 8 * (from * rows + from), rows: rows - from, columns: width };
    const order = pivoted(frame, panel, tau + 8 * from, rows);
    reorder(frame, a, permutation, from, order);
    const rest = columns - from - width;
    const next = panel.address + 8 * width * rows;
    applyReflections(
      ...([width, panel.rows, panel.address, 8 * rows, tau + 8 * from, 1, rest, next] as const),
      ...([8 * rows, 0, work] as const),
    );
    for (let k = from; k < from + width; k++)
      if (!(diagonal(frame, a, k) > cutoff)) return { tau, permutation, rank: k };
  }
  return { tau, permutation, rank: steps };
}

/** The largest length of a column; squares neither overflow nor underflow. */
function longestColumn(frame: Frame, { address, rows, columns }: Columns): number {
  const { numbers } = frame.heap;
  const { dot } = orthogonal();
  let longest = 0;
  for (let j = 0; j < columns; j++) {
    const at = address + 8 * j * rows;
    const squares = dot(rows, at, at);
    const safe = squares > 1e-280 && squares < 1e300;
    const length = safe ? Math.sqrt(squares) : Math.hypot(...numbers.subarray(at / 8, at / 8 + rows));
    longest = Math.max(longest, length);
  }
  return longest;
}

/** Where the signs and the sketch stand. */
interface SketchSpace {
  readonly signs: number;
  readonly sketch: number;
  readonly tau: number;
  readonly work: number;
  /** State of the generator. */
  readonly state: Int32Array;
}

function sketchSpace(frame: Frame, { rows, columns }: Columns): SketchSpace {
  return {
    signs: frame.numbers(rows * SKETCH_ROWS),
    sketch: frame.numbers(columns * SKETCH_ROWS),
    tau: frame.numbers(SKETCH_ROWS),
    work: frame.bytes(orthogonal().gemmWorkspace(columns, SKETCH_ROWS, rows)),
    state: Int32Array.of(0x2545f491),
  };
}

/** The columns, counted from `from`, that a sketch of what remains puts first. */
function sketchedPivots(
  frame: Frame,
  { address, rows, columns }: Columns,
  { signs, sketch, tau, work, state }: SketchSpace,
  from: number,
  width: number,
): Int32Array {
  const [m, n] = [rows - from, columns - from];
  const { numbers } = frame.heap;
  let word = state[0];
  for (let k = 0; k < m * SKETCH_ROWS; k++) {
    // Marsaglia 2003, xorshift of 32 bits
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    numbers[signs / 8 + k] = word < 0 ? -1 : 1;
  }
  state[0] = word;
  const remains = address + 8 * (from * rows + from);
  // row j of the product is column j of Omega A
  orthogonal().gemm(
    ...([n, SKETCH_ROWS, m, 1, remains, 8 * rows, 8, signs, 8 * SKETCH_ROWS, 8, 0] as const),
    ...([sketch, 8 * SKETCH_ROWS, 0, work] as const),
  );
  return pivoted(frame, { address: sketch, rows: SKETCH_ROWS, columns: n }, tau).subarray(0, width);
}

/** Exchanges columns so that the chosen ones, counted from `from`, stand there in their order. */
function bringForward(
  frame: Frame,
  { address, rows, columns }: Columns,
  permutation: Int32Array,
  from: number,
  chosen: Int32Array,
): void {
  const { numbers } = frame.heap;
  const column = (j: number) => numbers.subarray(address / 8 + j * rows, address / 8 + (j + 1) * rows);
  const place = Int32Array.from({ length: columns - from }, (_, j) => from + j);
  const at = place.slice();
  for (const [k, index] of chosen.entries()) {
    const [to, source] = [from + k, place[index]];
    if (to === source) continue;
    const kept = column(to).slice();
    column(to).set(column(source));
    column(source).set(kept);
    const moved = permutation[to];
    permutation[to] = permutation[source];
    permutation[source] = moved;
    const other = at[k] - from;
    at[source - from] = at[k];
    place[other] = source;
    place[index] = to;
  }
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
