import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { tridiagonalEigen } from "./tridiagonal-eigen.ts";

test("finds the eigenpairs of the second difference: sines", () => {
  const m = 60;
  const { values, first, last, vectors } = tridiagonalEigen(
    new Float64Array(m).fill(2),
    new Float64Array(m - 1).fill(-1),
    { vectors: true },
  );
  const scale = Math.sqrt(2 / (m + 1));
  for (let j = 1; j <= m; j++) {
    const angle = ((m + 1 - j) * Math.PI) / (m + 1);
    expect(values[j - 1]).toBeCloseTo(2 - 2 * Math.cos(angle), 13);
    expect(Math.abs(first[j - 1])).toBeCloseTo(scale * Math.sin(angle), 13);
    expect(Math.abs(last[j - 1])).toBeCloseTo(scale * Math.abs(Math.sin(m * angle)), 13);
    const vector = vectors?.[j - 1] ?? new Float64Array(m);
    const sign = Math.sign(vector[0]);
    for (let i = 0; i < m; i++) expect(sign * vector[i]).toBeCloseTo(scale * Math.sin((i + 1) * angle), 12);
  }
});

// python3 -c "import numpy as np, scipy.linalg as la;
//   print(la.eigh_tridiagonal(np.arange(1, 11) * 1.0, np.arange(1, 10) / 3)[0][::-1])"
test("gives what scipy prints", () => {
  const { values } = tridiagonalEigen(
    Float64Array.from({ length: 10 }, (_, i) => i + 1),
    Float64Array.from({ length: 9 }, (_, i) => (i + 1) / 3),
  );
  const expected = [
    13.32760533, 10.26745917, 8.0645635, 6.36267827, 5.02441735, 3.97316535, 3.12518915, 2.36419864,
    1.61804521, 0.87267802,
  ];
  for (let j = 0; j < 10; j++) expect(values[j]).toBeCloseTo(expected[j], 8);
});

// Wilkinson 1965, "The algebraic eigenvalue problem", p. 309: the largest two of W21+ agree to 14 digits
test("keeps the pathologically close pair of Wilkinson's matrix orthogonal", () => {
  const { values, vectors } = tridiagonalEigen(
    Float64Array.from({ length: 21 }, (_, i) => Math.abs(i - 10)),
    new Float64Array(20).fill(1),
    { vectors: true },
  );
  expect(values[0]).toBeCloseTo(10.746194182903393, 12);
  expect(values[1]).toBeCloseTo(10.746194182903322, 12);
  const overlap = vectors?.[0].reduce((sum, value, i) => sum + value * vectors[1][i], 0);
  expect(Math.abs(overlap ?? 1)).toBeLessThan(1e-13);
});

test("end components are the ends of the whole vectors; their squares sum to 1", () => {
  const entries = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 15 });
  fc.assert(
    fc.property(entries, entries, (a, b) => {
      const diagonal = Float64Array.from(a);
      const offDiagonal = Float64Array.from(a, (_, i) => b[i % b.length]);
      const ends = tridiagonalEigen(diagonal, offDiagonal);
      const whole = tridiagonalEigen(diagonal, offDiagonal, { vectors: true });
      expect(ends.values).toEqual(whole.values);
      expect(ends.first).toEqual(whole.first);
      expect(ends.last).toEqual(whole.last);
      expect(ends.first.reduce((sum, z) => sum + z * z, 0)).toBeCloseTo(1, 12);
      const trace = a.reduce((sum, value) => sum + value, 0);
      expect(ends.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(trace, 11);
    }),
  );
});

test("refuses a short off-diagonal and numbers that are not finite", () => {
  expect(() => tridiagonalEigen(new Float64Array(3), new Float64Array(1))).toThrow(ArgumentError);
  expect(() => tridiagonalEigen(new Float64Array(0), new Float64Array(0))).toThrow("m >= 1");
  expect(() => tridiagonalEigen(Float64Array.of(1, Number.NaN), Float64Array.of(1))).toThrow(
    ConvergenceError,
  );
});
