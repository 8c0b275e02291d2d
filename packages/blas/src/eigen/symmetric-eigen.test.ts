import fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import { residentMatrix } from "../resident.ts";
import { entryOf, identityOf, matrixOf, RATIO, SIZES, withBothBuilds } from "../testing.ts";
import { eigenRatio, hardSymmetrics, randomSymmetric, valuesRatio, withEigenvalues } from "./families.ts";
import { symmetricEigen, symmetricEigenvalues } from "./symmetric-eigen.ts";

const descending = (values: Float64Array) => values.every((value, i) => i === 0 || value <= values[i - 1]);

test.each(SIZES)("order %i", (n) => {
  const a = randomSymmetric(n, n + 1);
  withBothBuilds(() => {
    const pairs = symmetricEigen({ a });
    expect(eigenRatio(a, pairs)).toBeLessThan(RATIO);
    expect(descending(pairs.values)).toBe(true);
    const values = symmetricEigenvalues({ a });
    expect(descending(values)).toBe(true);
    expect(valuesRatio(values, pairs.values)).toBeLessThan(RATIO);
  });
});

test.each(hardSymmetrics)("%s", (_, a) => {
  withBothBuilds(() => {
    const pairs = symmetricEigen({ a });
    expect(eigenRatio(a, pairs)).toBeLessThan(RATIO);
    expect(valuesRatio(symmetricEigenvalues({ a }), pairs.values)).toBeLessThan(RATIO);
  });
});

test("finds the eigenvalues that a matrix was made of", () => {
  const wanted = Array.from({ length: 150 }, (_, i) => 10 - Math.floor(i / 3) ** 2 / 50);
  const a = withEigenvalues(wanted, 9);
  expect(valuesRatio(symmetricEigenvalues({ a }), Float64Array.from(wanted))).toBeLessThan(RATIO);
  expect(valuesRatio(symmetricEigen({ a }).values, Float64Array.from(wanted))).toBeLessThan(RATIO);
});

// the eigenvalues of the discrete Laplacian of a square are sums of two of a line, most of them twice
test("finds those of the Laplacian of a square grid", () => {
  const m = 13;
  const line = (i: number, j: number) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0);
  const a = matrixOf(m * m, m * m, (i, j) => {
    const [x, y, u, v] = [Math.floor(i / m), i % m, Math.floor(j / m), j % m];
    return line(x, u) * Number(y === v) + Number(x === u) * line(y, v);
  });
  const one = Array.from({ length: m }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (m + 1)));
  const wanted = Float64Array.from(one.flatMap((x) => one.map((y) => x + y)))
    .sort()
    .reverse();
  const pairs = symmetricEigen({ a });
  expect(valuesRatio(pairs.values, wanted)).toBeLessThan(RATIO);
  expect(valuesRatio(symmetricEigenvalues({ a }), wanted)).toBeLessThan(RATIO);
  expect(eigenRatio(a, pairs)).toBeLessThan(RATIO);
});

test("holds for any structure, size, gap and triangle", () => {
  const problem = fc.record({
    n: fc.integer({ min: 0, max: 70 }),
    gap: fc.constantFrom(0, 1, 3),
    seed: fc.integer(),
    band: fc.constantFrom(0, 1, 2, 70),
    exponent: fc.constantFrom(0, -1, -8, 40),
    size: fc.constantFrom(1, 1e-200, 1e200),
    triangle: fc.constantFrom("lower" as const, "upper" as const),
  });
  fc.assert(
    fc.property(problem, ({ n, gap, seed, band, exponent, size, triangle }) => {
      const random = randomSymmetric(n, seed);
      const weight = (i: number) => 10 ** ((exponent * i) / Math.max(n, 1) / 2);
      const entry = (i: number, j: number) =>
        Math.abs(i - j) > band ? 0 : size * (weight(i) * weight(j) * entryOf(random, i, j));
      const whole = matrixOf(n, n, entry);
      // what stands in the other triangle and between the rows is not read
      const a = matrixOf(
        n,
        n,
        (i, j) => ((triangle === "lower" ? j <= i : j >= i) ? entry(i, j) : Number.NaN),
        gap,
      );
      const before = a.values.slice();
      const pairs = symmetricEigen({ a, triangle });
      expect(eigenRatio(whole, pairs)).toBeLessThan(RATIO);
      expect(valuesRatio(symmetricEigenvalues({ a, triangle }), pairs.values)).toBeLessThan(RATIO);
      expect(a.values).toEqual(before);
    }),
    { numRuns: 200 },
  );
});

test("denormal entries and those near overflow give the pairs of the matrix scaled to 1", () => {
  const n = 50;
  const small = matrixOf(n, n, (i, j) => 1e-318 * Math.cos(i * j + i + j));
  const large = matrixOf(n, n, (i, j) => 2 ** 1023 * Math.cos(i * j + i + j));
  for (const [a, factor] of [
    [small, 2 ** 1000],
    [large, 2 ** -1023],
  ] as const) {
    const pairs = symmetricEigen({ a });
    const wanted = symmetricEigen({ a: { ...a, values: a.values.map((value) => value * factor) } });
    expect(eigenRatio(identityOf(n), { ...pairs, values: new Float64Array(n).fill(1) })).toBeLessThan(RATIO);
    for (let j = 0; j < n; j++) {
      const value = pairs.values[j] * factor;
      const exact = wanted.values[j];
      // what overflows is infinite, what is denormal rounds to a multiple of 2^-1074
      if (Math.abs(exact) >= 2 && factor < 1) expect(value).toBe(exact * Number.POSITIVE_INFINITY);
      else expect(Math.abs(value - exact)).toBeLessThanOrEqual(2 ** -1074 * factor + 1e-14);
    }
  }
});

test("a resident is read and not changed", () => {
  const a = randomSymmetric(40, 3);
  using resident = residentMatrix(a);
  expect(symmetricEigen({ a: resident })).toEqual(symmetricEigen({ a }));
  expect(symmetricEigenvalues({ a: resident })).toEqual(symmetricEigenvalues({ a }));
  expect(resident.toMatrix().values).toEqual(a.values);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  "%d is refused by name",
  (value) => {
    for (const n of [1, 2, 40, 100]) {
      const a = randomSymmetric(n, 1);
      a.values[(n - 1) * n] = value;
      expect(() => symmetricEigen({ a })).toThrow(BlasArgumentError);
      expect(() => symmetricEigenvalues({ a })).toThrow(`got ${value} in row ${n - 1}, column 0`);
    }
  },
);

test("a matrix that is not square is refused", () => {
  expect(() => symmetricEigen({ a: matrixOf(2, 3, () => 0) })).toThrow("a must be square, got 2 x 3");
  expect(() => symmetricEigenvalues({ a: matrixOf(2, 3, () => 0) })).toThrow(BlasArgumentError);
});
