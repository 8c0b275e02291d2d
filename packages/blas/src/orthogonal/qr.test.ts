import fc from "fast-check";
import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import type { Matrix } from "../matrix.ts";
import { useScalarBuilds } from "../scalar.ts";
import {
  differenceOf,
  entryOf,
  identityOf,
  kahan,
  matrixOf,
  productOf,
  RATIO,
  randomMatrix,
  transposeOf,
} from "../testing.ts";
import { lowRankMatrix } from "./families.ts";
import { applyQ, formQ, pivotedQr, type QrFactors, qr, upperFactor } from "./qr.ts";
import { orthogonalityRatio, scaledRatio } from "./ratios.ts";
import { anyShape, testShapes } from "./shapes-testing.ts";

/** LAPACK's ratios of the factorization and of Q. */
function worstRatio(a: Matrix, factors: QrFactors): number {
  const q = formQ({ factors });
  const permuted = matrixOf(a.rows, a.columns, (i, j) => entryOf(a, i, factors.permutation[j]));
  return Math.max(
    scaledRatio(differenceOf(permuted, productOf(q, upperFactor({ factors }))), permuted),
    orthogonalityRatio(q),
  );
}

function check(a: Matrix): void {
  expect(worstRatio(a, qr({ a }))).toBeLessThan(RATIO);
  const factors = pivotedQr({ a });
  expect(worstRatio(a, factors)).toBeLessThan(RATIO);
  expect([...factors.permutation].sort((x, y) => x - y)).toEqual(
    Array.from({ length: a.columns }, (_, j) => j),
  );
  const r = upperFactor({ factors });
  const scale = Math.abs(r.values[0] ?? 0);
  // each |r_kk| is at least the length of what is left of every later column
  for (let k = 0; k < r.rows; k++)
    for (let j = k + 1; j < r.columns; j++) {
      let squares = 0;
      for (let i = k; i <= Math.min(j, r.rows - 1); i++) squares += (entryOf(r, i, j) / (scale || 1)) ** 2;
      expect(Math.sqrt(squares)).toBeLessThanOrEqual(
        (Math.abs(entryOf(r, k, k)) / (scale || 1)) * (1 + 1e-7) + 1e-13,
      );
    }
}

testShapes("A P = Q R with orthonormal Q", check);

test("the scalar build computes the same", () => {
  useScalarBuilds();
  try {
    check(randomMatrix(90, 70, 1));
    check(randomMatrix(40, 101, 2));
  } finally {
    useScalarBuilds(false);
  }
});

test("pivoting reveals the rank of a product of narrow matrices", () => {
  const r = upperFactor({ factors: pivotedQr({ a: lowRankMatrix(150, 90, 37, 3) }) });
  const diagonal = Array.from({ length: 90 }, (_, k) => Math.abs(entryOf(r, k, k)));
  expect(diagonal[36]).toBeGreaterThan(1e-2);
  expect(diagonal[37]).toBeLessThan(1e-12);
});

test("Kahan's matrix stays in its order, whose diagonal descends", () => {
  const n = 60;
  const a = kahan(n, 1.2);
  for (let j = 0; j < n; j++) for (let i = 0; i <= j; i++) a.values[i * n + j] *= 1 - 1e-10 * j;
  expect([...pivotedQr({ a }).permutation]).toEqual(Array.from({ length: n }, (_, j) => j));
});

test("Q^T Q C = C, and Q by columns is Q applied to the identity", () => {
  fc.assert(
    fc.property(anyShape, ({ rows, columns, gap, seed }) => {
      const factors = qr({ a: randomMatrix(rows, columns, seed) });
      const c = randomMatrix(rows, 5, seed + 1, gap);
      const back = { ...c, values: c.values.slice() };
      applyQ({ factors, c: applyQ({ factors, c: back }), transpose: true });
      expect(scaledRatio(differenceOf(c, back), c)).toBeLessThan(RATIO);
      const whole = applyQ({ factors, c: identityOf(rows) });
      expect(scaledRatio(differenceOf(whole, formQ({ factors, columns: rows })), whole)).toBeLessThan(RATIO);
      expect(orthogonalityRatio(transposeOf(whole))).toBeLessThan(RATIO);
    }),
    { numRuns: 40 },
  );
});

test("NaN and infinity end, and show in R", () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const a = randomMatrix(70, 50, 1);
    a.values[20 * 50 + 3] = bad;
    for (const factors of [qr({ a }), pivotedQr({ a })])
      expect(upperFactor({ factors }).values.some(Number.isNaN)).toBe(true);
  }
});

test("shapes that do not fit are refused by name", () => {
  const a = randomMatrix(3, 4, 1);
  const factors = qr({ a });
  expect(() => qr({ a: { ...a, columns: 5 } })).toThrow(BlasArgumentError);
  expect(() => applyQ({ factors, c: randomMatrix(4, 1, 1) })).toThrow("c must have 3 rows, got 4");
  expect(() => formQ({ factors, columns: 4 })).toThrow(
    "columns must be an integer from 0 to 3 (the number of rows), got 4",
  );
  expect(() => applyQ({ factors: { ...factors, tau: new Float64Array(2) }, c: a })).toThrow(
    "factors.tau must have 3 numbers",
  );
});
