import { expect, test } from "vitest";
import { type BilevelProblem, hypergradient, penaltyHyperobjective } from "./index.ts";
import { expectClose } from "./test-support.ts";

// g = |y - P x|^2 / 2 + (y . d)^2 / 2, f = |y - c|^2 / 2: psi has a closed form by the 3 x 3 system
const d = [0.5, -1, 0.3];
const c = [1, 2, -1];
const P = [
  [1, 0.5],
  [-0.3, 1],
  [0.2, 0.7],
];
const wanted = (x: Float64Array) => P.map((row) => row[0] * x[0] + row[1] * x[1]);
const yy = (v: Float64Array) => {
  const along = d.reduce((sum, value, i) => sum + value * v[i], 0);
  return v.map((value, i) => value + d[i] * along);
};
/** (I + d d^T)^-1 v (Sherman & Morrison). */
const inverse = (v: number[]) => {
  const along = d.reduce((sum, value, i) => sum + value * v[i], 0);
  const square = d.reduce((sum, value) => sum + value * value, 0);
  return v.map((value, i) => value - (d[i] * along) / (1 + square));
};
const back = (v: ArrayLike<number>) => [0, 1].map((j) => P.reduce((sum, row, i) => sum + row[j] * v[i], 0));
const problem: BilevelProblem = {
  dimensionX: 2,
  dimensionY: 3,
  upper: {
    value: (_, y) => y.reduce((sum, v, i) => sum + (v - c[i]) ** 2 / 2, 0),
    gradientX: (_x, _y, out) => out.fill(0),
    gradientY: (_, y) => y.map((v, i) => v - c[i]),
  },
  lower: {
    value: (x, y) =>
      y.reduce((sum, v, i) => sum + (v - wanted(x)[i]) ** 2 / 2, 0) +
      y.reduce((sum, v, i) => sum + v * d[i], 0) ** 2 / 2,
    gradientX: (x, y) => Float64Array.from(back(y.map((v, i) => v - wanted(x)[i])), (v) => -v),
    gradientY: (x, y) => yy(y).map((v, i) => v - wanted(x)[i]),
  },
  lowerProducts: {
    yy: (_x, _y, v) => yy(v),
    xy: (_x, _y, v) => Float64Array.from(back(v), (value) => -value),
  },
};
const x = Float64Array.of(0.8, -0.4);
const solution = inverse(wanted(x));
const exact = back(inverse(solution.map((v, i) => v - c[i])));

test.each([
  ["explicit", {}, 1e-3],
  ["penalty", { sigma: 1e-5 }, 1e-3],
  ["aid", {}, 1e-7],
  ["itd", { innerSteps: 200, innerStepSize: 0.4 }, 1e-7],
] as const)("%s agrees with the closed form", async (method, options, size) => {
  const found = await hypergradient(problem, x, { method, ...options });
  expect(found.status).toBe("converged");
  expectClose(found.gradient, exact, size);
  if (method === "penalty") expect(found.products).toBe(0);
  else expect(found.products).toBeGreaterThan(0);
});

test("explicit has no error of order sigma at the lower solution that aid found", async () => {
  const { y } = await hypergradient(problem, x, { method: "aid" });
  expectClose((await hypergradient(problem, x, { method: "explicit", y })).gradient, exact, 1e-7);
});

test("y is a copy, whatever the caller does with the array that was given", async () => {
  const given = Float64Array.from(solution);
  for (const options of [
    { method: "explicit", y: given },
    { method: "penalty", y0: given },
    { method: "aid", y0: given },
  ] as const) {
    const { y } = await hypergradient(problem, x, options);
    const found = Array.from(y);
    given.fill(7);
    expect(Array.from(y)).toEqual(found);
    given.set(solution);
  }
});

test.each([
  [1, 1e6],
  [1, 1e-6],
  [1e6, 1],
  [1e-8, 1e8],
  [1e5, 1e5],
])("the default sigma fits f in the unit %d and g in the unit %d", async (ofF, ofG) => {
  const times = (level: BilevelProblem["upper"], unit: number) => ({
    value: (at: Float64Array, y: Float64Array) => unit * Number(level.value(at, y)),
    gradientX: (...given: Parameters<typeof level.gradientX>) =>
      Float64Array.from(level.gradientX(...given) as Float64Array, (v) => unit * v),
    gradientY: (...given: Parameters<typeof level.gradientY>) =>
      Float64Array.from(level.gradientY(...given) as Float64Array, (v) => unit * v),
  });
  const scaled = { ...problem, upper: times(problem.upper, ofF), lower: times(problem.lower, ofG) };
  const { gradient, status } = await hypergradient(scaled, x);
  expect(status).toBe("converged");
  // an error of the order of 1e-4 in units in which both curvatures are alike
  expectClose(
    gradient.map((v) => v / ofF),
    exact,
    1e-3,
  );
});

test("itd tells that its steps were too few or too long", async () => {
  const few = await hypergradient(problem, x, { method: "itd", innerSteps: 3, innerStepSize: 0.4 });
  expect(few.status).toBe("inner-not-converged");
  const long = hypergradient(problem, x, { method: "itd", innerSteps: 100, innerStepSize: 4 });
  await expect(long).rejects.toThrow("a step size is too large");
});

test("a signal ends long solves", async () => {
  const stop = new AbortController();
  let asked = 0;
  const weak = {
    ...problem,
    lower: {
      ...problem.lower,
      gradientY(_: Float64Array, y: Float64Array) {
        asked += 1;
        if (asked === 100) stop.abort(new Error("enough"));
        return Float64Array.of(1e-9 * y[0] - 1e-6, y[1], y[2]);
      },
    },
  };
  const options = { tolerance: 1e-14, maxIterations: 1e9, signal: stop.signal };
  await expect(penaltyHyperobjective(weak, x, 1e-6, options)).rejects.toThrow("enough");
  expect(asked).toBeLessThan(110);
});

test("what a method needs is asked for", async () => {
  const half = { yy: problem.lowerProducts?.yy } as never;
  await expect(hypergradient({ ...problem, lowerProducts: half }, x, { method: "aid" })).rejects.toThrow(
    "lowerProducts.xy must be a function, got undefined",
  );
  const { lowerProducts: _, ...first } = problem;
  await expect(hypergradient(first, x, { method: "aid" })).rejects.toThrow(
    'lowerProducts must be given for the "aid" hypergradient',
  );
  await expect(hypergradient({ ...problem, projectY: (y) => y }, x, { method: "itd" })).rejects.toThrow(
    "projectY must be absent",
  );
  await expect(hypergradient(problem, x, { method: "itd" })).rejects.toThrow(
    "innerStepSize must be a positive",
  );
  await expect(hypergradient(problem, x, { method: "hessian" as never })).rejects.toThrow(
    'method must be "explicit", "penalty", "aid" or "itd", got "hessian"',
  );
});
