import { expect } from "vitest";
import { close, dot, numbersIn, solved } from "../use-testing.ts";

/** min 1/2 |w - w_d|^2 + 0.05 |Laplacian w|^2 on the 4 x 4 grid, from its normal equations. */
function poissonControlValue(): number {
  const [N, h] = [4, 2 / 5];
  const L = Array.from({ length: N * N }, (_, k) => {
    const row = new Float64Array(N * N);
    const [i, j] = [Math.floor(k / N), k % N];
    row[k] = -4 / h ** 2;
    if (i > 0) row[k - N] = 1 / h ** 2;
    if (i < N - 1) row[k + N] = 1 / h ** 2;
    if (j > 0) row[k - 1] = 1 / h ** 2;
    if (j < N - 1) row[k + 1] = 1 / h ** 2;
    return row;
  });
  const a = 0.1 / Math.sqrt(15);
  const desired = Float64Array.from({ length: N * N }, (_, k) => {
    const [i, j] = [Math.floor(k / N) + 1, (k % N) + 1];
    return Math.sin(4 + a * (i - (N + 1) / 2)) + Math.cos(3 + a * (j - (N + 1) / 2));
  });
  const normal = L.map((row, k) => L.map((other, l) => (k === l ? 1 : 0) + 0.1 * dot(row, other)));
  const w = solved(normal, desired);
  const gap = w.map((value, k) => value - desired[k]);
  const z = L.map((row) => dot(row, w));
  return dot(gap, gap) / 2 + 0.05 * dot(z, z);
}

/** What the program of this paper must print. */
export default function check(text: string): void {
  const [value, kkt] = numbersIn(text);
  close(value, poissonControlValue());
  expect(kkt).toBeLessThan(1e-6);
}
