import { expect, test } from "vitest";
import { adagradRule, adamRule, type DescentRule, scalarAdagradRule } from "./baselines.ts";

const gradients = [
  [1, -2],
  [0.5, 3],
  [-0.1, 0.2],
];

function after(rule: DescentRule): number[] {
  const memory = rule.memory(2);
  let theta: Float64Array = Float64Array.of(1, 1);
  for (const [iteration, g] of gradients.entries())
    theta = rule.step(theta, Float64Array.from(g), memory, iteration);
  return [...theta];
}

// three steps of torch.optim.Adam and torch.optim.Adagrad (eps 1e-10) with a learning rate of 0.1, in float64
test.each([
  ["adamRule", adamRule, [0.740707399161892, 1.0525714548022405]],
  ["adagradRule", adagradRule, [0.8641873485269581, 1.0112564828074595]],
])("%s takes PyTorch's steps", (_, rule, expected) => {
  for (const [k, value] of after(rule(0.1)).entries()) expect(value).toBeCloseTo(expected[k], 12);
});

test("scalarAdagradRule divides by the root of all squares so far", () => {
  const sums = [5, 5 + 9.25, 5 + 9.25 + 0.05];
  for (const [k, value] of after(scalarAdagradRule(0.1)).entries()) {
    const expected = gradients.reduce((at, g, t) => at - (0.1 * g[k]) / (Math.sqrt(sums[t]) + 1e-6), 1);
    expect(value).toBeCloseTo(expected, 14);
  }
});
