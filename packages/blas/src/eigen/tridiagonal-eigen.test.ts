import fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import { RATIO, SIZES, uniform, withBothBuilds } from "../testing.ts";
import { eigenRatio, hardTridiagonals, tridiagonalOf, valuesRatio, wholeOf } from "./families.ts";
import {
  type TridiagonalArguments,
  tridiagonalEigen,
  tridiagonalEigenvalues,
  tridiagonalEnds,
} from "./tridiagonal-eigen.ts";

function check(problem: TridiagonalArguments): void {
  const pairs = tridiagonalEigen(problem);
  expect(eigenRatio(wholeOf(problem), pairs)).toBeLessThan(RATIO);
  expect(valuesRatio(tridiagonalEigenvalues(problem), pairs.values)).toBeLessThan(RATIO);
  const ends = tridiagonalEnds(problem);
  expect(valuesRatio(ends.values, pairs.values)).toBeLessThan(RATIO);
  const { diagonal, offDiagonal } = problem;
  const n = diagonal.length;
  const size = Math.max(...diagonal.map(Math.abs), ...offDiagonal.map(Math.abs)) || 1;
  // quadrature: the weights sum to 1, the mean is the matrix's first entry
  if (n > 0)
    for (const [end, entry] of [
      [ends.first, diagonal[0]],
      [ends.last, diagonal[n - 1]],
    ] as const) {
      const sum = end.reduce((total, x) => total + x * x, 0);
      const mean = end.reduce((total, x, i) => total + x * x * (ends.values[i] / size), 0);
      expect(Math.abs(sum - 1)).toBeLessThan(RATIO * n * Number.EPSILON);
      expect(Math.abs(mean - entry / size)).toBeLessThan(RATIO * n * Number.EPSILON);
    }
}

test.each(SIZES)("order %i", (n) => {
  const next = uniform(n);
  withBothBuilds(() => check(tridiagonalOf(n, next, next)));
});

test.each(hardTridiagonals)("%s", (_, problem) => {
  withBothBuilds(() => check(problem));
});

test("holds for zeros, repetitions and sizes anywhere", () => {
  const entry = fc.oneof(
    fc.constantFrom(0, 1, -1, 2, 1e-8, 1e-16, 1e-40),
    fc.double({ min: -5, max: 5, noNaN: true }),
  );
  const entries = fc.array(entry, { minLength: 1, maxLength: 120 });
  fc.assert(
    fc.property(entries, entries, (a, b) => {
      check(
        tridiagonalOf(
          a.length,
          (i) => a[i],
          (i) => b[i % b.length],
        ),
      );
    }),
    { numRuns: 150 },
  );
});

test("squares that underflow leave the eigenvalues as they are", () => {
  const next = uniform(2553);
  next();
  next();
  const sizes = (sign: () => number) => () => 10 ** (150 * (next() - 1)) * sign();
  check(
    tridiagonalOf(
      127,
      sizes(() => Math.sign(next())),
      sizes(() => 1),
    ),
  );
});

// sines and cosines: Toeplitz tridiagonal matrices
test.each([1, 2, 31, 32, 33, 100, 250])("the second difference of order %i, by its closed form", (n) => {
  const angle = Math.PI / (n + 1);
  const problem = tridiagonalOf(
    n,
    () => 2,
    () => -1,
  );
  const wanted = Float64Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos((n - k) * angle));
  const { values, vectors } = tridiagonalEigen(problem);
  const ends = tridiagonalEnds(problem);
  expect(valuesRatio(values, wanted)).toBeLessThan(RATIO);
  expect(valuesRatio(tridiagonalEigenvalues(problem), wanted)).toBeLessThan(RATIO);
  for (let k = 0; k < n; k++) {
    const component = (i: number) => Math.sqrt(2 / (n + 1)) * Math.sin((i + 1) * (n - k) * angle);
    const sign = Math.sign(vectors.values[k]);
    for (let i = 0; i < n; i++) expect(sign * vectors.values[i * n + k]).toBeCloseTo(component(i), 10);
    expect(Math.abs(ends.first[k])).toBeCloseTo(Math.abs(component(0)), 12);
    expect(Math.abs(ends.last[k])).toBeCloseTo(Math.abs(component(n - 1)), 12);
  }
});

// Clement 1959: the eigenvalues are n - 1, n - 3, ..., 1 - n
test("Clement's matrix has the integers it should have", () => {
  const n = 200;
  const problem = tridiagonalOf(
    n,
    () => 0,
    (i) => Math.sqrt((i + 1) * (n - 1 - i)),
  );
  const wanted = Float64Array.from({ length: n }, (_, k) => n - 1 - 2 * k);
  expect(valuesRatio(tridiagonalEigenvalues(problem), wanted)).toBeLessThan(RATIO);
  expect(valuesRatio(tridiagonalEigen(problem).values, wanted)).toBeLessThan(RATIO);
});

// Wilkinson 1965, "The algebraic eigenvalue problem", p. 309
test("the two largest eigenvalues of Wilkinson's matrix agree to 14 digits, with orthogonal vectors", () => {
  const { values, vectors } = tridiagonalEigen(
    tridiagonalOf(
      21,
      (i) => Math.abs(i - 10),
      () => 1,
    ),
  );
  expect(values[0]).toBeCloseTo(10.746194182903393, 12);
  expect(values[1]).toBeCloseTo(10.746194182903322, 12);
  let overlap = 0;
  for (let i = 0; i < 21; i++) overlap += vectors.values[i * 21] * vectors.values[i * 21 + 1];
  expect(Math.abs(overlap)).toBeLessThan(1e-13);
});

test("what does not fit or is not finite is refused by name", () => {
  const diagonal = Float64Array.of(1, 2, 3);
  for (const solve of [tridiagonalEigen, tridiagonalEigenvalues, tridiagonalEnds]) {
    expect(() => solve({ diagonal, offDiagonal: diagonal })).toThrow(
      "offDiagonal must have 2 numbers, got 3",
    );
    expect(() => solve({ diagonal, offDiagonal: Float64Array.of(1, Number.NaN) })).toThrow(BlasArgumentError);
    const infinite = Float64Array.of(Number.POSITIVE_INFINITY);
    expect(() => solve({ diagonal: infinite, offDiagonal: new Float64Array(0) })).toThrow(
      "diagonal must be finite, got Infinity at index 0",
    );
  }
});
