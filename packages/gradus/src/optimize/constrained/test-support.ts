import { expect } from "vitest";
import type { EqualityProblem } from "./problem.ts";

/** Central difference quotients of a vector function, values x variables, row-major. */
async function differences(
  f: (x: Float64Array) => Promise<Float64Array>,
  x: Float64Array,
): Promise<Float64Array[]> {
  const columns: Float64Array[] = [];
  for (let j = 0; j < x.length; j++) {
    const h = 6e-6 * Math.max(1, Math.abs(x[j]));
    const [forward, backward] = [x.slice(), x.slice()];
    forward[j] += h;
    backward[j] -= h;
    const [above, below] = [await f(forward), await f(backward)];
    columns.push(above.map((value, i) => (value - below[i]) / (2 * h)));
  }
  return columns;
}

function expectColumns(columns: readonly Float64Array[], matrix: Float64Array, rows: number): void {
  const n = columns.length;
  expect(matrix).toHaveLength(rows * n);
  const size = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  columns.forEach((column, j) => {
    for (let i = 0; i < rows; i++) expect(Math.abs(column[i] - matrix[i * n + j]) / size).toBeLessThan(2e-7);
  });
}

/** Compares gradient, Jacobian and the Hessian of the Lagrangian with central differences. */
export async function expectDerivatives(
  problem: EqualityProblem,
  x: Float64Array,
  lambda: Float64Array,
): Promise<void> {
  const { dimension: n, constraintCount: m } = problem;
  expectColumns(
    await differences(async (at) => Float64Array.of(await problem.value(at)), x),
    await problem.gradient(x),
    1,
  );
  const { values: jacobian } = await problem.jacobian(x);
  expectColumns(await differences(async (at) => problem.constraints(at), x), jacobian, m);
  const columns = await differences(async (at) => {
    const gradient = (await problem.gradient(at)).slice();
    const { values: G } = await problem.jacobian(at);
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) gradient[j] += lambda[i] * G[i * n + j];
    return gradient;
  }, x);
  if (problem.hessianLagrangian)
    expectColumns(columns, (await problem.hessianLagrangian(x, lambda)).values, n);
  if (problem.hessianVectorProduct) {
    const v = x.map((_, j) => Math.cos(j + 1));
    const expected = x.map((_, i) => columns.reduce((sum, column, j) => sum + column[i] * v[j], 0));
    expectColumns([expected], await problem.hessianVectorProduct(x, lambda, v), n);
  }
}
