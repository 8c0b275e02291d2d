import { dot } from "../../../linalg/vector.ts";
import type { DesignMatrix } from "../../../objectives/design-matrix.ts";
import { rowNumbers } from "../../../objectives/design-matrix.ts";
import { columnsOfDesign } from "../columns.ts";
import { type BlockDuality, type BlockProblem, numbersAt, supportOf } from "../problem.ts";

/**
 * The duality gap with an l1 penalty, scikit-learn's:  ||r||^2 / 2 + lambda ||x||_1 - (||c||^2 - ||c + s r||^2) / 2  for
 * r = A x - c, with the largest s <= 1 for which |s A^T r| <= lambda (-s A^T r <= lambda over x >= 0). It is relative to
 * ||c||^2.
 */
function leastSquaresDuality(c: Float64Array): BlockDuality {
  return {
    scale: dot(c, c),
    gap({ kind, lambda }, x, r, g) {
      let steepest = lambda;
      let norm = 0;
      for (let j = 0; j < x.length; j++) {
        steepest = Math.max(steepest, kind === "l1" ? Math.abs(g[j]) : -g[j]);
        norm += Math.abs(x[j]);
      }
      const s = steepest > 0 ? lambda / steepest : 1;
      // -(||c||^2 - ||c + s r||^2) / 2 = s c^T r + s^2 ||r||^2 / 2
      return ((1 + s * s) * dot(r, r)) / 2 + s * dot(r, c) + lambda * norm;
    },
  };
}

/**
 * Least squares  f(x) = 1/2 ||A x - c||^2  by blocks;  g = A^T (A x - c), H_b = A_b^T A_b. The residual is carried
 * along x: a move costs the entries of |b| columns, a full gradient all entries of A. With a small Gram matrix at
 * hand, `blockQuadratic(A^T A, A^T c)` moves in |b| neighborhoods instead. Large designs are copied into WebAssembly
 * memory; programs that fit many in turn give it back with `using`, or `problem[Symbol.dispose]?.()`.
 *
 * @param A m x n: dense, or by compressed rows; it must not change while it is in use
 * @param c m numbers
 * @throws ArgumentError when the sizes of A and c differ
 * @throws DataError naming the place of a number that is not finite
 */
export function blockLeastSquares(A: DesignMatrix, c: ArrayLike<number>): BlockProblem {
  const columns = columnsOfDesign(A);
  const target = rowNumbers(c, columns.rows, "c");
  const { sweep, readsRows } = columns;
  // A^T c, the gradient at 0 but for its sign, costs little along with the squared norms where both read the rows
  const correlations = new Float64Array(columns.columns);
  if (readsRows?.()) columns.adjoint(target, correlations);
  const lipschitz = columns.squaredNorms();
  const gram: BlockProblem["bound"] = (block, out) => columns.gram(block, undefined, out);
  return {
    dimension: columns.columns,
    lipschitz,
    quadratic: true,
    carry(x) {
      const residual = new Float64Array(columns.rows);
      columns.product(x, residual);
      for (let i = 0; i < residual.length; i++) residual[i] -= target[i];
      return residual;
    },
    value: (_, residual) => dot(residual, residual) / 2,
    gradient(x, residual, out) {
      if (readsRows?.() && supportOf(x).length === 0) out.set(correlations.map((g) => 0 - g));
      else columns.adjoint(residual, out);
    },
    partials(_, residual, block, out) {
      columns.blockAdjoint(residual, block, out);
    },
    bound: gram,
    hessian: (_x, _residual, block, out) => gram(block, out),
    move(x, residual, block, step) {
      for (let p = 0; p < block.length; p++) x[block[p]] += step[p];
      columns.addColumns(block, step, residual);
    },
    boundProduct(block, values, out) {
      const image = new Float64Array(columns.rows);
      columns.addColumns(block, values, image);
      columns.adjoint(image, out);
    },
    boundRowSums: columns.gramRowSums,
    sweep:
      sweep &&
      (({ kind, lambda }, block, limits, y, residual) => {
        const how = { lambda, nonnegative: kind === "nonnegative-l1", ...limits };
        return sweep(block, numbersAt(block, lipschitz), how, y, residual);
      }),
    duality: leastSquaresDuality(target),
    [Symbol.dispose]: columns.release,
    gradientFlops: 2 * columns.entries,
    blockFlops: (block) => 2 * columns.blockEntries(block),
  };
}
