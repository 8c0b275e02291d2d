import type { ArrayValue, DataArray } from "@gradus/graph";
import { ArgumentError, DataError } from "../check/errors.ts";
import { flattenArrays, mapArrays, misfit, type ValuesOf } from "./arrays.ts";

const widthOf = ({ shape }: ArrayValue): number =>
  shape.slice(1).reduce((product, size) => product * size, 1);

/**
 * The number of rows that all arrays share.
 *
 * @throws DataError naming the array that has another number, or other elements than its shape says, or when there are no
 * arrays or no rows
 */
export function rowCount(data: unknown, name = "data"): number {
  const { leaves, paths } = flattenArrays(data);
  if (leaves.length === 0) throw new DataError(`${name}: expected at least one array, got none`);
  const rows = leaves[0].shape[0];
  leaves.forEach((leaf, i) => {
    const { shape } = leaf;
    if (shape[0] !== rows)
      throw new DataError(
        `${name}.${paths[i]}: has ${shape[0]} rows, ${name}.${paths[0]} has ${rows}; rows must be equal`,
      );
    const wrong = misfit(leaf);
    if (wrong) throw new DataError(`${name}.${paths[i]}: ${wrong}`);
  });
  if (rows === 0) throw new DataError(`${name}: expected at least one row, got none`);
  return rows;
}

/**
 * Rows `start` .. `end` - 1 of every array as views, or up to the last row when `end` is past it.
 *
 * @throws DataError when an array has other elements than its shape says
 */
export function rowRange<D>(data: D, start: number, end: number): D {
  return mapArrays((array) => {
    const wrong = misfit(array);
    if (wrong) throw new DataError(`data: ${wrong}`);
    const { dtype, shape, data: all } = array;
    const width = widthOf(array);
    return {
      dtype,
      shape: [Math.min(end, shape[0]) - start, ...shape.slice(1)],
      data: all.subarray(start * width, end * width),
    };
  }, data);
}

/** The members shared by all typed arrays that copying rows uses. */
interface Numbers<A> {
  readonly length: number;
  subarray(start: number, end: number): A;
  set(values: A, at?: number): void;
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
 * The given rows of every array, in the given order; rows may repeat.
 *
 * @throws ArgumentError when no rows are given, or one is out of range
 */
export function takeRows<D extends ValuesOf<D>>(data: D, rows: ArrayLike<number>): D {
  const total = rowCount(data);
  if (rows.length === 0) throw new ArgumentError("rows must have at least one row, got none");
  for (let i = 0; i < rows.length; i++)
    if (!Number.isInteger(rows[i]) || rows[i] < 0 || rows[i] >= total)
      throw new ArgumentError(`rows[${i}] must be an integer from 0 to ${total - 1}, got ${rows[i]}`);
  return mapArrays((array): ArrayValue => {
    const { dtype, shape, data: all } = array;
    return { dtype, shape: [rows.length, ...shape.slice(1)], data: pick(all, widthOf(array), rows) };
  }, data);
}

function joined<A extends Numbers<A>>(all: A, first: A, second: A): A {
  all.set(first);
  all.set(second, first.length);
  return all;
}

function joinedData(a: DataArray, b: DataArray): DataArray {
  const length = a.length + b.length;
  if (a instanceof Float32Array && b instanceof Float32Array)
    return joined<Float32Array>(new Float32Array(length), a, b);
  if (a instanceof Float64Array && b instanceof Float64Array)
    return joined<Float64Array>(new Float64Array(length), a, b);
  if (a instanceof BigInt64Array && b instanceof BigInt64Array)
    return joined<BigInt64Array>(new BigInt64Array(length), a, b);
  return Uint8Array.from([...a, ...b], Number);
}

/** The rows of one batch followed by those of another of the same structure. */
export function joinRows<D extends ValuesOf<D>>(first: D, second: D): D {
  return mapArrays(
    ({ dtype, shape: [rows, ...rest], data }, other): ArrayValue => ({
      dtype,
      shape: [rows + other.shape[0], ...rest],
      data: joinedData(data, other.data),
    }),
    first,
    second,
  );
}
