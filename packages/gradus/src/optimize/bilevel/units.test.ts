import { describe, expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { estimateErrorBound, hypergradient, penaltyHyperobjective, ridgePenalties } from "./index.ts";
import { pointOf } from "./test-support.ts";

const [n, d] = [40, 3];
const weights = [1, -2, 0.5];

/** Rows of a noisy linear function, with features and targets in units of their own. */
function rows(seed: number, ofX: number, ofY: number) {
  const x = pointOf(seed, n * d);
  const noise = pointOf(seed + 1, n);
  const y = noise.map((e, i) => weights.reduce((sum, w, j) => sum + w * x[i * d + j], 0.3 * e));
  return {
    x: denseMatrix(
      x.map((value) => value * ofX),
      n,
      d,
    ),
    y: y.map((value) => value * ofY),
  };
}

function ridgeIn(ofX: number, ofY: number) {
  const { problem, coefficients } = ridgePenalties({
    train: rows(1, ofX, ofY),
    validation: rows(7, ofX, ofY),
  });
  const x = Float64Array.from({ length: d }, (_, j) => 2 * Math.log(ofX) + 0.3 * j);
  return { problem, coefficients, x };
}

/** The gradient of the validation loss at the exact coefficients, by central differences, in units of 1. */
const exact = (() => {
  const { problem, coefficients, x } = ridgeIn(1, 1);
  const psi = (at: Float64Array) => Number(problem.upper.value(at, coefficients(at)));
  return Array.from(x, (value, j) => (psi(x.with(j, value + 1e-5)) - psi(x.with(j, value - 1e-5))) / 2e-5);
})();

describe.each([
  [1, 1],
  [1, 1e-6],
  [1, 1e6],
  [1, 1e8],
  [1e-6, 1],
  [1e6, 1],
])("hypergradients of features in units of %d and targets in units of %d", (ofX, ofY) => {
  test.each(["penalty", "explicit", "aid"] as const)("%s", async (method) => {
    const { problem, x } = ridgeIn(ofX, ofY);
    const { gradient, status, oracleCalls } = await hypergradient(problem, x, { method });
    expect(status).toBe("converged");
    const wrong = Math.max(...exact.map((slope, j) => Math.abs(gradient[j] / ofY ** 2 - slope)));
    // the penalty's own error is of the order of sigma, 1e-4
    expect(wrong / Math.max(...exact.map(Math.abs))).toBeLessThan(method === "aid" ? 1e-5 : 1e-4);
    expect(oracleCalls).toBeLessThan(250);
  });

  test("the penalized hyper-objective has the same slopes", async () => {
    const { problem, x } = ridgeIn(ofX, ofY);
    const { gradient, status, oracleCalls } = await penaltyHyperobjective(problem, x, 1e-4);
    expect(status).toBe("converged");
    const wrong = Math.max(...exact.map((slope, j) => Math.abs(gradient[j] / ofY ** 2 - slope)));
    expect(wrong / Math.max(...exact.map(Math.abs))).toBeLessThan(1e-4);
    expect(oracleCalls).toBeLessThan(250);
  });
});

test("a sigma with which the upper level is lost in rounding has not converged, whatever the units of the upper level", async () => {
  const { problem, coefficients, x } = ridgeIn(1, 1);
  const lost = 1e-15;
  for (const find of [
    () => penaltyHyperobjective(problem, x, lost),
    () => hypergradient(problem, x, { sigma: lost }),
  ]) {
    const { gradient, status } = await find();
    const wrong = Math.max(...exact.map((slope, j) => Math.abs(gradient[j] - slope)));
    expect(wrong / Math.max(...exact.map(Math.abs))).toBeGreaterThan(0.01);
    expect(status).toBe("inner-not-converged");
  }
  const unit = 1e11;
  const { upper } = problem;
  const larger = {
    value: (at: Float64Array, y: Float64Array) => unit * Number(upper.value(at, y)),
    gradientX: (_x: Float64Array, _y: Float64Array, out: Float64Array) => out.fill(0),
    gradientY: async (at: Float64Array, y: Float64Array, out: Float64Array, batch: number) =>
      (await upper.gradientY(at, y, out, batch)).map((slope) => unit * slope),
  };
  const y0 = Float64Array.from(coefficients(x));
  const { gradient, status } = await penaltyHyperobjective({ ...problem, upper: larger }, x, lost, { y0 });
  expect(status).toBe("converged");
  const wrong = Math.max(...exact.map((slope, j) => Math.abs(gradient[j] / unit - slope)));
  expect(wrong / Math.max(...exact.map(Math.abs))).toBeLessThan(1e-3);
});

test.each([1e-8, 1e-6, 1e6])(
  "the constant of the error bound is the same for targets, and a radius, in units of %d",
  async (unit) => {
    const [one, other] = [ridgeIn(1, 1), ridgeIn(1, unit)];
    const expected = await estimateErrorBound(one.problem, one.x, 1e-3);
    const found = await estimateErrorBound(other.problem, other.x, 1e-3, { radius: unit });
    expect(found.status).toBe("converged");
    expect(found.constant / expected.constant).toBeCloseTo(1, 5);
    expect(found.distance / unit / expected.distance).toBeCloseTo(1, 5);
  },
);

test("a lower level without minimizer still ends", async () => {
  const { problem } = ridgeIn(1, 1);
  const lower = {
    ...problem.lower,
    gradientY: (_x: Float64Array, _y: Float64Array, out: Float64Array) => out.fill(1),
  };
  await expect(hypergradient({ ...problem, lower }, new Float64Array(d), { method: "aid" })).rejects.toThrow(
    "the lower level has no minimizer",
  );
});

test.each([
  [50_000, 1000],
  [3000, 50],
  [300, 5],
])("a lower level that grows exponentially beyond its minimizer near %d", async (at, unit) => {
  const problem = {
    ...{ dimensionX: 1, dimensionY: 1 },
    upper: {
      value: (_x: Float64Array, [y]: Float64Array) => (y - at) ** 2 / (2 * at),
      gradientX: () => new Float64Array(1),
      gradientY: (_x: Float64Array, [y]: Float64Array) => Float64Array.of((y - at) / at),
    },
    lower: {
      value: ([x]: Float64Array, [y]: Float64Array) => unit * Math.exp((y - at) / unit) - (1 - x) * y,
      gradientX: (_x: Float64Array, [y]: Float64Array) => Float64Array.of(y),
      gradientY: ([x]: Float64Array, [y]: Float64Array) => Float64Array.of(Math.exp((y - at) / unit) - 1 + x),
    },
  };
  const x = 0.1;
  const { gradient, status } = await hypergradient(problem, Float64Array.of(x));
  expect(status).toBe("converged");
  // y = at + unit log(1 - x)
  const closed = ((unit * Math.log(1 - x)) / at) * (-unit / (1 - x));
  expect(gradient[0] / closed).toBeCloseTo(1, 2);
});
