import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { bayesianSignTest, dirichletArgmaxProbabilities } from "./bayesian-sign-test.ts";

// probability that a fair coin thrown a + b - 1 times falls heads fewer than b times: gamma variables of integer
// shapes a and b are arrival times of two Poisson processes, and the later one is the larger
function laterArrival(a: number, b: number): number {
  const throws = a + b - 1;
  let binomial = 1;
  let heads = 0;
  for (let k = 0; k < a; k++) {
    heads += binomial;
    binomial = (binomial * (throws - k)) / (k + 1);
  }
  return heads / 2 ** throws;
}

describe("dirichletArgmaxProbabilities", () => {
  test("of two integer concentrations is a binomial sum", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 1, max: 25 }), (a, b) => {
        const [first, second] = dirichletArgmaxProbabilities([a, b]);
        expect(Math.abs(first - laterArrival(a, b))).toBeLessThan(1e-12);
        expect(Math.abs(second - laterArrival(b, a))).toBeLessThan(1e-12);
      }),
    );
  });

  test("of 1, 1, 2 is 7/36, 7/36, 22/36", () => {
    // integral of x e^-x (1 - e^-x)^2 = 1 - 2/4 + 1/9
    const [first, second, third] = dirichletArgmaxProbabilities([1, 1, 2]);
    expect(first).toBeCloseTo(7 / 36, 12);
    expect(second).toBeCloseTo(7 / 36, 12);
    expect(third).toBeCloseTo(22 / 36, 12);
  });

  test("of concentrations near 0 is their share: all mass is at the corners", () => {
    const [first, second, third] = dirichletArgmaxProbabilities([1e-6, 2e-6, 3e-6]);
    expect([first, second, third].map((p) => Math.round(p * 6e5) / 1e5)).toEqual([1, 2, 3]);
  });

  test("sums to 1 and treats equal concentrations equally", () => {
    const sizes = fc.double({ min: 1e-4, max: 200, noNaN: true });
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 2, maxLength: 4 }), (concentration) => {
        const probabilities = dirichletArgmaxProbabilities([...concentration, concentration[0]]);
        expect(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-11);
        expect(probabilities.at(-1)).toBeCloseTo(probabilities[0], 12);
      }),
    );
  });

  // printed by SciPy's adaptive quadrature of its own gamma density and distribution function
  test.each([
    [
      [0.5, 0.7, 0.2],
      [0.349714183661196, 0.528497804911139, 0.121788011427666],
    ],
    [
      [9, 1.0001, 3.0001],
      [0.965785914817155, 0.001667704427565, 0.032546380755279],
    ],
    [
      [60.0001, 41.0001, 1e-4],
      [0.971555907912934, 0.028444092087066, 0],
    ],
  ])("of %j agrees with adaptive quadrature", (concentration, expected) => {
    for (const [i, p] of dirichletArgmaxProbabilities(concentration).entries())
      expect(p).toBeCloseTo(expected[i], 12);
  });

  test("agrees with simulation", () => {
    const concentration = [4.0001, 7.0001, 5.0001];
    const stream = randomStream(5);
    const wins = [0, 0, 0];
    const draws = 100_000;
    for (let i = 0; i < draws; i++) {
      const share = stream.dirichlet(concentration);
      wins[share.indexOf(Math.max(...share))] += 1;
    }
    for (const [i, p] of dirichletArgmaxProbabilities(concentration).entries())
      expect(Math.abs(wins[i] / draws - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / draws));
  });

  test("rejects what is no concentration", () => {
    expect(() => dirichletArgmaxProbabilities([1])).toThrow(ArgumentError);
    expect(() => dirichletArgmaxProbabilities([1, 0])).toThrow("concentration[1]");
  });
});

describe("bayesianSignTest", () => {
  test("counts strictly outside the rope and puts the prior where it is told", () => {
    const differences = [-0.02, -0.01, 0, 0.01, 0.02, 0.03];
    const result = bayesianSignTest(differences, { rope: 0.01 });
    const [left, rope, right] = dirichletArgmaxProbabilities([1.0001, 4.0001, 2.0001]);
    expect(result.left).toBeCloseTo(left, 12);
    expect(result.rope).toBeCloseTo(rope, 12);
    expect(result.right).toBeCloseTo(right, 12);
    const moved = bayesianSignTest(differences, { rope: 0.01, prior: 2, priorPlace: "left" });
    expect(moved.left).toBeCloseTo(dirichletArgmaxProbabilities([3.0001, 3.0001, 2.0001])[0], 12);
  });

  test("is nearly sure after many clear differences, and mirrors with their sign", () => {
    const differences = Array.from({ length: 40 }, (_, i) => 0.05 + i / 100);
    const { left, rope, right } = bayesianSignTest(differences, { rope: 0.01 });
    // only the prior observation speaks for the rope: two variables of shapes 40 and 1
    expect(rope).toBeCloseTo(laterArrival(1, 40), 6);
    expect(right).toBeGreaterThan(0.999);
    expect(left).toBeLessThan(1e-6);
    const mirrored = bayesianSignTest(
      differences.map((d) => -d),
      { rope: 0.01 },
    );
    expect(mirrored.left).toBeCloseTo(right, 12);
  });

  test("rejects what it cannot use", () => {
    expect(() => bayesianSignTest([], { rope: 0.01 })).toThrow(DataError);
    expect(() => bayesianSignTest([1, Number.NaN], { rope: 0.01 })).toThrow("got NaN at index 1");
    expect(() => bayesianSignTest([1], { rope: -1 })).toThrow(ArgumentError);
    expect(() => bayesianSignTest([1], { rope: 0, prior: 0 })).toThrow("prior must be");
  });
});
