import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";

/** How coordinates are grouped into blocks: fixed groups, or the best ones anew at every step. */
export type BlockPartition = "order" | "sort" | "average" | "random" | "variable";

/** How fixed blocks are formed. */
export interface PartitionOptions {
  readonly blockSize: number;
  readonly partition: Exclude<BlockPartition, "variable">;
  readonly seed?: number;
}

/**
 * Refuses a block size that is not an integer in 1 .. dimension.
 *
 * @throws ArgumentError
 */
export function checkBlockSize(blockSize: number, dimension: number): void {
  checkIntegerWithin(1, dimension, { blockSize });
}

/**
 * Groups the coordinates with L_i > 0 into fixed blocks; the last one may be shorter. `order`: neighbors in the
 * numbering; `sort`: similar L_i; `average`: alternately the smallest and the largest L_i left; `random`.
 *
 * @param lipschitz L_i of every coordinate
 * @throws ArgumentError unless blockSize is an integer in 1 .. n
 */
export function partitionCoordinates(lipschitz: Float64Array, options: PartitionOptions): Int32Array[] {
  checkGivenOptions("partitionCoordinates", options, ["blockSize", "partition", "seed"]);
  const { blockSize, partition, seed = 0 } = options;
  checkBlockSize(blockSize, lipschitz.length);
  const used = Int32Array.from(lipschitz.keys()).filter((i) => lipschitz[i] > 0);
  const blocks: Int32Array[] = [];
  const ordered = inOrder(used, lipschitz, partition, seed);
  for (let start = 0; start < ordered.length; start += blockSize)
    blocks.push(ordered.slice(start, start + blockSize));
  return blocks;
}

function inOrder(
  used: Int32Array,
  lipschitz: Float64Array,
  partition: PartitionOptions["partition"],
  seed: number,
): Int32Array {
  if (partition === "order") return used;
  if (partition === "random") return randomStream(seed).split("partition").shuffle(used);
  const sorted = used.toSorted((a, b) => lipschitz[a] - lipschitz[b] || a - b);
  if (partition === "sort") return sorted;
  if (partition === "average")
    return sorted.map((_, p) => sorted[p % 2 ? sorted.length - (p + 1) / 2 : p / 2]);
  throw new ArgumentError(
    `partition must be order, random, sort, average or variable, got ${shown(partition)}`,
  );
}

/**
 * Checks that blocks cover every coordinate once, and copies them.
 *
 * @throws ArgumentError naming a coordinate that is missing, repeated or out of range, or an empty block
 */
export function checkBlocks(blocks: readonly ArrayLike<number>[], dimension: number): Int32Array[] {
  if (!Array.isArray(blocks)) throw new ArgumentError(`blocks must be an array, got ${shown(blocks)}`);
  const owner = new Int32Array(dimension).fill(-1);
  blocks.forEach((block, b) => {
    if (block.length === 0) throw new ArgumentError(`blocks[${b}] must have at least one coordinate`);
    for (let p = 0; p < block.length; p++) {
      const i = block[p];
      if (!Number.isInteger(i) || i < 0 || i >= dimension)
        throw new ArgumentError(`blocks[${b}] must hold coordinates 0 .. ${dimension - 1}, got ${i}`);
      if (owner[i] >= 0)
        throw new ArgumentError(`blocks repeat coordinate ${i}: in blocks ${owner[i]} and ${b}`);
      owner[i] = b;
    }
  });
  const missing = owner.indexOf(-1);
  if (missing >= 0) throw new ArgumentError(`blocks must cover every coordinate; ${missing} is in none`);
  return blocks.map((block) => Int32Array.from(block));
}
