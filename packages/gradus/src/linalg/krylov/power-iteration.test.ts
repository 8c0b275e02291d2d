import { expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { denseMatrix } from "../matrix.ts";
import { matrixOperator } from "../operator/matrix-operator.ts";
import { diagonalOperator } from "../operator/structured.ts";
import { asynchronous, tridiagonalOperator } from "../test-matrices.ts";
import { powerIteration } from "./power-iteration.ts";

test("finds the largest eigenvalue of the second difference and its sine", async () => {
  const n = 12;
  const A = tridiagonalOperator(n, -1, 2, -1);
  for (const operator of [A, asynchronous(A)]) {
    const { iterate, status } = await solve(powerIteration(operator, { tolerance: 1e-10 }));
    expect(status).toBe("converged");
    expect(iterate.value).toBeCloseTo(2 + 2 * Math.cos(Math.PI / (n + 1)), 12);
    const sign = Math.sign(iterate.vector[0]);
    for (let i = 0; i < n; i++) {
      const sine = Math.sqrt(2 / (n + 1)) * Math.sin((n * (i + 1) * Math.PI) / (n + 1));
      expect(sign * iterate.vector[i]).toBeCloseTo(sine, 8);
    }
  }
});

test("the residual falls by lambda_2 / lambda_1 a step", async () => {
  const norms: number[] = [];
  for await (const { residualNorm } of powerIteration(diagonalOperator(Float64Array.of(4, 3, 1))))
    norms.push(residualNorm);
  expect(norms[40] / norms[39]).toBeCloseTo(0.75, 3);
});

test("a dominant negative eigenvalue, a nonsymmetric matrix and the zero matrix are fine", async () => {
  const negative = await solve(powerIteration(diagonalOperator(Float64Array.of(1, -5, 2))));
  expect(negative.iterate.value).toBeCloseTo(-5, 10);
  // the Perron vector of a stochastic matrix
  const stochastic = matrixOperator(denseMatrix(Float64Array.of(0.9, 0.5, 0.1, 0.5), 2, 2));
  const { iterate } = await solve(
    powerIteration(stochastic, { start: Float64Array.of(1, 0), tolerance: 1e-12 }),
  );
  expect(iterate.value).toBeCloseTo(1, 11);
  expect(iterate.vector[0] / iterate.vector[1]).toBeCloseTo(5, 10);
  const zero = await solve(powerIteration(diagonalOperator(new Float64Array(3))));
  expect(zero.iterate.value).toBe(0);
  expect(zero.iterate.iteration).toBe(0);
});

test("resumes bit for bit through text", async () => {
  const A = tridiagonalOperator(12, -1, 2, -1);
  const whole = await solve(powerIteration(A, { seed: 4 }));
  const { iterate } = await solve(powerIteration(A, { seed: 4 }), { maxIterations: 9 });
  const resume = parseCheckpoint(serializeCheckpoint(iterate)) as typeof iterate;
  const resumed = await solve(powerIteration(A, { seed: 4, resume }));
  expect(resumed.iterate.vector).toEqual(whole.iterate.vector);
  expect(resumed.iterate.iteration).toBe(whole.iterate.iteration);
});

test("refuses a zero start and a negative tolerance", () => {
  const A = tridiagonalOperator(3, -1, 2, -1);
  expect(() => powerIteration(A, { start: new Float64Array(3) })).toThrow("start must not be 0");
  expect(() => powerIteration(A, { tolerance: -1 })).toThrow(
    "tolerance must be a non-negative number or Infinity, got -1",
  );
});
