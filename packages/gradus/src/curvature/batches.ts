import { type ArrayValue, flattenTree, unflattenTree } from "@gradus/graph";
import { isArray } from "../train/signature.ts";

/** The rows from `start` to `end` of every array, not copied. */
export function rowRange<D>(data: D, start: number, end: number): D {
  const { leaves, structure } = flattenTree(data, isArray);
  const parts = leaves.map(({ dtype, shape: [rows, ...rest], data: all }): ArrayValue => {
    const width = rest.reduce((product, size) => product * size, 1);
    return {
      dtype,
      shape: [Math.min(end, rows) - start, ...rest],
      data: all.subarray(start * width, end * width),
    };
  });
  return unflattenTree(structure, parts) as D; // the structure is that of `data`
}
