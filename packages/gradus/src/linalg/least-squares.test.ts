import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { denseMultiply, denseMultiplyTransposed } from "./dense.ts";
import { type LeastSquaresOptions, solveLeastSquares, solveLeastSquaresBySvd } from "./least-squares.ts";
import { denseMatrix } from "./matrix.ts";
import { gaussianNumbers, largestDifference } from "./test-matrices.ts";
import { norm2 } from "./vector.ts";

const solvers = [
  ["by QR", solveLeastSquares],
  ["by singular values", solveLeastSquaresBySvd],
] as const;

/** Five columns of the Hilbert matrix and one that is a combination of them: rank 5. */
const dependent = Float64Array.from({ length: 72 }, (_, k) => {
  const [i, j] = [Math.floor(k / 6), k % 6];
  return j < 5 ? 1 / (i + j + 1) : 1 / (i + 1) + 2 / (i + 4);
});
const dependentMatrix = denseMatrix(dependent, 12, 6);
const sines = Float64Array.from({ length: 12 }, (_, i) => Math.sin(1 + i));
const rising = Float64Array.from({ length: 12 }, (_, i) => (1 + i) / 12);

// python3 -c "import numpy as np; i = np.arange(12.); A = 1/(1 + i[:, None] + np.arange(5))
//   A = np.concatenate([A, A[:, [0]] + 2*A[:, [3]]], 1); b = np.sin(1 + i); w = (1 + i)/12; W = np.sqrt(w)[:, None]
//   x, _, rank, s = np.linalg.lstsq(A, b, rcond=1e-10); print(x, rank, s)
//   x, _, rank, _ = np.linalg.lstsq(W*A, W[:, 0]*b, rcond=1e-10); print(x, np.linalg.norm(W[:, 0]*(b - A @ x)))
//   print(np.linalg.solve(A.T @ (W**2*A) + 1e-3*np.eye(6), A.T @ (w*b)))"
describe.each(solvers)("a rank-deficient problem %s agrees with numpy", (_, solve) => {
  const near = (x: Float64Array, expected: readonly number[]) => {
    for (const [j, value] of expected.entries()) expect(x[j] / value).toBeCloseTo(1, 6);
  };

  test("unweighted", () => {
    const { x, rank } = solve(dependentMatrix, sines, { relativeCutoff: 1e-10 });
    expect(rank).toBe(5);
    near(x, [-10031.7131252, 5744.76963171, -21452.48018739, 9842.52051934, -13148.16821102, 9653.32791345]);
  });

  test("weighted", () => {
    const { x, rank, residualNorms } = solve(dependentMatrix, sines, {
      weights: rising,
      relativeCutoff: 1e-10,
    });
    expect(rank).toBe(5);
    near(
      x,
      [-16333.99800466, 9223.83572974, -34752.18908175, 16034.22702908, -21516.48633646, 15734.45605343],
    );
    expect(residualNorms[0]).toBeCloseTo(1.3847357516051744, 9);
  });

  test("with a ridge", () => {
    const { x } = solve(dependentMatrix, sines, { weights: rising, ridge: 1e-3 });
    near(x, [2.76797933, 1.45220054, -0.48694342, -1.79045651, -2.6712778, -0.81293368]);
  });
});

describe.each(solvers)("powers of two times A and b change exponents alone, %s", (_, solve) => {
  const A = gaussianNumbers(6, 30);
  const B = gaussianNumbers(7, 20);
  const times = (values: Float64Array, factor: number) => values.map((value) => value * factor);

  test.each([-990, -600, -400, 400, 600, 990])("2^%i", (exponent) => {
    const factor = 2 ** exponent;
    const sides = [denseMatrix(B, 10, 2), denseMatrix(times(B, factor), 10, 2)] as const;
    const plain = solve(denseMatrix(A, 10, 3), sides[0]);
    const scaled = solve(denseMatrix(times(A, factor), 10, 3), sides[1]);
    expect(scaled.rank).toBe(3);
    expect(largestDifference(scaled.x.values, plain.x.values)).toBeLessThan(1e-14);
    const norms = scaled.residualNorms.map((norm) => norm / factor);
    expect(largestDifference(norms, plain.residualNorms)).toBeLessThan(1e-13);
    if (Math.abs(exponent) > 500) return;
    const ridged = solve(denseMatrix(times(A, factor), 10, 3), sides[1], { ridge: 0.5 * factor * factor });
    const { x } = solve(denseMatrix(A, 10, 3), sides[0], { ridge: 0.5 });
    expect(largestDifference(ridged.x.values, x.values)).toBeLessThan(1e-14);
  });
});

test("singular values are numpy's", () => {
  const { singularValues } = solveLeastSquaresBySvd(dependentMatrix, sines);
  const expected = [2.71376565, 2.7729893e-1, 2.36171329e-2, 1.04564516e-3, 3.15598629e-5];
  for (const [j, value] of expected.entries()) expect(singularValues[j] / value).toBeCloseTo(1, 7);
  expect(singularValues[5]).toBeLessThan(1e-15);
});

const problems = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  columns: fc.integer({ min: 1, max: 9 }),
  rank: fc.integer({ min: 1, max: 9 }),
  sides: fc.integer({ min: 1, max: 3 }),
  seed: fc.nat(10_000),
  weighted: fc.boolean(),
  ridge: fc.constantFrom(0, 0.5),
});

describe.each(solvers)("random problems of any shape and rank, %s", (_, solve) => {
  test("the gradient is 0, x lies in the row space and the rank is right", () => {
    fc.assert(
      fc.property(problems, ({ rows, columns, rank, sides, seed, weighted, ridge }) => {
        const left = gaussianNumbers(seed, rows * rank);
        const right = gaussianNumbers(seed + 1, rank * columns);
        const A = new Float64Array(rows * columns);
        for (let i = 0; i < rows; i++) {
          const row = denseMultiplyTransposed(right, rank, columns, left.subarray(i * rank, (i + 1) * rank));
          A.set(row, i * columns);
        }
        const matrix = denseMatrix(A, rows, columns);
        const b = gaussianNumbers(seed + 2, rows * sides);
        const weights = weighted ? gaussianNumbers(seed + 3, rows).map(Math.abs) : undefined;
        const solution = solve(matrix, denseMatrix(b, rows, sides), {
          weights,
          ridge,
          relativeCutoff: 1e-11,
        });
        const expectedRank = Math.min(rows, columns, rank);
        if (solve === solveLeastSquaresBySvd || ridge === 0) expect(solution.rank).toBe(expectedRank);
        for (let c = 0; c < sides; c++) {
          const x = Float64Array.from({ length: columns }, (_value, j) => solution.x.values[j * sides + c]);
          const residual = denseMultiply(A, rows, columns, x).map((value, i) => b[i * sides + c] - value);
          const w = residual.map((value, i) => value * (weights?.[i] ?? 1));
          const gradient = denseMultiplyTransposed(A, rows, columns, w).map(
            (value, j) => value - ridge * x[j],
          );
          expect(norm2(gradient)).toBeLessThan(1e-8 * (1 + norm2(x)));
          const squares = residual.reduce((sum, value, i) => sum + value * w[i], 0);
          expect(solution.residualNorms[c]).toBeCloseTo(Math.sqrt(squares), 9);
        }
        const other = solve === solveLeastSquares ? solveLeastSquaresBySvd : solveLeastSquares;
        const compared = other(matrix, denseMatrix(b, rows, sides), {
          weights,
          ridge,
          relativeCutoff: 1e-11,
        });
        const size = norm2(compared.x.values);
        expect(largestDifference(solution.x.values, compared.x.values)).toBeLessThan(
          1e-7 * (1 + size * size),
        );
      }),
    );
  });

  test("a ridge beside which A is small leaves the digits of x", () => {
    for (const exponent of [-2, -6, -12, -20, -100])
      for (const [rows, columns] of [
        [9, 4],
        [4, 9],
        [1, 1],
      ]) {
        const A = gaussianNumbers(rows, rows * columns).map((value) => value * 10 ** exponent);
        const b = gaussianNumbers(9, rows);
        const { x } = solve(denseMatrix(A, rows, columns), b, { ridge: 2 });
        const residual = denseMultiply(A, rows, columns, x).map((value, i) => b[i] - value);
        const slope = denseMultiplyTransposed(A, rows, columns, residual);
        for (let j = 0; j < columns; j++) expect(slope[j] / (2 * x[j])).toBeCloseTo(1, 11);
      }
  });

  test("a weight counts as often as its row is repeated", () => {
    const A = gaussianNumbers(1, 12);
    const b = gaussianNumbers(2, 4);
    const order = [0, 0, 0, 1, 2, 2, 3];
    const repeatedA = Float64Array.from(order.flatMap((i) => Array.from(A.subarray(3 * i, 3 * i + 3))));
    const repeatedB = Float64Array.from(order, (i) => b[i]);
    const weighted = solve(denseMatrix(A, 4, 3), b, { weights: Float64Array.of(3, 1, 2, 1) });
    const repeated = solve(denseMatrix(repeatedA, 7, 3), repeatedB);
    expect(largestDifference(weighted.x, repeated.x)).toBeLessThan(1e-13);
    expect(weighted.residualNorms[0]).toBeCloseTo(repeated.residualNorms[0], 13);
  });

  test("A = 0 has rank 0 and the answer 0", () => {
    const { x, rank, residualNorms } = solve(
      denseMatrix(new Float64Array(6), 3, 2),
      Float64Array.of(1, 2, 2),
    );
    expect(Array.from(x)).toEqual([0, 0]);
    expect(rank).toBe(0);
    expect(residualNorms[0]).toBe(3);
  });

  test("malformed problems are refused by name", () => {
    const refuse = (options: LeastSquaresOptions, b = new Float64Array(3)) => {
      return () => solve(denseMatrix(gaussianNumbers(1, 6), 3, 2), b, options);
    };
    expect(refuse({}, new Float64Array(4))).toThrow("the right-hand side must have 3 numbers, got 4");
    expect(refuse({}, Float64Array.of(0, Number.NaN, 0))).toThrow("b must be finite, got NaN in row 1");
    expect(refuse({ weights: new Float64Array(2) })).toThrow("weights must have 3 numbers, got 2");
    expect(refuse({ weights: Float64Array.of(1, -1, 1) })).toThrow(
      "weights must be non-negative, got -1 at index 1",
    );
    expect(refuse({ weights: new Float64Array(3) })).toThrow(DataError);
    expect(refuse({ ridge: -1 })).toThrow(ArgumentError);
    expect(refuse({ relativeCutoff: 2 })).toThrow("relativeCutoff must be in [0, 1), got 2");
  });
});
