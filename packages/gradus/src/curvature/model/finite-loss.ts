import { DataError } from "../../check/errors.ts";
import type { ModelCurvature } from "./model-curvature.ts";

type Losses = Pick<ModelCurvature, "rows" | "loss">;

/**
 * The mean loss over all rows.
 *
 * @throws DataError naming the first row, or the smallest block of rows, on which the loss is not finite
 */
export async function finiteLoss(
  { rows, loss }: Losses,
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

/** Halves the rows until a single one is left or both halves have a finite loss. */
async function notFinite(
  loss: Losses["loss"],
  first: number,
  last: number,
  value: number,
): Promise<DataError> {
  let [start, end, worst] = [first, last, value];
  while (end - start > 1) {
    const middle = (start + end) >> 1;
    const left = await loss(start, middle);
    const right = Number.isFinite(left) ? await loss(middle, end) : Number.NaN;
    if (!Number.isFinite(left)) [end, worst] = [middle, left];
    else if (!Number.isFinite(right)) [start, worst] = [middle, right];
    else return new DataError(`the loss is ${worst} over the rows ${start} to ${end - 1} together`);
  }
  return new DataError(`the loss is ${worst} at row ${start} of the data`);
}
