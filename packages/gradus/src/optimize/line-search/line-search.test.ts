import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { counted } from "../../objectives/counted.ts";
import type { HostObjective, MaybePromise, Objective } from "../../objectives/objective.ts";
import { quadratic } from "../../objectives/quadratic.ts";
import { rosenbrock } from "../../objectives/rosenbrock.ts";
import { acceptedStep } from "./accepted-step-testing.ts";
import { type ArmijoOptions, armijo } from "./armijo.ts";
import type { SearchResult, SearchStart } from "./contract.ts";
import { safeguardedCubic } from "./cubic.ts";
import { strongWolfe } from "./strong-wolfe.ts";

/** A function of one number with its derivative. */
function scalar(f: (t: number) => number, df: (t: number) => number): HostObjective {
  return {
    dimension: 1,
    value: ([t]) => f(t),
    gradient: ([t]) => Float64Array.of(df(t)),
    valueAndGradient: ([t]) => ({ value: f(t), gradient: Float64Array.of(df(t)) }),
  };
}

function startAt(objective: HostObjective, x: Float64Array, direction?: Float64Array): SearchStart {
  const { value, gradient } = objective.valueAndGradient(x);
  return { x, value, gradient, direction: direction ?? gradient.map((g) => -g) };
}

type SearchOptions = Pick<
  ArmijoOptions,
  "initialStep" | "sufficientDecrease" | "maxTrials" | "valueTolerance"
>;
interface AnySearch {
  (objective: HostObjective, start: SearchStart, options?: SearchOptions): SearchResult;
  (objective: Objective, start: SearchStart, options?: SearchOptions): MaybePromise<SearchResult>;
}
const searches: readonly [string, AnySearch][] = [
  ["armijo", armijo],
  ["strongWolfe", strongWolfe],
];

const zero = Float64Array.of(0);
const right = Float64Array.of(1);
const parabola = scalar(
  (t) => (t - 3) ** 2,
  (t) => 2 * (t - 3),
);

describe("Armijo backtracking", () => {
  test("accepts on a parabola up to the step 2 (1 - c) m that the condition's algebra gives", () => {
    // phi(t) = (t - 3)^2 <= 9 - 6 c t  <=>  t <= 6 (1 - c).
    for (const sufficientDecrease of [0.1, 0.5, 0.9]) {
      const limit = 6 * (1 - sufficientDecrease);
      const shrink = 0.8;
      const step = acceptedStep(
        armijo(parabola, startAt(parabola, zero, right), { initialStep: 100, sufficientDecrease, shrink }),
      );
      const trials = Math.ceil(Math.log(limit / 100) / Math.log(shrink));
      expect(step.stepSize).toBeCloseTo(100 * shrink ** trials, 10);
      expect(step.evaluations).toStrictEqual({ values: trials + 1, gradients: 0 });
      expect(step.value).toBe((step.x[0] - 3) ** 2);
      expect(step.gradient).toBeUndefined();
    }
  });

  test("takes the inverse curvature on a quadratic with c = 1/2, where the condition is an equality", () => {
    const f = quadratic({ rows: 2, columns: 2, values: Float64Array.of(4, 0, 0, 4) });
    const step = acceptedStep(
      armijo(f, startAt(f, Float64Array.of(0.3, -0.7)), {
        initialStep: 0.25,
        sufficientDecrease: 0.5,
        valueTolerance: 1e-12,
      }),
    );
    expect(step.stepSize).toBe(0.25);
    expect(Array.from(step.x)).toStrictEqual([0, 0]);
  });

  test("rejects trials where the function is not finite", () => {
    const barrier = scalar(
      (t) => -Math.log(1 - t) - 3 * t,
      (t) => 1 / (1 - t) - 3,
    );
    const step = acceptedStep(armijo(barrier, startAt(barrier, zero, right), { initialStep: 8 }));
    expect(step.stepSize).toBe(0.5);
    const overflow = acceptedStep(
      armijo(parabola, startAt(parabola, zero, Float64Array.of(1e300)), {
        initialStep: 1e10,
        maxTrials: 2000,
      }),
    );
    expect(Number.isFinite(overflow.x[0])).toBe(true);
  });
});

describe("the strong Wolfe search", () => {
  test("meets both conditions along random directions of descent", () => {
    const f = rosenbrock(4);
    const coordinate = fc.double({ min: -2, max: 2, noNaN: true });
    const vector = fc.array(coordinate, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        vector,
        vector,
        fc.constantFrom(1e-3, 1, 30),
        fc.constantFrom(0.1, 0.5, 0.9),
        (at, along, initialStep, curvature) => {
          const length = Math.hypot(...along);
          fc.pre(length > 0);
          const direction = Float64Array.from(along, (d) => d / length);
          const start = startAt(f, Float64Array.from(at), direction);
          const slope = start.gradient.reduce((s, g, j) => s + g * start.direction[j], 0);
          fc.pre(slope < -1e-6);
          const step = acceptedStep(strongWolfe(f, start, { initialStep, curvature }));
          const { value, gradient } = f.valueAndGradient(step.x);
          expect(step.value).toBe(value);
          expect(step.gradient).toStrictEqual(gradient);
          const left = gradient.reduce((s, g, j) => s + g * start.direction[j], 0);
          expect(value).toBeLessThanOrEqual(start.value + 1e-4 * step.stepSize * slope);
          expect(Math.abs(left)).toBeLessThanOrEqual(curvature * Math.abs(slope));
          step.x.forEach((value, j) => {
            expect(value).toBe(start.x[j] + step.stepSize * start.direction[j]);
          });
        },
      ),
      { seed: 2, numRuns: 300 },
    );
  });

  test("goes to the minimizer of a cubic in one interpolation", () => {
    // t^3 - 3 t on the bracket [0, 2] has its minimizer at 1.
    const cubic = scalar(
      (t) => t ** 3 - 3 * t,
      (t) => 3 * t * t - 3,
    );
    const step = acceptedStep(
      strongWolfe(cubic, startAt(cubic, zero, right), { initialStep: 2, curvature: 1e-3 }),
    );
    expect(step.stepSize).toBeCloseTo(1, 12);
    expect(step.evaluations).toStrictEqual({ values: 2, gradients: 2 });
  });

  test("says where a function has no bottom", () => {
    const line = scalar(
      (t) => -t,
      () => -1,
    );
    const result = strongWolfe(line, startAt(line, zero, right), { maximalStep: 100 });
    expect(result).toMatchObject({ status: "unbounded", evaluations: { values: 5, gradients: 5 } });
    expect(result).toMatchObject({
      message: expect.stringContaining("still falls at the longest step, 100"),
    });
  });
});

test("the cubic's minimizer stays inside the interval and falls back to the middle", () => {
  const sample = fc.record({
    stepSize: fc.double({ min: 0, max: 10, noNaN: true }),
    value: fc.double(),
    slope: fc.double(),
  });
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      fc.pre(Math.abs(a.stepSize - b.stepSize) > 1e-6);
      const t = safeguardedCubic(a, b);
      expect(t).toBeGreaterThan(Math.min(a.stepSize, b.stepSize));
      expect(t).toBeLessThan(Math.max(a.stepSize, b.stepSize));
    }),
    { seed: 9, numRuns: 500 },
  );
  expect(
    safeguardedCubic({ stepSize: 1, value: 0, slope: -1 }, { stepSize: 3, value: Number.NaN, slope: 1 }),
  ).toBe(2);
});

describe.each(searches)("%s", (_, search) => {
  test("counts what it asks the objective for", () => {
    const { objective, counts } = counted(rosenbrock(2));
    const start = startAt(objective, Float64Array.of(-1.2, 1));
    const before = { ...counts };
    const { evaluations } = acceptedStep(search(objective, start));
    expect(evaluations).toStrictEqual({
      values: counts.values - before.values,
      gradients: counts.gradients - before.gradients,
    });
    expect(evaluations.values).toBeGreaterThan(1);
  });

  test("finds the same step when the objective answers later", async () => {
    const f = rosenbrock(2);
    const later: Objective = {
      dimension: 2,
      value: async (x) => f.value(x),
      gradient: async (x) => f.gradient(x),
      valueAndGradient: async (x) => f.valueAndGradient(x),
    };
    const start = startAt(f, Float64Array.of(-1.2, 1));
    expect(await search(later, start)).toStrictEqual(search(f, start));
  });

  test("says why there is no step", () => {
    const start = startAt(parabola, zero, right);
    const outcome = (changed: Partial<SearchStart>) => search(parabola, { ...start, ...changed });
    expect(outcome({ direction: Float64Array.of(-1) })).toMatchObject({
      status: "not-a-descent-direction",
      message: "the slope along the direction must be < 0, got 6",
      evaluations: { values: 0, gradients: 0 },
    });
    expect(outcome({ direction: zero })).toMatchObject({ status: "not-a-descent-direction" });
    expect(outcome({ value: Number.NaN })).toMatchObject({ status: "not-finite" });
    expect(outcome({ gradient: Float64Array.of(Number.NaN) })).toMatchObject({ status: "not-finite" });
    expect(outcome({ direction: Float64Array.of(Number.POSITIVE_INFINITY) })).toMatchObject({
      status: "not-finite",
    });
    // A slope that lies: nothing decreases.
    const rising = scalar(
      (t) => Math.abs(t),
      () => -1,
    );
    const result = search(rising, startAt(rising, zero, right));
    expect(result).toMatchObject({ status: "no-step-found" });
  });

  test("refuses options and vectors that do not fit, by name", () => {
    const start = startAt(parabola, zero, right);
    expect(() => search(parabola, { ...start, direction: new Float64Array(2) })).toThrow(
      /direction must have 1 numbers, got 2/,
    );
    expect(() => search(parabola, { ...start, x: Float64Array.of(Number.NaN) })).toThrow(/x must be finite/);
    expect(() => search(parabola, start, { initialStep: 0 })).toThrow(ArgumentError);
    expect(() => search(parabola, start, { sufficientDecrease: 1 })).toThrow(/sufficientDecrease/);
    expect(() => search(parabola, start, { maxTrials: 0 })).toThrow(
      /maxTrials must be a positive integer, got 0/,
    );
    expect(() => search(parabola, start, { valueTolerance: -1 })).toThrow(/valueTolerance/);
  });
});
