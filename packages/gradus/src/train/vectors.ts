import type { ArrayValue, FloatType } from "@gradus/graph";

/** Elements of a part: what the runtime holds of parameters and optimizer is a few times as much. */
const MOST_ELEMENTS = 2 ** 20;

type Floats = Float32Array | Float64Array;

/** Some places of one array, the array by its number. */
export interface Piece {
  readonly array: number;
  readonly from: number;
  readonly to: number;
}

/** Arrays of these sizes, one after another, in parts of `most` elements; the last one may have fewer. */
export function partsOf(sizes: readonly number[], most = MOST_ELEMENTS): Piece[][] {
  const parts: Piece[][] = [];
  let room = 0;
  sizes.forEach((size, array) => {
    for (let from = 0; from < size; ) {
      if (room === 0) {
        parts.push([]);
        room = most;
      }
      const to = Math.min(size, from + room);
      parts.at(-1)?.push({ array, from, to });
      room -= to - from;
      from = to;
    }
  });
  return parts;
}

const floatsOf = (dtype: FloatType, length: number): Floats =>
  dtype === "f32" ? new Float32Array(length) : new Float64Array(length);

/** Arrays of the same shapes, to be filled. */
export function freshArrays(arrays: readonly ArrayValue[], dtype: FloatType): ArrayValue[] {
  return arrays.map(({ shape, data }) => ({ dtype, shape, data: floatsOf(dtype, data.length) }));
}

/** The numbers of a part as a vector: a view where they are of one array. */
export function vectorOf(
  arrays: readonly ArrayValue[],
  part: readonly Piece[],
  dtype: FloatType,
): ArrayValue {
  const views = part.map(({ array, from, to }) => arrays[array].data.subarray(from, to) as Floats);
  const length = part.reduce((sum, { from, to }) => sum + to - from, 0);
  if (views.length === 1) return { dtype, shape: [length], data: views[0] };
  const data = floatsOf(dtype, length);
  let at = 0;
  for (const view of views) {
    data.set(view, at);
    at += view.length;
  }
  return { dtype, shape: [length], data };
}

/** Puts a part's vector where its numbers belong. */
export function putVector({ data }: ArrayValue, part: readonly Piece[], arrays: readonly ArrayValue[]): void {
  let at = 0;
  for (const { array, from, to } of part) {
    (arrays[array].data as Floats).set(data.subarray(at, at + to - from) as Floats, from);
    at += to - from;
  }
}
