import { cholesky, choleskySolve } from "../../../linalg/factorize/cholesky.ts";
import { type SymmetricEigen, symmetricEigen } from "../../../linalg/factorize/symmetric-eigen.ts";
import type { DenseMatrix } from "../../../linalg/matrix.ts";
import type { PatternSystem } from "../pattern-system.ts";
import { type Factor, productInto, productTransposedInto, rowRange, zeroMatrix } from "../products.ts";

/** The linear system of the robust program in blocks V (2P x d) and bounds tau (2P) of their 1-norms. */
export interface RobustSystem {
  /** P x n of zeros and ones. */
  readonly masks: DenseMatrix;
  /** out = the n x d matrix of the rows  a_k = sum_i d_ik (v_i - w_i). */
  rowSums(V: Float64Array, out: DenseMatrix): void;
  /** Solves for (V, tau), in place of the right side. */
  solve(V: DenseMatrix, tau: Float64Array): void;
}

function eigenFactors(matrix: DenseMatrix): { values: Float64Array; vectors: Factor } {
  const { values, vectors }: SymmetricEigen = symmetricEigen(matrix);
  return { values, vectors: { plain: vectors, resident: vectors } };
}

function gramOf(A: DenseMatrix): DenseMatrix {
  const gram = zeroMatrix(A.rows, A.rows);
  productTransposedInto(A, { plain: A, resident: A }, gram);
  return gram;
}

function transposedOf({ rows, columns, values }: DenseMatrix): DenseMatrix {
  const result = zeroMatrix(columns, rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result.values[j * rows + i] = values[i * columns + j];
  return result;
}

/**
 * The system of the u-step of the robust program. Its V part is, for sums and differences of the blocks of a pattern,
 *
 *     sums: 2I + X^T X,      differences: (2I + X^T X) (x) I + 2 I (x) (M), M_ij = rows active under both patterns,
 *
 * which the eigenvectors of X^T X and of M make diagonal: a solve takes 8 P d (P + d) operations and no matrix of order
 * 2Pd. Each tau_i is coupled to its own block, -epsilon X^T (2D_i - I) 1, and eliminated by a Schur complement of order 2P.
 */
export function robustSystem(system: PatternSystem, epsilon: number): RobustSystem {
  const { patterns, design } = system;
  const { rows: n, columns: d } = design.plain;
  const P = patterns.count;
  const masks: DenseMatrix = { rows: P, columns: n, values: system.masks };
  const byColumn = eigenFactors(gramOf(transposedOf(design.plain)));
  const byPattern = eigenFactors(gramOf(masks));
  const byPatternTransposed = transposedOf(byPattern.vectors.plain);
  const half = P * d;
  const parts = [zeroMatrix(P, d), zeroMatrix(P, d)];
  const turned = zeroMatrix(P, d);
  const mixed = zeroMatrix(P, d);

  /** The V part alone, in place. */
  function solveBlocks({ values: V }: DenseMatrix): void {
    const [sums, differences] = parts;
    for (let at = 0; at < half; at++) {
      sums.values[at] = (V[at] + V[half + at]) / 2;
      differences.values[at] = (V[at] - V[half + at]) / 2;
    }
    productInto(sums, byColumn.vectors, turned);
    for (let i = 0, at = 0; i < P; i++)
      for (let j = 0; j < d; j++, at++) turned.values[at] /= 2 + byColumn.values[j];
    productTransposedInto(turned, byColumn.vectors, sums);
    productInto(differences, byColumn.vectors, turned);
    productInto(byPatternTransposed, { plain: turned, resident: turned }, mixed);
    for (let i = 0, at = 0; i < P; i++)
      for (let j = 0; j < d; j++, at++) mixed.values[at] /= 2 + byColumn.values[j] + 2 * byPattern.values[i];
    productInto(byPattern.vectors.plain, { plain: mixed, resident: mixed }, turned);
    productTransposedInto(turned, byColumn.vectors, differences);
    for (let at = 0; at < half; at++) {
      V[at] = sums.values[at] + differences.values[at];
      V[half + at] = sums.values[at] - differences.values[at];
    }
  }

  /** Row i is -epsilon X^T (2D_i - I) 1, of both halves. */
  const coupling = zeroMatrix(2 * P, d);
  const ones = zeroMatrix(2 * P, n);
  ones.values.fill(-epsilon);
  system.adjointInPlace(ones, coupling);

  const schur = zeroMatrix(2 * P, 2 * P);
  const column = zeroMatrix(2 * P, d);
  const rowDot = (i: number, V: DenseMatrix) => {
    let sum = 0;
    for (let at = i * d; at < (i + 1) * d; at++) sum += coupling.values[at] * V.values[at];
    return sum;
  };
  for (let i = 0; i < 2 * P; i++) {
    column.values.fill(0);
    column.values.set(rowRange(coupling, i, 1).values, i * d);
    solveBlocks(column);
    for (let j = 0; j < 2 * P; j++) schur.values[j * 2 * P + i] = -rowDot(j, column);
    schur.values[i * (2 * P + 1)] += 1 + epsilon * epsilon * n;
  }
  const factor = cholesky(schur);

  const masksTransposed = transposedOf(masks);

  return {
    masks,
    rowSums(V, out) {
      for (let at = 0; at < half; at++) turned.values[at] = V[at] - V[half + at];
      productInto(masksTransposed, { plain: turned, resident: turned }, out);
    },
    solve(V, tau) {
      column.values.set(V.values);
      solveBlocks(column);
      for (let i = 0; i < 2 * P; i++) tau[i] -= rowDot(i, column);
      tau.set(choleskySolve(factor, tau));
      for (let i = 0; i < 2 * P; i++)
        for (let at = i * d; at < (i + 1) * d; at++) V.values[at] -= coupling.values[at] * tau[i];
      solveBlocks(V);
    },
  };
}
