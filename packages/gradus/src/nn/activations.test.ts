import { compile, f64, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { type ActivationName, activationOf, activations } from "./activations.ts";

const formulas: Record<ActivationName, (x: number) => number> = {
  cosine: Math.cos,
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  // x Phi(x) at -2, 0, 0.5 and 3, from a table of the normal distribution.
  gelu: (x) =>
    ({ "-2": -2 * 0.0227501319481792, "0": 0, "0.5": 0.5 * 0.691462461274013, "3": 3 * 0.99865010196837 })[
      x
    ] ?? Number.NaN,
  identity: (x) => x,
  leakyRelu: (x) => (x > 0 ? x : 0.01 * x),
  relu: (x) => Math.max(0, x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  silu: (x) => x / (1 + Math.exp(-x)),
  sine: Math.sin,
  softplus: (x) => Math.log1p(Math.exp(x)),
  tanh: Math.tanh,
};

test.each(Object.entries(formulas))("%s is its formula", async (name, formula) => {
  const x = [-2, 0, 0.5, 3];
  const named = Object.keys(activations).find((key): key is ActivationName => key === name) ?? "identity";
  using program = await compile(({ x }) => activationOf(named)(x), { x: f64("n") });
  toNumbers(await program.run({ x: Float64Array.from(x) })).forEach((v, i) => {
    expect(v).toBeCloseTo(formula(x[i]), 12);
  });
});

test("functions are taken as they are, unknown names refused", () => {
  expect(activationOf(activations.relu)).toBe(activations.relu);
  expect(() => activationOf("toString" as ActivationName)).toThrow(ArgumentError);
});
