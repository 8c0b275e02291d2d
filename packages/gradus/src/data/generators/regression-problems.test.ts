import { expect, test } from "vitest";
import { singularValues } from "../../linalg/factorize/singular-values.ts";
import { conditionedLogistic } from "./conditioned-logistic.ts";
import { matrixFactorization } from "./matrix-factorization.ts";

test("conditioned logistic data have the singular values asked for, and labels that follow the margins", () => {
  const { x, y, weights } = conditionedLogistic({ n: 400, d: 5, condition: 100, seed: 2 });
  const s = singularValues(x).map((value) => value / Math.sqrt(x.rows));
  expect([...s]).toEqual([0, 1, 2, 3, 4].map((k) => expect.closeTo(100 ** (-k / 4), 10)));
  let expected = 0;
  let seen = 0;
  for (let i = 0; i < x.rows; i++) {
    let margin = 0;
    for (let j = 0; j < x.columns; j++) margin += x.values[i * x.columns + j] * weights[j];
    expected += Math.abs(2 / (1 + Math.exp(-margin)) - 1);
    seen += (2 * y[i] - 1) * Math.sign(margin);
  }
  expect(Math.abs(seen - expected)).toBeLessThan(3 * Math.sqrt(x.rows));
  expect(() => conditionedLogistic({ n: 4, d: 5, condition: 2, seed: 1 })).toThrow(/n must be at least d/);
});

test("matrix factorization data are images of a matrix with falling rows", () => {
  const { x, y, A } = matrixFactorization({ n: 50, seed: 1 });
  expect(Math.max(...A.values.subarray(0, 6))).toBeLessThan(1);
  expect(Math.max(...A.values.subarray(54))).toBeLessThan(1e-10);
  const first = A.values.subarray(0, 6).reduce((sum, a, j) => sum + a * x.values[6 * 7 + j], 0);
  expect(y.values[70]).toBeCloseTo(first, 12);
  expect(() => matrixFactorization({ n: 5, smallestScale: 0, seed: 1 })).toThrow(/smallestScale/);
});
