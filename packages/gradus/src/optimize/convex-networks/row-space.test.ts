import { expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { fitConvexReluNetwork } from "./fit.ts";
import { checkedObjective, networkObjective, networkOf } from "./network.ts";
import { checkProblem } from "./problem.ts";
import { inRowSpace } from "./row-space.ts";

const stream = randomStream(4);
const wide = (rows: number, columns: number) => ({
  x: denseMatrix(stream.fillNormal(new Float64Array(rows * columns)), rows, columns),
  y: stream.fillNormal(new Float64Array(rows)),
  beta: 0.2,
});

test.each([true, false])("a network has the same objective in both spaces (intercept: %s)", (intercept) => {
  const given = { ...wide(6, 40), intercept };
  const { problem, lift } = inRowSpace(checkProblem(given));
  expect([problem.x.rows, problem.x.columns]).toEqual([6, 6]);
  const units = [1, -2, 0.5].map((output) => ({
    weights: stream.fillNormal(new Float64Array(problem.design.columns)),
    output,
  }));
  const network = networkOf(units, problem.design.columns, intercept);
  expect(networkObjective(given, lift(network))).toBeCloseTo(checkedObjective(problem, network), 11);
});

test("rows that repeat span less, and change nothing else", () => {
  const { x, y } = wide(3, 9);
  const values = new Float64Array(36);
  for (let i = 0; i < 4; i++) values.set(x.values.subarray(9 * (i % 2), 9 * (i % 2) + 9), 9 * i);
  const given = { x: denseMatrix(values, 4, 9), y: Float64Array.of(...y, 1), beta: 1 };
  const { problem, lift } = inRowSpace(checkProblem(given));
  const network = networkOf([{ weights: Float64Array.of(1, 2, 3, 4, 5), output: 1 }], 5, true);
  expect(networkObjective(given, lift(network))).toBeCloseTo(checkedObjective(problem, network), 11);
});

test("a tall problem stays as it is", () => {
  const problem = checkProblem(wide(10, 3));
  expect(inRowSpace(problem).problem).toBe(problem);
});

test("columns of zeros beside the others leave the optimum and get no weight", async () => {
  const { x, y, beta } = wide(8, 3);
  const values = new Float64Array(8 * 60);
  for (let i = 0; i < 8; i++) values.set(x.values.subarray(3 * i, 3 * i + 3), 60 * i + 20);
  const padded = { x: denseMatrix(values, 8, 60), y, beta };
  const [narrow, fit] = [await fitConvexReluNetwork({ x, y, beta }), await fitConvexReluNetwork(padded)];
  expect(fit.status).toBe("converged");
  expect(fit.network.hidden.rows).toBe(60);
  expect(Math.abs(fit.certificate.objective / narrow.certificate.objective - 1)).toBeLessThan(2e-3);
  expect(networkObjective(padded, fit.network)).toBeCloseTo(fit.certificate.objective, 9);
  const units = fit.network.outputs.length;
  fit.network.hidden.values.forEach((weight, at) => {
    const column = Math.floor(at / units);
    if (column < 20 || column >= 23) expect(Math.abs(weight)).toBeLessThan(1e-12);
  });
});
