import {
  cholesky as compiledCholesky,
  choleskySolve as compiledSolve,
  gemmtr,
  residentMatrix,
  syrk,
} from "@gradus/blas/dense";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import { compiledFrom } from "../../linalg/compiled.ts";
import { cholesky, choleskySolve, solvePositiveDefinite } from "../../linalg/factorize/cholesky.ts";
import { NotPositiveDefiniteError } from "../../linalg/factorize/errors.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { type ActivationPatterns, checkPatterns } from "./patterns.ts";
import { type Factor, productInto, productTransposedInto, rowRange, zeroMatrix } from "./products.ts";

/** Rows from which the n x n factor is refused: it would take more than 1 GiB. */
export const MOST_ROWS = 11_585;

/** The linear maps of a convex program over P patterns, by products with the n x d design alone. */
export interface PatternSystem {
  readonly patterns: ActivationPatterns;
  /** P x n: 1 where row k is active, else 0. */
  readonly masks: Float64Array;
  /** X as a factor of products. */
  readonly design: Factor;
  /** Multiplications and additions of all products and triangular solves so far; factorizations are not counted. */
  flops(): number;
  /**
   * out = G u: row i is (2D_i - I) X u_i, for u of 2P rows.
   *
   * @param out 2P x n
   */
  signedInputs(u: DenseMatrix, out: DenseMatrix): void;
  /**
   * out = G^T s: row i is X^T (2D_i - I) s_i.
   *
   * @param s 2P x n, overwritten
   * @param out 2P x d
   */
  adjointInPlace(s: DenseMatrix, out: DenseMatrix): void;
  /** The outputs  F u = sum_i D_i X (v_i - w_i)  from the signed inputs G u. */
  outputs(signed: DenseMatrix, out: Float64Array): void;
  /** F^T r: row i is X^T D_i r, and minus that in row P + i. */
  outputAdjoint(r: Float64Array, out: DenseMatrix): void;
  /** (I + sigma F^T F + G^T G)^-1 b, of 2P x d numbers, in place. Factors when sigma is another than in the last call. */
  solve(b: DenseMatrix, sigma: number): void;
}

/** X^T X + I, inverted: d x d. */
function shiftedInverse(design: DenseMatrix): DenseMatrix {
  const { columns: d, values, rows } = design;
  const gram = zeroMatrix(d, d);
  if (rows * d * d >= compiledFrom.triangle) syrk({ a: design, transpose: true, c: gram });
  else
    for (let k = 0; k < rows; k++)
      for (let i = 0; i < d; i++)
        for (let j = 0; j < d; j++) gram.values[i * d + j] += values[k * d + i] * values[k * d + j];
  const identity = zeroMatrix(d, d);
  for (let i = 0; i < d; i++) {
    gram.values[i * (d + 1)] += 1;
    identity.values[i * (d + 1)] = 1;
  }
  return solvePositiveDefinite(gram, identity);
}

/** The Cholesky factor of a matrix, in WebAssembly memory where it is large. */
interface Factored {
  /** Solves K q = f in place. */
  solve(f: Float64Array): void;
  /** Gives the factor's memory back. */
  dispose(): void;
}

function factored(K: DenseMatrix): Factored {
  if (K.rows < compiledFrom.cholesky) {
    const factor = cholesky(K);
    return { solve: (f) => f.set(choleskySolve(factor, f)), dispose() {} };
  }
  const l = residentMatrix(K);
  const pivot = compiledCholesky({ a: l });
  if (pivot < K.rows) throw new NotPositiveDefiniteError(pivot);
  return {
    solve(f) {
      compiledSolve({ l, b: f });
    },
    dispose: () => l.dispose(),
  };
}

/**
 * The linear maps of the convex program of a two-layer network over given patterns. With N = (I + X^T X)^-1 and the
 * n x n matrix  K = I / sigma + 2 (X N X^T) o (D D^T),  D being n x P of zeros and ones,
 *
 *     (I + sigma F^T F + G^T G)^-1 b = c - N F^T K^-1 F c,   c = N b  block by block,
 *
 * because G^T G has the blocks X^T X. F (n x 2Pd) and G (2Pn x 2Pd) are never formed: a solve takes
 * 4 n d P + 6 d^2 P + 2 n^2 flops, after a Cholesky factor of order n and one of order d.
 *
 * @param design n x d, with a column of ones where units have biases
 * @throws ArgumentError when the patterns are of another number of rows, or n is above 11,585
 */
export function patternSystem(design: DenseMatrix, patterns: ActivationPatterns): PatternSystem {
  checkFiniteDense("design", design);
  const { rows: n, columns: d } = design;
  checkPatterns(patterns, n);
  const { count: P } = patterns;
  const masks = Float64Array.from(patterns.masks);
  const X: Factor = { plain: design, resident: residentMatrix(design) };
  const inverse = shiftedInverse(design);
  const N: Factor = { plain: inverse, resident: inverse };
  const blocks = zeroMatrix(2 * P, d);
  const difference = zeroMatrix(P, d);
  const perPattern = zeroMatrix(P, n);
  const middle = new Float64Array(n);
  let flops = 0;
  let coupling: DenseMatrix | undefined;
  let current: { readonly sigma: number; readonly factor: Factored } | undefined;

  /** The lower triangle of  2 (X N X^T) o (D D^T). */
  function couplingMatrix(): DenseMatrix {
    if (coupling) return coupling;
    if (n > MOST_ROWS)
      throw new ArgumentError(
        `the exact update needs an n x n factor and takes at most ${MOST_ROWS} rows, got ${n}; use convexNetworkIterates with update "block-coordinate"`,
      );
    const XN = zeroMatrix(n, d);
    productInto(design, N, XN);
    const D: DenseMatrix = { rows: P, columns: n, values: masks };
    // of symmetric matrices the factorization reads the lower triangles alone
    const H: DenseMatrix = gemmtr({ a: XN, b: X.resident, transposeB: true, c: zeroMatrix(n, n) });
    const overlap = syrk({ a: D, transpose: true, c: zeroMatrix(n, n) });
    for (let k = 0; k < n; k++)
      for (let at = k * n; at <= k * (n + 1); at++) H.values[at] *= 2 * overlap.values[at];
    coupling = H;
    return H;
  }

  /** The factor of K, which takes the coupling's place until it is factorized: a copy of n x n numbers costs time. */
  function factorFor(sigma: number): Factored {
    if (current?.sigma === sigma) return current.factor;
    current?.factor.dispose();
    current = undefined;
    const K = couplingMatrix();
    const diagonal = Float64Array.from({ length: n }, (_, k) => K.values[k * (n + 1)]);
    try {
      for (let k = 0; k < n; k++) K.values[k * (n + 1)] += 1 / sigma;
      current = { sigma, factor: factored(K) };
    } finally {
      for (let k = 0; k < n; k++) K.values[k * (n + 1)] = diagonal[k];
    }
    return current.factor;
  }

  function maskInto(r: Float64Array): void {
    for (let i = 0, at = 0; i < P; i++)
      for (let k = 0; k < n; k++, at++) perPattern.values[at] = masks[at] * r[k];
  }

  function activeSums(out: Float64Array): void {
    out.fill(0);
    const { values } = perPattern;
    for (let i = 0, at = 0; i < P; i++) for (let k = 0; k < n; k++, at++) out[k] += masks[at] * values[at];
  }

  const flip = (values: Float64Array) => {
    const half = P * n;
    for (let at = 0; at < half; at++) {
      const sign = 2 * masks[at] - 1;
      values[at] *= sign;
      values[half + at] *= sign;
    }
  };

  return {
    patterns,
    masks,
    design: X,
    flops: () => flops,
    signedInputs(u, out) {
      flops += productTransposedInto(u, X, out);
      flip(out.values);
    },
    adjointInPlace(s, out) {
      flip(s.values);
      flops += productInto(s, X, out);
    },
    outputs(signed, out) {
      // a signed input times its mask is the input itself where the row is active
      const { values } = signed;
      const half = P * n;
      out.fill(0);
      for (let i = 0, at = 0; i < P; i++)
        for (let k = 0; k < n; k++, at++) out[k] += masks[at] * (values[at] - values[half + at]);
    },
    outputAdjoint(r, out) {
      maskInto(r);
      flops += productInto(perPattern, X, rowRange(out, 0, P));
      const half = P * d;
      for (let at = 0; at < half; at++) out.values[half + at] = -out.values[at];
    },
    solve(b, sigma) {
      checkPositive({ sigma });
      const factor = factorFor(sigma);
      flops += productInto(b, N, blocks);
      const half = P * d;
      for (let at = 0; at < half; at++) difference.values[at] = blocks.values[at] - blocks.values[half + at];
      flops += productTransposedInto(difference, X, perPattern);
      activeSums(middle);
      factor.solve(middle);
      flops += 2 * n * n;
      maskInto(middle);
      flops += productInto(perPattern, X, difference);
      flops += productInto(difference, N, rowRange(b, 0, P));
      for (let at = 0; at < half; at++) {
        const change = b.values[at];
        b.values[at] = blocks.values[at] - change;
        b.values[half + at] = blocks.values[half + at] + change;
      }
    },
  };
}
