import { type CsrMatrix, multiply } from "gradus/linalg";
import { expect, test } from "vitest";
import {
  graphOptimum,
  latticeProblem,
  leastSquaresData,
  logisticProblem,
  moonsProblem,
  softmaxProblem,
} from "./problems.ts";

test("data A: 7% of the entries, columns of very different scale, one seed one set", () => {
  const { A, c } = leastSquaresData(200, 1000, 3);
  const share = A.values.length / (200 * 1000);
  const keep = (10 * Math.log(200)) / 200;
  expect(Math.abs(share - keep)).toBeLessThan(4 * Math.sqrt((keep * (1 - keep)) / 200_000));
  expect(c).toHaveLength(200);
  expect(leastSquaresData(200, 1000, 3)).toEqual({ A, c });
  expect(leastSquaresData(200, 1000, 4).c).not.toEqual(c);
});

test("the entries of a column have mean and deviation of its scale", () => {
  const { A } = leastSquaresData(2000, 20, 1);
  const sums = new Float64Array(20);
  const squares = new Float64Array(20);
  const counts = new Float64Array(20);
  A.columnIndices.forEach((j, k) => {
    sums[j] += A.values[k];
    squares[j] += A.values[k] ** 2;
    counts[j] += 1;
  });
  // entries are s (1 + N(0, 1)): mean s, mean square 2 s^2
  const ratios = sums.map((sum, j) => squares[j] / counts[j] / (sum / counts[j]) ** 2);
  const mean = ratios.reduce((a, b) => a + b, 0) / 20;
  expect(mean).toBeGreaterThan(1.5);
  expect(mean).toBeLessThan(3.5);
});

test("data B and C start at m ln 2 and m ln k", () => {
  const binary = logisticProblem(60, 200, 0);
  expect(binary.value(new Float64Array(200), binary.carry(new Float64Array(200)))).toBeCloseTo(
    60 * Math.LN2,
    10,
  );
  const many = softmaxProblem(60, 50, 7, 0);
  expect(many.dimension).toBe(350);
  expect(many.value(new Float64Array(350), many.carry(new Float64Array(350)))).toBeCloseTo(
    60 * Math.log(7),
    10,
  );
});

const diagonal = ({ rows, rowPointers, columnIndices, values }: CsrMatrix) =>
  Array.from({ length: rows }, (_, i) => values[columnIndices.indexOf(i, rowPointers[i])]);

test("data D: 2400 unknowns of degree 2 to 4, and the optimum solves A x = c", async () => {
  const data = latticeProblem(50, 0);
  expect(data.c).toHaveLength(2400);
  const degrees = diagonal(data.A);
  expect(Math.min(...degrees)).toBeGreaterThanOrEqual(2e5);
  expect(Math.max(...degrees)).toBe(4e5);
  const { x, gap } = await graphOptimum(data);
  const image = multiply(data.A, x);
  const scale = Math.max(...data.c.map(Math.abs));
  image.forEach((value, i) => {
    expect(Math.abs(value - data.c[i]) / scale).toBeLessThan(1e-10);
  });
  expect(gap(x)).toBe(0);
  // f(0) - f* = -f* = c^T x* / 2
  expect(
    gap(new Float64Array(2400)) / (data.c.reduce((sum, value, i) => sum + value * x[i], 0) / 2),
  ).toBeCloseTo(1, 8);
});

test("data E: every point has at least five neighbors, and labels 1 and 2 bound the optimum", async () => {
  const data = moonsProblem(400, 1, 20);
  expect(data.c).toHaveLength(380);
  expect(Math.min(...diagonal(data.A))).toBeGreaterThanOrEqual(5);
  const { x } = await graphOptimum(data);
  expect(Math.min(...x)).toBeGreaterThanOrEqual(1 - 1e-9);
  expect(Math.max(...x)).toBeLessThanOrEqual(2 + 1e-9);
});
