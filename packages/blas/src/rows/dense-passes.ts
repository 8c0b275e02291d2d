import { ConjugateVectors } from "../conjugate-vectors.ts";
import type { DesignPasses } from "../design-passes.ts";
import { withFrame } from "../memory.ts";
import type { ResidentCopy } from "../resident-copy.ts";
import { rows as family } from "./family.ts";

/** The passes over a dense design, by its copy row by row. */
export function densePasses(rows: number, columns: number, copy: ResidentCopy): DesignPasses {
  const stride = 8 * columns;
  function weightedProduct(weights: number, v: number, out: number): void {
    const { address } = copy;
    withFrame("a weighted product with a design matrix", (frame) =>
      family().weightedProduct(rows, columns, address, stride, weights, v, out, frame.bytes(32)),
    );
  }
  return {
    rows,
    columns,
    load: () => copy.load(),
    product: (x, out) => family().gemv(rows, columns, 1, copy.address, stride, 0, x, 0, out),
    adjoint: (v, out) => family().gemv(rows, columns, 1, copy.address, stride, 1, v, 0, out),
    weightedProduct,
    logisticPass: (...places) => family().logisticPass(rows, columns, copy.address, stride, ...places),
    vectors: (system, weightsIn) =>
      new ConjugateVectors(columns, system, weightsIn, family(), weightedProduct),
  };
}
