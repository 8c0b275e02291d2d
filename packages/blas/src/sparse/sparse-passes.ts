import { ConjugateVectors } from "../conjugate-vectors.ts";
import type { DesignPasses } from "../design-passes.ts";
import { sharedHeap, withFrame } from "../memory.ts";
import { bytesOf, placesFrom } from "./compressed-rows.ts";
import { sparse as family } from "./family.ts";
import { type SlicedMatrix, SparseSlices } from "./sparse-slices.ts";

/** Rows of more entries, in the mean, are summed in another order than those of slices. */
const SHORT_ROWS = 12;

/** What is known of a copy once it is made. */
interface CopyFacts {
  /** Whether all numbers are finite. */
  readonly isFinite: () => boolean;
  /** The most entries of a block, where the order of the rows in their blocks stands behind the copy. */
  readonly mostInBlock: (() => number) | undefined;
}

/** Passes over a sparse design, and how their own copies are given back. */
export interface SparsePasses extends DesignPasses {
  release(): void;
}

/** The passes over a sparse design by its copy row by row; repeated products by slices, with the same bits. */
export function sparsePasses(design: SlicedMatrix, facts: CopyFacts): SparsePasses {
  const { rows, columns, entries, copy } = design;
  const { mostInBlock } = facts;
  const slicedRows = entries < SHORT_ROWS * rows ? new SparseSlices(design, "rows") : undefined;
  const slicedColumns = new SparseSlices(design, "columns");
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
    product(x, out) {
      if (slicedRows?.pays()) slicedRows.product(x, out);
      else family().csrProduct(...matrix(), x, out);
    },
    adjoint(v, out) {
      // by rows, numbers that are not finite do not reach where v has zeros
      if (facts.isFinite() && slicedColumns.pays()) return slicedColumns.product(v, out);
      const all = matrix();
      clear(out);
      family().csrAdjoint(...all, v, out);
    },
    weightedProduct,
    vectors: (system, weightsIn) =>
      new ConjugateVectors(columns, system, weightsIn, family(), weightedProduct),
    release() {
      slicedRows?.release();
      slicedColumns.release();
    },
  };
}
