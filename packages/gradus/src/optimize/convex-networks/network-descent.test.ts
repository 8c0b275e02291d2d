import { expect, test } from "vitest";
import { minimize } from "../minimize.ts";
import { certifyNetwork } from "./certificate.ts";
import { fitConvexReluNetwork } from "./fit.ts";
import { networkObjective } from "./network.ts";
import { networkDescent } from "./network-descent.ts";
import { normalRows, signs } from "./test-support.ts";

test.each([
  ["squared", true],
  ["logistic", false],
] as const)("%s, intercept %s: value of the network, gradient by finite differences", (loss, intercept) => {
  const { x, y: raw } = normalRows(9, 3, 2);
  const problem = { x, y: loss === "squared" ? raw : signs(raw), loss, beta: 0.2, intercept };
  const { objective, start, network } = networkDescent(problem, { width: 4 });
  const parameters = start(1);
  const { value, gradient } = objective.valueAndGradient(parameters);
  expect(value).toBeCloseTo(networkObjective(problem, network(parameters)), 12);
  for (let i = 0; i < objective.dimension; i++) {
    const moved = (step: number) =>
      objective.value(parameters.map((entry, j) => (j === i ? entry + step : entry)));
    expect(gradient[i]).toBeCloseTo((moved(1e-6) - moved(-1e-6)) / 2e-6, 6);
  }
});

test("descent from many starts never goes below the proved bound, and some start comes close", async () => {
  const { x, y } = normalRows(10, 1, 4);
  const problem = { x, y, beta: 0.1 };
  const { certificate: optimum } = await fitConvexReluNetwork({ ...problem, tolerance: 1e-6 });
  const { objective, start, network } = networkDescent(problem, { width: 12 });
  let best = Number.POSITIVE_INFINITY;
  for (let seed = 1; seed <= 10; seed++) {
    const { x: parameters, value } = await minimize(objective, start(seed), { maxIterations: 2000 });
    expect(certifyNetwork(problem, network(parameters)).gap).toBeGreaterThanOrEqual(0);
    expect(value).toBeGreaterThanOrEqual(optimum.lowerBound);
    best = Math.min(best, value / optimum.objective - 1);
  }
  expect(best).toBeLessThan(0.02);
});

test("what does not fit is refused", () => {
  const { x, y } = normalRows(4, 2, 1);
  expect(() => networkDescent({ x, y, beta: 1 }, { width: 0 })).toThrow(
    "width must be a positive integer, got 0",
  );
  const { objective } = networkDescent({ x, y, beta: 1 }, { width: 2 });
  expect(() => objective.value(new Float64Array(3))).toThrow("the parameters must have 8 numbers, got 3");
});
