import { denseMultiply } from "../../linalg/dense.ts";
import { transposed } from "../../linalg/dense-product.ts";
import { cholesky } from "../../linalg/factorize/cholesky.ts";
import { NotPositiveDefiniteError } from "../../linalg/factorize/errors.ts";
import { qrApply, qrApplyAdjoint, qrFactorize, qrMultiplyAdjoint } from "../../linalg/factorize/qr.ts";
import { extremeEigenpairs } from "../../linalg/krylov/extreme-eigenpairs.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import type { LinearOperator } from "../../linalg/operator/contract.ts";
import { norm2 } from "../../linalg/vector.ts";

/**
 * Whether every eigenvalue of Z^T H Z is at least `floor`, Z an orthonormal basis of the null space of G, m < n.
 *
 * "cholesky" forms Z^T H Z - floor I and factorizes it: O(n^2 m + (n - m)^3), exact up to rounding. "lanczos" estimates
 * the least eigenvalue of P H P + ||H||_F (I - P), P the projection on the null space, from products alone: O(n^2) a
 * step. The estimate comes from above, so it may miss a negative eigenvalue that is hard to separate; the descent test
 * of the methods then still protects them.
 *
 * @param H n x n, symmetric, row-major
 * @param G m x n, row-major, of full rank
 */
export async function hasPositiveReducedCurvature(
  H: Float64Array,
  G: Float64Array,
  n: number,
  m: number,
  floor: number,
  test: "cholesky" | "lanczos",
): Promise<boolean> {
  const F = qrFactorize(denseMatrix(transposed(G, m, n), n, m));
  if (test === "lanczos") {
    const scale = norm2(H);
    if (scale === 0) return 0 >= floor;
    const project = (x: Float64Array): Float64Array => {
      const image = qrApplyAdjoint(F, x.slice());
      image.fill(0, 0, m);
      return qrApply(F, image);
    };
    const operator: LinearOperator = {
      rows: n,
      columns: n,
      symmetric: true,
      apply(x, out) {
        const inside = project(x);
        const image = project(denseMultiply(H, n, n, inside));
        for (let i = 0; i < n; i++) out[i] = image[i] + scale * (x[i] - inside[i]);
      },
    };
    const { values } = await extremeEigenpairs(operator, {
      count: 1,
      which: "smallest",
      tolerance: 1e-4,
      maxSteps: Math.min(n, 200),
    });
    return values[0] >= floor;
  }
  // the last rows of Q^T H are Z^T H, whose transpose takes the same way to Z^T H Z
  const k = n - m;
  const half = qrMultiplyAdjoint(F, denseMatrix(H, n, n)).values.subarray(m * n);
  const reduced = qrMultiplyAdjoint(F, denseMatrix(transposed(half, k, n), n, k)).values.slice(m * k);
  for (let j = 0; j < k; j++) reduced[j * k + j] -= floor;
  try {
    cholesky(denseMatrix(reduced, k, k));
    return true;
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return false;
    throw error;
  }
}
