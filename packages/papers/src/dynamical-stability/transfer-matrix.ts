import { batchNoiseShare } from "gradus/curvature";
import { cholesky, type DenseMatrix, denseMatrix, symmetricEigenvalues } from "gradus/linalg";

/** The rows in an orthonormal basis of their span: as they are, or the Cholesky factor of their inner products. */
function inSpan(J: DenseMatrix): DenseMatrix {
  const { rows: n, columns: P, values } = J;
  if (P <= n) return J;
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < P; k++) gram[i * n + j] += values[i * P + k] * values[j * P + k];
  const { L } = cholesky(denseMatrix(gram, n, n));
  return {
    rows: n,
    columns: n,
    values: L.values.map((value, k) => (k % n <= Math.floor(k / n) ? value : 0)),
  };
}

/**
 * The spectral radius of the second-moment recursion from its explicit matrix, with the gradients as the rows of J and
 * Kronecker products x,
 *
 *     T = I - eta (G x I + I x G) + eta^2 [(p/n) sum_i (g_i g_i^T) x (g_i g_i^T) + (1 - p) G x G],
 *
 * r^2 x r^2 on the span of the gradients: r^6 operations, for r up to about 10.
 */
export function transferRadius(J: DenseMatrix, batchSize: number, rate: number): number {
  const { rows: n, columns: r, values } = inSpan(J);
  const p = batchNoiseShare(n, { batchSize });
  const G = new Float64Array(r * r);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < r; a++)
      for (let b = 0; b < r; b++) G[a * r + b] += (values[i * r + a] * values[i * r + b]) / n;
  const order = r * r;
  const T = new Float64Array(order * order);
  for (let a = 0; a < r; a++)
    for (let b = 0; b < r; b++)
      for (let c = 0; c < r; c++)
        for (let d = 0; d < r; d++) {
          let fourth = 0;
          for (let i = 0; i < n; i++) {
            const at = i * r;
            fourth += values[at + a] * values[at + b] * values[at + c] * values[at + d];
          }
          const same = a === c && b === d ? 1 : 0;
          const first = (b === d ? G[a * r + c] : 0) + (a === c ? G[b * r + d] : 0);
          const second = (p / n) * fourth + (1 - p) * G[a * r + c] * G[b * r + d];
          T[(a * r + b) * order + c * r + d] = same - rate * first + rate ** 2 * second;
        }
  const eigenvalues = symmetricEigenvalues(denseMatrix(T, order, order));
  return Math.max(Math.abs(eigenvalues[0]), Math.abs(eigenvalues[order - 1]));
}
