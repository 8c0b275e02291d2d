import fc from "fast-check";

/** A B for row-major A (m x k) and B (k x n), by the definition. */
export function product(A: Float64Array, B: Float64Array, m: number, k: number, n: number): Float64Array {
  const C = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let l = 0; l < k; l++) for (let j = 0; j < n; j++) C[i * n + j] += A[i * k + l] * B[l * n + j];
  return C;
}

/** A^T for row-major A (m x n). */
export function transpose(A: Float64Array, m: number, n: number): Float64Array {
  return Float64Array.from({ length: m * n }, (_, k) => A[(k % m) * n + Math.floor(k / m)]);
}

/** The leading m x n block of the Hilbert matrix. */
export const hilbert = (m: number, n: number) =>
  Float64Array.from({ length: m * n }, (_, k) => 1 / (Math.floor(k / n) + (k % n) + 1));

/** Orders n of systems with k right-hand sides, and seeds. */
export const sizes = fc.record({
  n: fc.integer({ min: 1, max: 12 }),
  k: fc.integer({ min: 1, max: 3 }),
  seed: fc.nat(1000),
});
