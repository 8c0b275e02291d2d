import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import { hasPositiveReducedCurvature } from "./curvature.ts";

/** The Newton system K dz = -grad L with K = [[B, G^T], [G, 0]] and its sizes. */
export interface KktSystem {
  /** n + m. */
  readonly order: number;
  /** order x order, row-major. */
  readonly K: Float64Array;
  /** n x n: H, or H + t I. */
  readonly B: Float64Array;
  /** Whether H is convex enough on the null space of G. */
  readonly convex: boolean;
  readonly normB: number;
  readonly normH: number;
}

export interface CurvatureOptions {
  /** Added to the diagonal of H where it is convex on the null space of G. */
  readonly shift?: number;
  readonly xiB: number;
  readonly curvatureFloor: number;
  readonly curvatureTest: "cholesky" | "lanczos" | undefined;
}

/** Above this many variables the reduced Hessian is not formed. */
const LARGEST_DENSE_TEST = 500;

/** The least eigenvalue of G G^T: the square of G's smallest singular value. */
export function leastSquaredSingularValue(G: Float64Array, m: number, n: number): number {
  const gram = new Float64Array(m * m);
  for (let i = 0; i < m; i++)
    for (let j = 0; j <= i; j++) {
      gram[i * m + j] = dot(G.subarray(i * n, (i + 1) * n), G.subarray(j * n, (j + 1) * n));
      gram[j * m + i] = gram[i * m + j];
    }
  return Math.max(0, symmetricEigenvalues(denseMatrix(gram, m, m))[m - 1]);
}

/** [[H + t I, G^T], [G, 0]], row-major. */
export function kktMatrix(
  H: Float64Array,
  G: Float64Array,
  n: number,
  m: number,
  t: number,
): Float64Array<ArrayBuffer> {
  const order = n + m;
  const K = new Float64Array(order * order);
  for (let i = 0; i < n; i++) {
    K.set(H.subarray(i * n, (i + 1) * n), i * order);
    K[i * (order + 1)] += t;
  }
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      K[(n + i) * order + j] = G[i * n + j];
      K[j * order + n + i] = G[i * n + j];
    }
  return K;
}

/**
 * The Newton system at a point:  B = H + t I,  t = shift  where  Z^T H Z >= curvatureFloor  on the null space Z of G
 * (or m = n), else  t = xiB + ||H||_F.
 *
 * @param H n x n, symmetric
 * @param G m x n
 */
export async function kktSystem(
  H: Float64Array,
  G: Float64Array,
  n: number,
  m: number,
  { shift = 0, xiB, curvatureFloor, curvatureTest }: CurvatureOptions,
): Promise<KktSystem> {
  const normH = norm2(H);
  const test = curvatureTest ?? (n <= LARGEST_DENSE_TEST ? "cholesky" : "lanczos");
  const convex = m === n || (await hasPositiveReducedCurvature(H, G, n, m, curvatureFloor, test));
  const B = H.slice();
  const added = convex ? shift : xiB + normH;
  for (let i = 0; i < n; i++) B[i * n + i] += added;
  return { order: n + m, K: kktMatrix(B, G, n, m, 0), B, convex, normB: norm2(B), normH };
}
