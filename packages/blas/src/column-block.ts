import { BlasArgumentError } from "./errors.ts";
import type { Frame } from "./memory.ts";

/** @throws BlasArgumentError naming a number of a block that is no column */
export function checkBlock(block: Int32Array, columns: number): void {
  for (let p = 0; p < block.length; p++)
    if (!(block[p] >= 0 && block[p] < columns))
      throw new BlasArgumentError(`block must have column indices from 0 to ${columns - 1}, got ${block[p]}`);
}

/** The columns of a block in WebAssembly memory, each checked. */
export function blockIn(frame: Frame, block: Int32Array, columns: number): number {
  checkBlock(block, columns);
  const address = frame.bytes(4 * block.length);
  new Int32Array(frame.heap.memory.buffer, address, block.length).set(block);
  return address;
}
