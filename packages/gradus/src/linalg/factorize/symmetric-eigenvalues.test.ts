import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { denseMatrix } from "../matrix.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";
import { symmetricEigenvalues } from "./symmetric-eigenvalues.ts";

/** B B^T with columns of B that fall by eight decades, and with rows that are 0, as dead units of a network leave. */
function gradedGram(n: number, rank: number, seed: number): Float64Array {
  const stream = randomStream(seed);
  const B = stream.fillNormal(new Float64Array(n * rank));
  for (let i = 0; i < n; i++) {
    const alive = stream.uniform() < 0.7 ? 1 : 0;
    for (let j = 0; j < rank; j++) B[i * rank + j] *= alive * 10 ** ((-8 * j) / rank);
  }
  const A = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += B[i * rank + k] * B[j * rank + k];
      A[i * n + j] = sum;
      A[j * n + i] = sum;
    }
  return A;
}

test("a matrix half of whose eigenvalues are rounding settles, on the values that the other solver finds", () => {
  const n = 300;
  for (const seed of [0, 1, 2]) {
    const A = gradedGram(n, 150, seed);
    const values = symmetricEigenvalues(denseMatrix(A, n, n));
    const wanted = symmetricEigen(denseMatrix(A, n, n)).values;
    const [largest] = wanted;
    for (let i = 0; i < n; i++) expect(Math.abs(values[i] - wanted[i])).toBeLessThan(1e-13 * largest);
  }
});
