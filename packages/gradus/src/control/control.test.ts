import { describe, expect, test } from "vitest";
import { denseMatrix } from "../linalg/matrix.ts";
import { multiply } from "../linalg/multiply.ts";
import { randomStream } from "../random/stream.ts";
import { sso } from "../target-surrogates/sso.ts";
import { cartPole } from "./cart-pole.ts";
import { daggerProblem } from "./dagger.ts";
import { discreteLqr } from "./discrete-lqr.ts";
import { linearPolicy } from "./policy.ts";

const regulator = () => {
  const pole = cartPole();
  const Q = denseMatrix([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 10, 0, 0, 0, 0, 1], 4, 4);
  return { pole, ...discreteLqr({ A: pole.A, B: pole.B, Q, R: denseMatrix([0.1], 1, 1) }) };
};

describe("the discrete regulator", () => {
  test("one state, one action: the root of the scalar Riccati equation", () => {
    const one = denseMatrix([1], 1, 1);
    const { K, P } = discreteLqr({ A: one, B: one, Q: one, R: one });
    const golden = (1 + Math.sqrt(5)) / 2; // P^2 = P + 1
    expect(P.values[0]).toBeCloseTo(golden, 10);
    expect(K.values[0]).toBeCloseTo(golden / (1 + golden), 10);
  });

  test("the cart-pole's gain, as scipy's solve_discrete_are gives it", () => {
    const { K } = regulator();
    const published = [-2.77624563, -5.19517283, -45.321842, -11.29602088];
    published.forEach((value, j) => {
      expect(K.values[j]).toBeCloseTo(value, 6);
    });
  });

  test("what cannot be stabilized, and sizes that do not fit", () => {
    const one = denseMatrix([1], 1, 1);
    const unstable = { A: denseMatrix([2], 1, 1), B: denseMatrix([0], 1, 1), Q: one, R: one };
    expect(() => discreteLqr(unstable)).toThrow(/stabilizable/);
    expect(() => discreteLqr({ A: denseMatrix([1, 2, 3], 1, 3), B: one, Q: one, R: one })).toThrow(
      "A must be 1 x 1, got 1 x 3",
    );
  });
});

describe("the cart-pole", () => {
  test("its linearization agrees with finite differences", () => {
    const { A, B, step } = cartPole();
    const h = 1e-6;
    for (let j = 0; j < 5; j++) {
      const state = new Float64Array(4);
      const action = new Float64Array(1);
      if (j < 4) state[j] = h;
      else action[0] = h;
      const next = step(state, action);
      next.forEach((value, i) => {
        expect(value / h).toBeCloseTo(j < 4 ? A.values[i * 4 + j] : B.values[i], 8);
      });
    }
  });

  test("falls without a force, stands with the regulator's", () => {
    const { pole, K } = regulator();
    let [free, held] = [Float64Array.of(0, 0, 0.1, 0), Float64Array.of(0, 0, 0.1, 0)];
    for (let time = 0; time < 500; time++) {
      if (!pole.failed(free)) free = Float64Array.from(pole.step(free, new Float64Array(1)));
      const [force] = multiply(K, held).map((value) => -value);
      held = Float64Array.from(pole.step(held, Float64Array.of(force)));
    }
    expect(pole.failed(free)).toBe(true);
    expect(Math.hypot(...held)).toBeLessThan(1e-3);
  });

  test("forces are clipped, states start within their bounds", () => {
    const pole = cartPole();
    const state = Float64Array.of(0, 0, 0, 0);
    expect(pole.step(state, Float64Array.of(1e6))).toEqual(pole.step(state, Float64Array.of(10)));
    const initial = pole.initial(randomStream(1));
    expect(initial.every((value, j) => Math.abs(value) <= [0.5, 0.5, 0.3, 0.5][j])).toBe(true);
    expect(() => cartPole({ poleMass: 0 })).toThrow(/poleMass/);
  });
});

test("a linear policy learns a linear expert in one round", async () => {
  expect.hasAssertions();
  const { pole, K } = regulator();
  const expert = (state: Float64Array) => multiply(K, state).map((value) => -value);
  const problem = daggerProblem(pole, expert, linearPolicy(4), { actionScale: 10, seed: 3 });
  for await (const { theta, iteration, batchLoss } of sso(problem, new Float64Array(4), {
    eta: 1,
    inner: "exact",
  })) {
    if (iteration === 2) expect(batchLoss).toBeLessThan(1e-20);
    if (iteration < 2) continue;
    theta.forEach((value, j) => {
      expect(value).toBeCloseTo(-K.values[j] / 10, 8);
    });
    break;
  }
});

test("states begin at random with seed 0 by default, as of other functions", async () => {
  const { pole, K } = regulator();
  const expert = (state: Float64Array) => multiply(K, state).map((value) => -value);
  const lossOf = async (options: { readonly seed?: number }) => {
    const problem = daggerProblem(pole, expert, linearPolicy(4), { actionScale: 10, ...options });
    for await (const { iteration, batchLoss } of sso(problem, new Float64Array(4), { eta: 1 }))
      if (iteration === 1) return batchLoss;
    return undefined;
  };
  const usual = await lossOf({});
  expect(usual).toBeGreaterThan(0);
  expect(usual).toBe(await lossOf({ seed: 0 }));
  expect(usual).not.toBe(await lossOf({ seed: 1 }));
});

test("shapes of policies and options", () => {
  const policy = { ...linearPolicy(4), outputs: 2 };
  const expert = () => new Float64Array(1);
  expect(() => daggerProblem(cartPole(), expert, policy)).toThrow(
    "the policy must return actions of 1 numbers for this environment, got 2",
  );
  expect(() => daggerProblem(cartPole(), expert, linearPolicy(4), { episodes: 0 })).toThrow(/episodes/);
  expect(() => cartPole({ mass: 1 } as object)).toThrow('cartPole has no option "mass"');
  expect(() => cartPole({ gravity: 0 })).toThrow("gravity must be a positive number, got 0");
});
