import { type ArrayValue, flattenTree, isArrayValue } from "@gradus/graph";
import { SourceError } from "../data-files/source-error.ts";

/** Where a number of an array is, such as `data.x[3, 17]`. */
function placeOf(name: string, { shape }: ArrayValue, at: number): string {
  let rest = at;
  const index = shape
    .toReversed()
    .map((size) => {
      const own = rest % size;
      rest = Math.floor(rest / size);
      return own;
    })
    .reverse();
  return `${name}[${index.join(", ")}]`;
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
