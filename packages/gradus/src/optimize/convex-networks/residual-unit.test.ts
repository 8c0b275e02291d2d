import { describe, expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { convexNetworkIterates } from "./iterates.ts";
import { samplePatterns } from "./patterns.ts";
import { withOnes } from "./problem.ts";
import { robustNetworkIterates } from "./robust/robust-iterates.ts";
import { normalRows, signs } from "./test-support.ts";

const { x, y } = normalRows(12, 2, 3);
const length = (v: Float64Array) => Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
const targetsOfLength = (size: number) => y.map((value) => (size * value) / length(y));

const few = { maxIterations: 3 };

/** The states of the methods after three iterations. */
const states = {
  convexNetworkIterates: async (y: Float64Array, loss: "squared" | "logistic") => {
    const patterns = samplePatterns(withOnes(x), { count: 6, seed: 1 });
    return (await solve(convexNetworkIterates({ x, y, loss, beta: 0.1, patterns }), few)).iterate.state;
  },
  robustNetworkIterates: async (y: Float64Array, loss: "squared" | "logistic") => {
    const perturbation = { epsilon: 0.1, perturbed: [true, true, false] };
    const patterns = samplePatterns(withOnes(x), { count: 6, seed: 1, perturbation });
    const robustness = { epsilon: 0.1 };
    const method = robustNetworkIterates({ x, y, loss, beta: 0.1, patterns, robustness });
    return (await solve(method, few)).iterate.state;
  },
};

describe.each(Object.entries(states))("residuals of %s", (_, stateOf) => {
  test.each([
    [0.25, 0.25],
    [4, 1],
    [0, 1],
  ])("of targets of length %d are relative to %d + |u| + |s|", async (size, unit) => {
    const { scale, u, s } = await stateOf(targetsOfLength(size), "squared");
    expect(scale - length(u) - length(s)).toBeCloseTo(unit, 12);
  });

  test("of labels are relative to 1 + |u| + |s|", async () => {
    const labels = signs(y);
    const { scale, u, s } = await stateOf(labels, "logistic");
    expect(scale - length(u) - length(s)).toBeCloseTo(1, 12);
  });
});
