import { expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { centralPoint } from "./central-path.ts";
import { hiddenFeatures, unitDirections } from "./features.ts";
import { outputLoss, totalLoss } from "./output-loss.ts";
import { atOnce } from "./pieces.ts";
import { checkProblem } from "./problem.ts";
import { fistaIterates } from "./sampled-iterates.ts";
import { normalRows, signs } from "./test-support.ts";

// more directions than rows, and fewer: the two forms of the linear system
test.each([
  ["squared", 60],
  ["squared", 15],
  ["logistic", 60],
  ["logistic", 15],
] as const)("%s, %i directions: the optimum is that of FISTA", async (loss, count) => {
  const { x, y: raw } = normalRows(30, 3, 4);
  const problem = checkProblem({ x, y: loss === "squared" ? raw : signs(raw), loss, beta: 0.5 });
  const directions = unitDirections(count, 4, 2);
  const features = hiddenFeatures(directions, problem.design);
  const { objective, bound, nu } = atOnce(centralPoint(problem, features, problem.y, 1e-8));
  const method = fistaIterates(problem, directions, { tolerance: 1e-9 });
  const { iterate } = await solve(method, { maxIterations: 50_000 });
  expect(objective / iterate.objective).toBeCloseTo(1, 6);
  expect(bound).toBeLessThanOrEqual(iterate.objective);
  for (let j = 0; j < count; j++) {
    let height = 0;
    for (let k = 0; k < 30; k++) height += features.values[j * 30 + k] * nu[k];
    expect(Math.abs(height)).toBeLessThan(0.5);
  }
});

test("hinge: primal and dual value meet, and the objective is that of the weights", () => {
  const { x, y } = normalRows(40, 3, 7);
  const problem = checkProblem({ x, y: signs(y), loss: "hinge", beta: 0.3 });
  const features = hiddenFeatures(unitDirections(50, 4, 1), problem.design);
  const { objective, bound, nu, alpha } = atOnce(centralPoint(problem, features, problem.y, 1e-6));
  expect(objective - bound).toBeLessThanOrEqual(1e-6 * objective);
  expect(bound).toBeLessThanOrEqual(objective);
  const outputs = new Float64Array(40);
  for (let j = 0; j < 50; j++)
    for (let k = 0; k < 40; k++) outputs[k] += alpha[j] * features.values[j * 40 + k];
  const penalty = alpha.reduce((sum, value) => sum + 0.3 * Math.abs(value), 0);
  expect(totalLoss(outputLoss("hinge"), outputs, problem.y) + penalty).toBeCloseTo(objective, 8);
  nu.forEach((value, k) => {
    expect(value * problem.y[k]).toBeGreaterThan(0);
    expect(value * problem.y[k]).toBeLessThan(1);
  });
});
