import { ConjugateVectors } from "../conjugate-vectors.ts";
import type { DesignPasses } from "../design-passes.ts";
import { sharedHeap, withFrame } from "../memory.ts";
import type { ResidentCopy } from "../resident-copy.ts";
import { bytesOf, placesFrom } from "./compressed-rows.ts";
import { sparse as family } from "./family.ts";

/**
 * The passes over a sparse design of so many entries, by its copy row by row.
 *
 * @param mostInBlock the most entries of a block, where the order of the rows in their blocks stands behind the copy
 */
export function sparsePasses(
  rows: number,
  columns: number,
  entries: number,
  copy: ResidentCopy,
  mostInBlock?: () => number,
): DesignPasses {
  function matrix() {
    const { pointers, indices, values } = placesFrom(copy.address, entries);
    return [rows, pointers, indices, values] as const;
  }
  /** Passes add to what is there. */
  function clear(out: number): void {
    sharedHeap().numbers.fill(0, out / 8, out / 8 + columns);
  }
  function weightedProduct(weights: number, v: number, out: number): void {
    const all = matrix();
    clear(out);
    if (mostInBlock)
      withFrame("a weighted product with a sparse matrix", (frame) => {
        const order = copy.address + bytesOf(entries, rows);
        family().orderedWeightedProduct(...all, order, frame.numbers(mostInBlock()), weights, v, out);
      });
    else family().csrWeightedProduct(...all, weights, v, out);
  }
  return {
    rows,
    columns,
    load: () => copy.load(),
    product: (x, out) => family().csrProduct(...matrix(), x, out),
    adjoint(v, out) {
      clear(out);
      family().csrAdjoint(...matrix(), v, out);
    },
    weightedProduct,
    vectors: (system, weightsIn) =>
      new ConjugateVectors(columns, system, weightsIn, family(), weightedProduct),
  };
}
