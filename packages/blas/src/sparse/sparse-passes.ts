import { ConjugateVectors } from "../conjugate-vectors.ts";
import type { DesignPasses } from "../design-passes.ts";
import { sharedHeap } from "../memory.ts";
import type { ResidentCopy } from "../resident-copy.ts";
import { placesFrom } from "./compressed-rows.ts";
import { sparse as family } from "./family.ts";

/** The passes over a sparse design of so many entries, by its copy row by row. */
export function sparsePasses(
  rows: number,
  columns: number,
  entries: number,
  copy: ResidentCopy,
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
    clear(out);
    family().csrWeightedProduct(...matrix(), weights, v, out);
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
