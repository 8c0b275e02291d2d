import { expect, test } from "vitest";
import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { equalityNewtonDirection } from "./newton-direction.ts";
import { equalityTestProblems } from "./problems/equality-test-problems.ts";

const inOneStep = ["HS28", "HS48", "HS51", "HS52", "BT3"];

test.each(inOneStep)("%s, quadratic with affine constraints, is solved by one direction", async (name) => {
  const entry = equalityTestProblems.find((candidate) => candidate.name === name);
  if (!entry) throw new Error(name);
  const { problem, start, optimum } = entry;
  const lambda = new Float64Array(problem.constraintCount);
  const direction = await equalityNewtonDirection(problem, start, lambda);
  const x = start.map((xj, j) => xj + direction.x[j]);
  expect(Math.abs((await problem.value(x)) - optimum)).toBeLessThan(1e-9);
  for (const c of await problem.constraints(x)) expect(Math.abs(c)).toBeLessThan(1e-9);
  expect(direction.residualNorm).toBeLessThan(1e-10);
});

test("Psi bounds ||K^-1||, and Upsilon is the largest of the norms and 1", async () => {
  const entry = equalityTestProblems.find((candidate) => candidate.name === "HS28");
  if (!entry?.problem.hessianLagrangian) throw new Error("HS28");
  const { problem, start } = entry;
  const { psi, upsilon } = await equalityNewtonDirection(problem, start, Float64Array.of(0), { xiB: 1 });
  const { values: H } = await entry.problem.hessianLagrangian(start, Float64Array.of(0));
  const { values: G } = await problem.jacobian(start);
  const K = new Float64Array(16);
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) K[4 * i + j] = H[3 * i + j];
  for (let j = 0; j < 3; j++) {
    K[12 + j] = G[j];
    K[4 * j + 3] = G[j];
  }
  const smallest = Math.min(...symmetricEigenvalues(denseMatrix(K, 4, 4)).map(Math.abs));
  expect(psi).toBeGreaterThanOrEqual(1 / smallest);
  expect(upsilon).toBeCloseTo(Math.max(Math.hypot(...G), Math.hypot(...H), 1), 12);
});
