import { type ArrayValue, type DataArray, flattenTree, unflattenTree } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import type { randomStream } from "../../random/stream.ts";
import type { Values } from "../../train/contract.ts";
import { isArray, rowsOf } from "../../train/signature.ts";
import type { BatchSampling } from "./effective-batch-size.ts";

/** What all typed arrays have of which rows are copied. */
interface Numbers<A> {
  subarray(start: number, end: number): A;
  set(values: A, at: number): void;
}

function copyRows<A extends Numbers<A>>(from: A, to: A, width: number, rows: ArrayLike<number>): A {
  for (let i = 0; i < rows.length; i++)
    to.set(from.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  return to;
}

function pick(all: DataArray, width: number, rows: ArrayLike<number>): DataArray {
  const length = rows.length * width;
  if (all instanceof Float32Array) return copyRows<Float32Array>(all, new Float32Array(length), width, rows);
  if (all instanceof Float64Array) return copyRows<Float64Array>(all, new Float64Array(length), width, rows);
  if (all instanceof BigInt64Array)
    return copyRows<BigInt64Array>(all, new BigInt64Array(length), width, rows);
  return copyRows<Uint8Array>(all, new Uint8Array(length), width, rows);
}

/**
 * The given rows of every array of data, in the given order; rows may repeat.
 *
 * @throws ArgumentError when there is no row, or one is not there
 */
export function takeRows<D extends Values>(data: D, rows: ArrayLike<number>): D {
  const total = rowsOf(data);
  if (rows.length === 0) throw new ArgumentError("rows must be at least one, got none");
  for (let i = 0; i < rows.length; i++)
    if (!Number.isInteger(rows[i]) || rows[i] < 0 || rows[i] >= total)
      throw new ArgumentError(`rows[${i}] must be a whole number in 0 .. ${total - 1}, got ${rows[i]}`);
  const { leaves, structure } = flattenTree(data, isArray);
  const taken = leaves.map(({ dtype, shape: [, ...rest], data: all }): ArrayValue => {
    const width = rest.reduce((product, size) => product * size, 1);
    return { dtype, shape: [rows.length, ...rest], data: pick(all, width, rows) };
  });
  return unflattenTree(structure, taken) as D; // the structure is that of `data`
}

/** The rows of one random batch: distinct ones in random order, or each drawn from all. */
export function drawBatch(
  stream: ReturnType<typeof randomStream>,
  datasetSize: number,
  batchSize: number,
  { replacement = false }: BatchSampling = {},
): Int32Array {
  if (replacement) return Int32Array.from({ length: batchSize }, () => stream.integer(datasetSize));
  return stream.permutation(datasetSize).subarray(0, batchSize);
}
