import { type ArrayValue, flattenTree, isArrayValue } from "@gradus/graph";
import { SourceError, type SpectrumSource } from "./source.ts";

/** Where a number of an array is, such as `data.x, row 3, number 17 of it`. */
function placeOf(name: string, { shape, data }: ArrayValue, at: number): string {
  const width = Math.max(1, data.length / (shape[0] || 1));
  const row = Math.floor(at / width);
  return shape.length < 2 ? `${name}[${at}]` : `${name}, row ${row}, number ${at % width} of it`;
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

/**
 * The mean loss over all rows.
 *
 * @throws SourceError naming the first row, or the fewest rows together, on which the loss is not finite
 */
export async function finiteLoss(
  { rows, loss }: Pick<SpectrumSource, "rows" | "loss">,
  { block = 4096, signal }: { readonly block?: number; readonly signal?: AbortSignal } = {},
): Promise<number> {
  let sum = 0;
  for (let start = 0; start < rows; start += block) {
    signal?.throwIfAborted();
    const end = Math.min(start + block, rows);
    const value = await loss(start, end);
    if (!Number.isFinite(value)) throw await notFinite(loss, start, end, value);
    sum += (value * (end - start)) / rows;
  }
  return sum;
}

/** Halves the rows until a single one is left, or both halves are finite. */
async function notFinite(
  loss: SpectrumSource["loss"],
  first: number,
  last: number,
  value: number,
): Promise<SourceError> {
  let [start, end, worst] = [first, last, value];
  while (end - start > 1) {
    const middle = (start + end) >> 1;
    const left = await loss(start, middle);
    const right = Number.isFinite(left) ? await loss(middle, end) : Number.NaN;
    if (!Number.isFinite(left)) [end, worst] = [middle, left];
    else if (!Number.isFinite(right)) [start, worst] = [middle, right];
    else return new SourceError(`the loss is ${worst} over the rows ${start} to ${end - 1} together`);
  }
  return new SourceError(`the loss is ${worst} at row ${start} of the data`);
}
