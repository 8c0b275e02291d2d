import { luFactorize, luSolve } from "../../linalg/factorize/lu.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { dot, norm2 } from "../../linalg/vector.ts";

/** Steps s and changes of gradient y, the oldest first, with their products: plain data. */
export interface PairProducts {
  readonly s: readonly Float64Array[];
  readonly y: readonly Float64Array[];
  /** s_i^T y_j and s_i^T s_j, k x k. */
  readonly sy: Float64Array;
  readonly ss: Float64Array;
  /** What the gradients are divided by, where their squares would leave the doubles: a power of two. */
  readonly unit?: number;
}

/** No pairs. */
export const noPairs: PairProducts = { s: [], y: [], sy: new Float64Array(), ss: new Float64Array() };

/** The lower right block of order `kept` of a k x k matrix, in a matrix of order kept + 1. */
function grown(matrix: Float64Array, k: number, kept: number): Float64Array<ArrayBuffer> {
  const next = new Float64Array((kept + 1) ** 2);
  for (let i = 0; i < kept; i++)
    for (let j = 0; j < kept; j++) next[i * (kept + 1) + j] = matrix[(k - kept + i) * k + (k - kept + j)];
  return next;
}

/**
 * The pairs with one more, at most `memory` of them, O(memory n); one without positive curvature, or so long that its
 * square overflows, is left out.
 */
export function addPair(pairs: PairProducts, s: Float64Array, y: Float64Array, memory: number): PairProducts {
  if (!(dot(s, y) > Number.EPSILON * norm2(s) * norm2(y) && dot(s, s) < Number.POSITIVE_INFINITY))
    return pairs;
  const k = pairs.s.length;
  const kept = Math.min(k, memory - 1);
  const [allS, allY] = [
    [...pairs.s.slice(k - kept), s],
    [...pairs.y.slice(k - kept), y],
  ];
  const sy = grown(pairs.sy, k, kept);
  const ss = grown(pairs.ss, k, kept);
  const order = kept + 1;
  for (let i = 0; i < order; i++) {
    sy[i * order + kept] = dot(allS[i], y);
    sy[kept * order + i] = dot(s, allY[i]);
    ss[i * order + kept] = dot(allS[i], s);
    ss[kept * order + i] = ss[i * order + kept];
  }
  return { ...pairs, s: allS, y: allY, sy, ss };
}

/** The matrix B = theta I - W M W^T of limited-memory BFGS, W = [Y, theta S] with n rows and 2 k columns. */
export interface CompactHessian {
  readonly theta: number;
  /** 2 k. */
  readonly columns: number;
  /** Row i of W. */
  row(i: number, out: Float64Array): void;
  /** W^T v. */
  adjoint(v: Float64Array): Float64Array;
  /** M^-1, columns x columns. */
  readonly inverseMiddle: Float64Array;
  /** M p. */
  middle(p: Float64Array): Float64Array;
}

/**
 * B from its pairs.
 * Source: Byrd, Nocedal & Schnabel 1994, "Representations of quasi-Newton matrices and their use in limited memory
 * methods", equations 3.2 and 3.3 of Byrd, Lu, Nocedal & Zhu 1995.
 */
export function compactHessian({ s, y, sy, ss }: PairProducts): CompactHessian {
  const k = s.length;
  if (k === 0) {
    const none = new Float64Array();
    return { theta: 1, columns: 0, row() {}, adjoint: () => none, inverseMiddle: none, middle: (p) => p };
  }
  const last = y[k - 1];
  const theta = dot(last, last) / sy[k * k - 1];
  const order = 2 * k;
  const inverse = new Float64Array(order * order); // [[-D, L^T], [L, theta S^T S]]
  for (let i = 0; i < k; i++) {
    inverse[i * order + i] = -sy[i * k + i];
    for (let j = 0; j < k; j++) {
      inverse[(k + i) * order + k + j] = theta * ss[i * k + j];
      if (i > j) {
        inverse[(k + i) * order + j] = sy[i * k + j];
        inverse[j * order + k + i] = sy[i * k + j];
      }
    }
  }
  const factors = luFactorize(denseMatrix(inverse, order, order));
  return {
    theta,
    columns: order,
    inverseMiddle: inverse,
    row(i, out) {
      for (let a = 0; a < k; a++) {
        out[a] = y[a][i];
        out[k + a] = theta * s[a][i];
      }
    },
    adjoint(v) {
      const out = new Float64Array(order);
      for (let a = 0; a < k; a++) {
        out[a] = dot(y[a], v);
        out[k + a] = theta * dot(s[a], v);
      }
      return out;
    },
    middle: (p) => luSolve(factors, p),
  };
}
