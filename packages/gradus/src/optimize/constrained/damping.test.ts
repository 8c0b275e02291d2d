import { describe, expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { denseMultiply } from "../../linalg/dense.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { norm2 } from "../../linalg/vector.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import { randomStream } from "../../random/stream.ts";
import { adaSketchNewton } from "./ada-sketch-newton.ts";
import type { AdaSketchNewtonOptions } from "./ada-sketch-options.ts";
import { affineConstraints, sphereConstraint, subjectTo } from "./constraint-functions.ts";
import type { ConstrainedIterate, ConstrainedState } from "./contract.ts";
import { nextShift } from "./damping.ts";
import { minimizeEquality } from "./minimize-equality.ts";

describe("the next shift", () => {
  const point = { lagrangianGradient: Float64Array.of(3, 4) };
  const system = { normH: 10, convex: true };

  test("after a short step makes the next about as long", () => {
    // ||(H + t I)^-1 g|| <= ||g|| / t
    expect(norm2(point.lagrangianGradient) / nextShift(0, 1 / 8, 2, point, system)).toBeCloseTo(2, 14);
    expect(nextShift(1, 1 / 8, 2, point, system)).toBe(4);
    expect(nextShift(9, 1 / 8, 2, point, system)).toBe(10);
  });

  test("stays after a middling step, falls after a unit step, and ends", () => {
    expect(nextShift(1, 1 / 4, 2, point, system)).toBe(1);
    expect(nextShift(1, 1, 2, point, system)).toBeCloseTo(0.1, 15);
    expect(nextShift(0.009, 1, 2, point, system)).toBe(0);
    expect(nextShift(0, 1, 2, point, system)).toBe(0);
  });

  test("is 0 where the Hessian is shifted anyway", () => {
    expect(nextShift(1, 1 / 8, 2, point, { normH: 10, convex: false })).toBe(0);
  });
});

describe("logistic regression on planes and a sphere, from where the loss is nearly linear", () => {
  const [rows, n, equations] = [100, 30, 10];
  const stream = randomStream(1);
  const values = Float64Array.from({ length: rows * n }, () => stream.normal());
  const truth = Float64Array.from({ length: n }, () => stream.normal());
  const scores = denseMultiply(values, rows, n, truth);
  const labels = scores.map((score) => (score + 3 * stream.normal() > 0 ? 1 : -1));
  const A = denseMatrix(
    Array.from({ length: equations * n }, () => stream.normal()),
    equations,
    n,
  );
  const problem = subjectTo(
    logisticRegression({ rows, columns: n, values }, labels),
    affineConstraints(A, new Float64Array(equations).fill(0.05)),
    sphereConstraint(n),
  );
  const start = Float64Array.from({ length: n }, () => 4 + 4 * stream.normal());
  const solved = (options: AdaSketchNewtonOptions = {}) =>
    minimizeEquality(problem, start, { tolerance: 1e-9, ...options });

  test("damping takes a fraction of the steps to the same minimum", async () => {
    const damped = await solved();
    const plain = await solved({ damping: "none" });
    expect(damped.status).toBe("converged");
    expect(plain.status).toBe("converged");
    expect(damped.value).toBeCloseTo(plain.value, 10);
    expect(3 * damped.iterations).toBeLessThan(plain.iterations);
    expect(damped.history.some(({ parameters }) => parameters.shift > 0)).toBe(true);
    expect(damped.history.at(-1)?.parameters.shift).toBe(0);
    for (const { merit, meritBefore } of damped.history) expect(merit).toBeLessThanOrEqual(meritBefore);
  });

  test.each<[string, AdaSketchNewtonOptions]>([
    ["without damping", { damping: "none" }],
    ["with the theoretical rule", { accuracy: "theory" }],
    ["with a sketch", { sketch: "block", maxIterations: 3, maxSketchSteps: 1000 }],
  ])("%s nothing is shifted", async (_, options) => {
    const { history } = await solved({ maxIterations: 10, ...options });
    expect(history.length).toBeGreaterThan(0);
    for (const { parameters } of history) expect(parameters.shift).toBe(0);
  });

  test("a run resumes bit for bit while it is damped", async () => {
    const all = async (options: AdaSketchNewtonOptions) => {
      const iterates: ConstrainedIterate[] = [];
      for await (const iterate of adaSketchNewton(problem, start, options)) iterates.push(iterate);
      return iterates;
    };
    const whole = await all({});
    const at = whole.findIndex(({ state }) => state.parameters.shift > 0);
    const { iteration, state } = whole[at];
    const resume = { iteration, state: parseCheckpoint(serializeCheckpoint(state)) as ConstrainedState };
    const rest = await all({ resume });
    expect(rest.map(({ x }) => x)).toEqual(whole.slice(at).map(({ x }) => x));
  });

  test("another name is refused", () => {
    expect(() => adaSketchNewton(problem, start, JSON.parse('{ "damping": "trust" }'))).toThrow(
      'damping must be "adaptive" or "none", got "trust"',
    );
  });
});
