import { expect, test } from "vitest";
import { qrFactor, singularPairs, symmetricEigen } from "./plain-spectra.ts";

test("eigenvectors of the second difference, whose eigenvalues are 2 - 2 cos(pi k / (n + 1))", () => {
  const n = 30;
  const entry = (i: number, j: number) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0);
  const a = Float64Array.from({ length: n * n }, (_, at) => entry(Math.floor(at / n), at % n));
  const [values, vectors] = [new Float64Array(n), new Float64Array(n * n)];
  symmetricEigen(n, a, values, vectors);
  for (const [k, value] of values.toSorted().entries())
    expect(value).toBeCloseTo(2 - 2 * Math.cos((Math.PI * (k + 1)) / (n + 1)), 12);
  for (let k = 0; k < n; k++) {
    const v = vectors.subarray(k * n, (k + 1) * n);
    expect(v.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 12);
    for (let i = 0; i < n; i++)
      expect(2 * v[i] - (v[i - 1] ?? 0) - (v[i + 1] ?? 0)).toBeCloseTo(values[k] * v[i], 12);
  }
});

test("singular values of a rotation times a diagonal, with their negatives", () => {
  const [c, s] = [Math.cos(1), Math.sin(1)];
  const pairs = singularPairs(3, Float64Array.of(3 * c, -2 * s, 0, 3 * s, 2 * c, 0, 0, 0, 0.5));
  const wanted = [-3, -2, -0.5, 0.5, 2, 3];
  for (const [k, value] of pairs.toSorted().entries()) expect(value).toBeCloseTo(wanted[k], 13);
});

test("R of a QR factorization has the Gram matrix of A", () => {
  const [m, n] = [4, 2];
  const a = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 9);
  const r = a.slice();
  qrFactor(m, n, r);
  const gram = (j: number, k: number) =>
    [0, 1, 2, 3].reduce((sum, i) => sum + a[2 * i + j] * a[2 * i + k], 0);
  expect(r[0] ** 2).toBeCloseTo(gram(0, 0), 11);
  expect(r[0] * r[1]).toBeCloseTo(gram(0, 1), 11);
  expect(r[1] ** 2 + r[3] ** 2).toBeCloseTo(gram(1, 1), 11);
});
