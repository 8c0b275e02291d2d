import { floatData } from "@gradus/graph";
import { areFinite } from "../check/arrays.ts";
import { ArgumentError } from "../check/errors.ts";
import { flattenArrays, mapArrays, type ValuesOf } from "./arrays.ts";

/**
 * The numbers of a tree of arrays, one array after another.
 *
 * @throws ArgumentError when an array is i64
 */
export function flatNumbers(tree: unknown): Float64Array<ArrayBuffer> {
  const { leaves } = flattenArrays(tree);
  const flat = new Float64Array(leaves.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of leaves) {
    if (data instanceof BigInt64Array) throw new ArgumentError("the arrays must be f32 or f64, got i64");
    flat.set(data, at);
    at += data.length;
  }
  return flat;
}

/** A tree of the structure, shapes and element types of `like` with the given numbers. */
export function withNumbers<P extends ValuesOf<P>>(like: P, flat: Float64Array): P {
  let at = 0;
  return mapArrays(({ dtype, shape, data }) => {
    const part = flat.subarray(at, at + data.length);
    at += data.length;
    return { dtype, shape, data: dtype === "f32" ? new Float32Array(part) : new Float64Array(part) };
  }, like);
}

/** The sum of squares, in four parallel sums so that no addition waits for the one before it. */
export function sumOfSquares(values: Float64Array | Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i] * values[i];
    b += values[i + 1] * values[i + 1];
    c += values[i + 2] * values[i + 2];
    d += values[i + 3] * values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += values[i] * values[i];
  return a + b + (c + d);
}

/** The sum of the squares of all numbers of a tree of arrays. */
export function squaredNormOf(tree: unknown): number {
  let total = 0;
  for (const leaf of flattenArrays(tree).leaves) total += sumOfSquares(floatData(leaf));
  return total;
}

/** Finds the first number of a tree of arrays that is not finite. */
export function firstNotFinite(
  tree: unknown,
): { readonly path: string; readonly index: number; readonly value: number } | undefined {
  const { leaves, paths } = flattenArrays(tree);
  for (const [k, { data }] of leaves.entries()) {
    if (!(data instanceof Float32Array || data instanceof Float64Array) || areFinite(data)) continue;
    for (let index = 0; index < data.length; index++)
      if (!Number.isFinite(data[index])) return { path: paths[k], index, value: data[index] };
  }
  return undefined;
}
