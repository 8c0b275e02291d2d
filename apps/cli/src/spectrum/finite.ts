import { type ArrayValue, flattenTree, isArrayValue } from "@gradus/graph";
import { SourceError } from "./source.ts";

/** Where a number of an array is, such as `data.x, row 3, number 17 of it`. */
function placeOf(name: string, { shape, data }: ArrayValue, at: number): string {
  const width = Math.max(1, data.length / (shape[0] || 1));
  const row = Math.floor(at / width);
  return shape.length < 2 ? `${name}[${at}]` : `${name}, row ${row}, position ${at % width}`;
}

/** @throws SourceError naming the first number of a tree of arrays that is NaN or infinite */
export function assertFinite(tree: unknown, name: string): void {
  const { leaves, paths } = flattenTree(tree, isArrayValue);
  leaves.forEach((array, k) => {
    const { data } = array;
    if (data instanceof BigInt64Array) return;
    for (let i = 0; i < data.length; i++)
      if (!Number.isFinite(data[i])) {
        const path = paths[k] === "" ? name : `${name}.${paths[k]}`;
        throw new SourceError(`${placeOf(path, array, i)} must be a finite number, got ${data[i]}`);
      }
  });
}
