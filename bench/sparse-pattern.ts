import type { RandomStream } from "gradus/random";

/** Rows of 1 to 2 perRow - 1 entries, ascending: one in each of as many parts of the columns. */
export function sparsePattern(stream: RandomStream, rows: number, columns: number, perRow: number) {
  const pointers = [0];
  const indices: number[] = [];
  for (let i = 0; i < rows; i++) {
    const entries = 1 + Math.floor((2 * perRow - 1) * stream.uniform());
    for (let k = 0; k < entries; k++) {
      const from = Math.floor((k * columns) / entries);
      const to = Math.floor(((k + 1) * columns) / entries);
      indices.push(from + Math.floor((to - from) * stream.uniform()));
    }
    pointers.push(indices.length);
  }
  return { pointers, indices };
}
