import { describe, expect, test } from "vitest";
import { DataError } from "../../check/errors.ts";
import { parseCsv } from "../../data/csv.ts";
import { parseLibsvm } from "../../data/libsvm.ts";
import { denseMultiply } from "../../linalg/dense.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { linearRegression } from "../../objectives/linear-regression.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import { softmaxRegression } from "../../objectives/softmax-regression.ts";
import { affineConstraints, sphereConstraint, subjectTo } from "./constraint-functions.ts";
import { minimizeEquality } from "./minimize-equality.ts";
import type { EqualityProblem } from "./problem.ts";

/** A user's file: shares of three ingredients, and whether the batch passed. */
const csv = `sand,lime,water,passed
0.5,0.3,0.2,1
0.6,0.1,0.3,-1
0.4,0.4,0.2,1
0.7,0.2,0.1,-1
0.3,0.5,0.2,1
0.6,0.3,0.1,1
0.5,0.1,0.4,-1
0.4,0.2,0.4,-1
0.5,0.4,0.1,-1`;

function read(text: string) {
  const { x } = parseCsv(text);
  const values = Float64Array.from({ length: x.rows * (x.columns - 1) }, (_, k) => {
    const [i, j] = [Math.floor(k / (x.columns - 1)), k % (x.columns - 1)];
    return x.values[i * x.columns + j];
  });
  const y = Float64Array.from({ length: x.rows }, (_, i) => x.values[i * x.columns + x.columns - 1]);
  return { A: { rows: x.rows, columns: x.columns - 1, values }, y };
}
/** The effects of shares that sum to 1 are told apart by asking that they sum to 0. */
const sumToZero = affineConstraints(denseMatrix([1, 1, 1], 1, 3), Float64Array.of(0));

describe("a user's CSV file", () => {
  test("logistic regression with effects that sum to 0, by sketches of rows, from an infeasible start", async () => {
    const { A, y } = read(csv);
    const problem = subjectTo(logisticRegression(A, y), sumToZero);
    const start = Float64Array.of(1, 1, 1);
    const exact = await minimizeEquality(problem, start, { sketch: "exact", tolerance: 1e-10 });
    expect(exact.status).toBe("converged");
    expect(exact.x[0] + exact.x[1] + exact.x[2]).toBeCloseTo(0, 10);
    // the slope vanishes along both directions in which the sum stays 0
    const objective = logisticRegression(A, y);
    const gradient = objective.gradient(exact.x);
    expect(gradient[0] - gradient[1]).toBeCloseTo(0, 9);
    expect(gradient[1] - gradient[2]).toBeCloseTo(0, 9);
    for (const sketch of ["kaczmarz", "kaczmarz-weighted", "block"] as const) {
      const options = { sketch, equilibrate: true, tolerance: 1e-8, seed: 1 };
      const run = await minimizeEquality(problem, start, options);
      expect(run.status).toBe("converged");
      run.x.forEach((value, j) => {
        expect(value).toBeCloseTo(exact.x[j], 4);
      });
    }
  });

  test("least squares on a plane is the closed form", async () => {
    const { A, y } = read(csv);
    const run = await minimizeEquality(subjectTo(linearRegression(A, y), sumToZero), new Float64Array(3), {
      sketch: "exact",
      tolerance: 1e-11,
    });
    // residuals are orthogonal to both differences of columns
    const residual = denseMultiply(A.values, A.rows, 3, run.x).map((value, i) => value - y[i]);
    for (const [a, b] of [
      [0, 1],
      [1, 2],
    ]) {
      const product = residual.reduce(
        (sum, r, i) => sum + r * (A.values[i * 3 + a] - A.values[i * 3 + b]),
        0,
      );
      expect(product).toBeCloseTo(0, 9);
    }
  });

  test("softmax regression on a sphere", async () => {
    const { A, y } = read(csv);
    const classes = Int32Array.from(y, (label) => (label > 0 ? 1 : 0));
    const objective = softmaxRegression(A, classes, { classes: 2 });
    const problem = subjectTo(objective, sphereConstraint(objective.dimension, 2));
    const start = new Float64Array(objective.dimension).map((_, j) => Math.cos(j));
    const run = await minimizeEquality(problem, start, { sketch: "exact", tolerance: 1e-8 });
    expect(run.status).toBe("converged");
    expect(Math.hypot(...run.x)).toBeCloseTo(2, 7);
  });

  test.each<[string, () => unknown, string]>([
    ["an empty file", () => read(""), "CSV"],
    ["a number that is not one", () => read(csv.replace("0.3,0.2,1", "none,0.2,1")), "none"],
    ["an empty LIBSVM file", () => parseLibsvm(""), "row"],
  ])("%s is refused", (_, make, part) => {
    expect(make).toThrow(DataError);
    expect(make).toThrow(part);
  });

  test("a label outside the set is refused", () => {
    const { A, y } = read(csv.replace(",-1", ",2"));
    expect(() => logisticRegression(A, y)).toThrow("y must be -1 or 1, got 2 in row 1");
  });
});

test("more than 500 variables: the least eigenvalue of a matrix, by products, as a problem on the sphere", async () => {
  const n = 520;
  const diagonal = Float64Array.from({ length: n }, (_, i) => 1 + i / 40);
  const times = (x: Float64Array, scale: number, shift: number) =>
    x.map((value, i) => (scale * diagonal[i] + shift) * value);
  const problem: EqualityProblem = {
    dimension: n,
    constraintCount: 1,
    value: (x) => x.reduce((sum, value, i) => sum + diagonal[i] * value * value, 0),
    gradient: (x) => times(x, 2, 0),
    constraints: (x) => Float64Array.of(x.reduce((sum, value) => sum + value * value, -1)),
    jacobian: (x) => ({ rows: 1, columns: n, values: x.map((value) => 2 * value) }),
    hessianVectorProduct: (_, lambda, v) => times(v, 2, 2 * lambda[0]),
  };
  const start = Float64Array.from({ length: n }, (_, i) => 1 / (1 + i));
  const run = await minimizeEquality(problem, start, { tolerance: 1e-6, equilibrate: true, seed: 2 });
  expect(run.status).toBe("converged");
  expect(run.value).toBeCloseTo(1, 6);
  expect(run.lambda[0]).toBeCloseTo(-1, 6);
});
