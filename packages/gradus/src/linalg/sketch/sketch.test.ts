import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { qrFactorize, qrOrthonormal } from "../factorize/qr.ts";
import { singularValues } from "../factorize/singular-values.ts";
import { denseMatrix } from "../matrix.ts";
import { operatorEntries } from "../operator/contract.ts";
import { csrFromDense } from "../sparse/build.ts";
import { gaussianNumbers, largestDifference } from "../test-matrices.ts";
import { dot } from "../vector.ts";
import { type Sketch, sketchMatrix } from "./contract.ts";
import { gaussianSketch } from "./gaussian.ts";
import { hadamardSketch, walshHadamard } from "./hadamard.ts";
import { rowSketch } from "./rows.ts";
import { sparseSignSketch } from "./sparse-sign.ts";

const families: [string, (size: number, n: number, seed: number) => Sketch][] = [
  ["Gaussian", (size, n, seed) => gaussianSketch(size, n, { seed })],
  ["sparse sign", (size, n, seed) => sparseSignSketch(size, n, { seed })],
  ["Hadamard", (size, n, seed) => hadamardSketch(size, n, { seed })],
  ["uniform rows", (size, n, seed) => rowSketch(size, n, { seed })],
  [
    "weighted rows",
    (size, n, seed) =>
      rowSketch(size, n, { seed, shares: Float64Array.from({ length: n }, (_, i) => 1 + i) }),
  ],
];

/** An orthonormal basis of a random d-dimensional space, n x d. */
const space = (n: number, d: number, seed: number) =>
  qrOrthonormal(qrFactorize(denseMatrix(gaussianNumbers(seed, n * d), n, d)));

describe.each(families)("%s sketches", (_, make) => {
  test("have the adjoint of their product", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(1000), (n, seed) => {
        const size = Math.min(n, 7);
        const S = make(size, n, seed);
        const [x, v] = [gaussianNumbers(seed + 1, n), gaussianNumbers(seed + 2, size)];
        const [forward, backward] = [new Float64Array(size).fill(9), new Float64Array(n).fill(9)];
        S.apply(x, forward);
        S.applyAdjoint(v, backward);
        expect(dot(forward, v)).toBeCloseTo(dot(x, backward), 10);
      }),
    );
  });

  test("keep squared lengths on average", () => {
    const n = 40;
    const x = Float64Array.from({ length: n }, (_value, i) => Math.sin(i));
    const ratios = Array.from({ length: 2000 }, (_value, seed) => {
      const out = new Float64Array(10);
      make(10, n, seed).apply(x, out);
      return dot(out, out) / dot(x, x);
    });
    const mean = ratios.reduce((sum, r) => sum + r, 0) / ratios.length;
    const variance = ratios.reduce((sum, r) => sum + (r - mean) ** 2, 0) / ratios.length;
    expect(Math.abs(mean - 1)).toBeLessThan(4 * Math.sqrt(variance / ratios.length));
  });

  test("depend on the seed and nothing else", async () => {
    const entries = await operatorEntries(make(4, 9, 5));
    expect(await operatorEntries(make(4, 9, 5))).toEqual(entries);
    expect(await operatorEntries(make(4, 9, 6))).not.toEqual(entries);
  });

  test("sketch a matrix column by column", async () => {
    const S = make(3, 8, 1);
    const A = gaussianNumbers(2, 16);
    const entries = (await operatorEntries(S)).values;
    const expected = Array.from({ length: 6 }, (_value, k) => {
      let sum = 0;
      for (let i = 0; i < 8; i++) sum += entries[Math.floor(k / 2) * 8 + i] * A[i * 2 + (k % 2)];
      return sum;
    });
    const sketched = sketchMatrix(S, denseMatrix(A, 8, 2));
    expect(largestDifference(sketched.values, expected)).toBeLessThan(1e-13);
    expect(sketchMatrix(S, csrFromDense(denseMatrix(A, 8, 2)))).toEqual(sketched);
    expect(() => sketchMatrix(S, denseMatrix(new Float64Array(9), 9, 1))).toThrow("n = 8 rows, got 9");
  });

  test("refuse sizes that are not positive integers", () => {
    expect(() => make(0, 8, 1)).toThrow("size must be a positive integer, got 0");
    expect(() => make(2.5, 8, 1)).toThrow(ArgumentError);
    expect(() => make(1, 0, 1)).toThrow("n must be a positive integer");
  });
});

describe("the singular values on a space stay within the published bounds", () => {
  // Davidson & Szarek 2001: outside with probability at most 2 exp(-size t^2 / 2) = 2e-6
  test("Gaussian: 1 +- (sqrt(k/size) + t)", () => {
    const [n, k, size] = [400, 10, 160];
    const t = Math.sqrt((2 * Math.log(1e6)) / size);
    for (let seed = 0; seed < 10; seed++) {
      const s = singularValues(sketchMatrix(gaussianSketch(size, n, { seed }), space(n, k, seed)));
      expect(s[0]).toBeLessThanOrEqual(1 + Math.sqrt(k / size) + t);
      expect(s[k - 1]).toBeGreaterThanOrEqual(1 - Math.sqrt(k / size) - t);
    }
  });

  // Tropp 2011, theorem 1.3; the coordinate space is the worst for sampling without the transform
  test.each(["random", "coordinates"])("Hadamard: [0.40, 1.48], space of %s", (kind) => {
    const [n, k] = [4096, 4];
    const size = Math.ceil(4 * (Math.sqrt(k) + Math.sqrt(8 * Math.log(k * n))) ** 2 * Math.log(k));
    const coordinates = Float64Array.from({ length: n * k }, (_, p) =>
      p % (k + 1) === 0 && p < k * k ? 1 : 0,
    );
    for (let seed = 0; seed < 10; seed++) {
      const basis = kind === "random" ? space(n, k, seed) : denseMatrix(coordinates, n, k);
      const s = singularValues(sketchMatrix(hadamardSketch(size, n, { seed }), basis));
      expect(s[0]).toBeLessThanOrEqual(1.48);
      expect(s[k - 1]).toBeGreaterThanOrEqual(0.4);
    }
  });
});

describe("the Walsh-Hadamard transform", () => {
  test("has entries (-1)^popcount(i & j)", () => {
    const odd = (bits: number): boolean => bits.toString(2).replaceAll("0", "").length % 2 === 1;
    for (let j = 0; j < 16; j++) {
      const column = walshHadamard(Float64Array.from({ length: 16 }, (_, i) => (i === j ? 1 : 0)));
      expect(Array.from(column)).toEqual(Array.from({ length: 16 }, (_, i) => (odd(i & j) ? -1 : 1)));
    }
  });

  test("twice is N times; a whole subsampled transform is an isometry", () => {
    const x = Float64Array.from({ length: 64 }, (_, i) => i - 20);
    expect(walshHadamard(walshHadamard(x.slice()))).toEqual(x.map((value) => 64 * value));
    const out = new Float64Array(64);
    hadamardSketch(64, 50, { seed: 3 }).apply(x.subarray(0, 50), out);
    expect(dot(out, out)).toBeCloseTo(dot(x.subarray(0, 50), x.subarray(0, 50)), 8);
  });

  test("wants a power of 2, and no more rows than there are", () => {
    expect(() => walshHadamard(new Float64Array(12))).toThrow("power of 2 numbers, got 12");
    expect(() => hadamardSketch(65, 50)).toThrow("at most N = 64");
  });
});

test("sparse sign columns have `nonzeros` entries of equal size and length 1", async () => {
  const [size, n, nonzeros] = [6, 30, 4];
  const entries = (await operatorEntries(sparseSignSketch(size, n, { nonzeros, seed: 2 }))).values;
  for (let j = 0; j < n; j++) {
    const column = Array.from({ length: size }, (_, i) => entries[i * n + j]).filter((value) => value !== 0);
    expect(column.map(Math.abs)).toEqual(new Array(nonzeros).fill(0.5));
  }
  const signs = entries.filter((value) => value !== 0);
  expect(signs.some((value) => value > 0) && signs.some((value) => value < 0)).toBe(true);
  expect(() => sparseSignSketch(4, 8, { nonzeros: 5 })).toThrow("nonzeros must be an integer from 1 to 4");
});

describe("row sketches", () => {
  test("without shares pick different rows", () => {
    const { selected, weights } = rowSketch(9, 12, { seed: 1 });
    expect(new Set(selected).size).toBe(9);
    expect(new Set(weights)).toEqual(new Set([Math.sqrt(12 / 9)]));
  });

  test("with shares pick in proportion, never a row of share 0, and keep the Gram matrix on average", () => {
    const shares = Float64Array.of(0, 1, 2, 0, 5, 0);
    const draws = 40_000;
    const { selected } = rowSketch(draws, 6, { shares, seed: 4 });
    const counts = new Float64Array(6);
    for (const i of selected) counts[i] += 1;
    for (let i = 0; i < 6; i++) {
      const p = shares[i] / 8;
      expect(Math.abs(counts[i] / draws - p)).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / draws));
    }
    // squared row norms as shares: each picked row adds ||A||_F^2 / size to the trace of the Gram matrix
    const A = gaussianNumbers(3, 24);
    const norms = Float64Array.from({ length: 6 }, (_, i) =>
      dot(A.subarray(4 * i, 4 * i + 4), A.subarray(4 * i, 4 * i + 4)),
    );
    const sketched = sketchMatrix(rowSketch(5, 6, { shares: norms, seed: 2 }), denseMatrix(A, 6, 4)).values;
    expect(dot(sketched, sketched)).toBeCloseTo(dot(A, A), 10);
  });

  test("refuse bad shares and too many rows", () => {
    expect(() => rowSketch(7, 6)).toThrow("size must be at most n = 6");
    expect(() => rowSketch(2, 3, { shares: Float64Array.of(1, -1, 1) })).toThrow("shares[1]");
    expect(() => rowSketch(2, 3, { shares: new Float64Array(3) })).toThrow(DataError);
    expect(() => rowSketch(2, 3, { shares: new Float64Array(2) })).toThrow(
      "shares must have 3 numbers, got 2",
    );
  });
});
