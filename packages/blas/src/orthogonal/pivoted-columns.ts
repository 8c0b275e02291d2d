import type { Frame } from "../memory.ts";
import { orthogonal } from "./family.ts";

/** A matrix by columns in the heap, without gaps. */
export interface Columns {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
}

/** 0, 1, ..., count - 1. By a loop: `Int32Array.from` takes longer than the QR factorization of order 16. */
export function inOrder(count: number): Int32Array {
  const order = new Int32Array(count);
  for (let j = 0; j < count; j++) order[j] = j;
  return order;
}

/**
 * Exact column pivoting of columns `stride` numbers apart, in place.
 *
 * @returns which column comes first, second and so on
 */
export function pivoted(
  frame: Frame,
  { address, rows, columns }: Columns,
  tau: number,
  stride = rows,
): Int32Array {
  const { geqp3, geqp3Workspace } = orthogonal();
  const order = frame.bytes(4 * columns);
  const work = frame.bytes(geqp3Workspace(rows, columns));
  geqp3(rows, columns, address, 8 * stride, tau, order, work);
  return new Int32Array(frame.heap.memory.buffer, order, columns).slice();
}
