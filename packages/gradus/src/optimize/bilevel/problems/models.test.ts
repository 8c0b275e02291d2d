import { beforeAll, describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../../check/errors.ts";
import { loadDataset } from "../../../data/bundled.ts";
import { selectRows } from "../../../data/rows.ts";
import { standardize } from "../../../data/standardize.ts";
import { randomStream } from "../../../random/stream.ts";
import {
  type BilevelProblem,
  exampleWeights,
  hypergradient,
  minimizeBilevel,
  ridgePenalties,
} from "../index.ts";

async function expectGradients(problem: BilevelProblem, x: Float64Array, y: Float64Array) {
  const h = 1e-5;
  for (const level of [problem.upper, problem.lower]) {
    const inX = await level.gradientX(x, y, new Float64Array(x.length), undefined);
    const inY = await level.gradientY(x, y, new Float64Array(y.length), undefined);
    for (const [slopes, at, value] of [
      [inX, x, (p: Float64Array) => level.value(p, y)],
      [inY, y, (p: Float64Array) => level.value(x, p)],
    ] as const)
      for (let j = 0; j < at.length; j += Math.ceil(at.length / 20)) {
        const difference = (await value(at.with(j, at[j] + h))) - (await value(at.with(j, at[j] - h)));
        expect(slopes[j]).toBeCloseTo(difference / (2 * h), 6);
      }
  }
}

describe("ridge penalties", () => {
  let make: () => ReturnType<typeof ridgePenalties>;
  beforeAll(async () => {
    const data = await loadDataset("diabetes");
    const mean = data.y.reduce((sum, value) => sum + value, 0) / data.y.length;
    const y = Float64Array.from(data.y, (value) => (value - mean) / 77);
    const x = standardize(data.x).apply(data.x);
    const part = (from: number, to: number) => {
      const rows = Int32Array.from({ length: to - from }, (_, i) => from + i);
      return { x: selectRows(x, rows), y: Float64Array.from(rows, (i) => y[i]) };
    };
    make = () => ridgePenalties({ train: part(0, 220), validation: part(220, 442) });
  });

  test("gradients are differences", async () => {
    const stream = randomStream(1);
    await expectGradients(
      make().problem,
      stream.fillNormal(new Float64Array(10)),
      stream.fillNormal(new Float64Array(10)),
    );
  });

  test("hypergradients by every method are differences of the validation loss", async () => {
    const { problem, coefficients, penalties } = make();
    const x = Float64Array.from({ length: 10 }, (_, j) => -3 + j / 3);
    expect(penalties(x)[3]).toBeCloseTo(Math.exp(-2), 12);
    const loss = (at: Float64Array) => Number(problem.upper.value(at, coefficients(at)));
    const slope = Array.from(
      x,
      (value, j) => (loss(x.with(j, value + 1e-4)) - loss(x.with(j, value - 1e-4))) / 2e-4,
    );
    for (const [options, size] of [
      [{ method: "explicit", y: coefficients(x) }, 1e-7],
      [{ method: "explicit", sigma: 1e-4 }, 1e-3],
      [{ method: "aid" }, 1e-7],
      [{ method: "penalty", sigma: 1e-4 }, 1e-4],
    ] as const) {
      const found = await hypergradient(problem, x, options);
      for (const [j, value] of found.gradient.entries())
        expect(Math.abs(value - slope[j])).toBeLessThan(size);
    }
  });

  test("better penalties are found", async () => {
    const { problem, start, coefficients } = make();
    const found = await minimizeBilevel(problem, start, {
      sigma: 0.01,
      stepSize: 2,
      innerStepSize: 0.15,
      innerSteps: 20,
      maxIterations: 200,
    });
    const loss = (x: Float64Array) => Number(problem.upper.value(x, coefficients(x)));
    expect(loss(found.x)).toBeLessThan(loss(start.x0));
  });

  test("sizes and numbers are checked", () => {
    const rows = { x: { rows: 2, columns: 1, values: Float64Array.of(1, 2) }, y: Float64Array.of(1, 2) };
    const wide = { x: { rows: 1, columns: 2, values: Float64Array.of(1, 2) }, y: Float64Array.of(1) };
    expect(() => ridgePenalties({ train: rows, validation: wide })).toThrow(
      "validation.x must have 1 columns, got 2",
    );
    expect(() => ridgePenalties({ train: { ...rows, y: Float64Array.of(1) }, validation: rows })).toThrow(
      ArgumentError,
    );
    expect(() =>
      ridgePenalties({ train: { ...rows, y: Float64Array.of(1, Number.NaN) }, validation: rows }),
    ).toThrow(DataError);
    const { penalties } = ridgePenalties({ train: rows, validation: rows });
    expect(() => penalties(Float64Array.of(Number.NaN))).toThrow("x must be finite, got NaN at index 0");
  });
});

test.each([
  ["ridgePenalties", ridgePenalties, Float64Array.of(1, 2)],
  ["exampleWeights", exampleWeights, Int32Array.of(0, 1)],
] as const)("%s names the rows that are missing", (name, make, y) => {
  const call = (options?: object) => () => make(options as never);
  const rows = { x: { rows: 2, columns: 1, values: Float64Array.of(1, 2) }, y };
  for (const [options, message] of [
    [undefined, `the options of ${name} must be an object, got undefined`],
    [{ validation: rows }, "train must be rows { x, y }, got undefined"],
    [{ train: rows }, "validation must be rows { x, y }, got undefined"],
    [{ train: 1, validation: rows }, "train must be rows { x, y }, got 1"],
    [{ train: { y }, validation: rows }, "train.x must be"],
    [{ train: { x: rows.x }, validation: rows }, "train.y must be an array of numbers, got undefined"],
  ] as const) {
    expect(call(options)).toThrow(ArgumentError);
    expect(call(options)).toThrow(message);
  }
});

describe("example weights", () => {
  const stream = randomStream(2);
  const rowsOf = (n: number) => ({
    x: { rows: n, columns: 3, values: stream.fillNormal(new Float64Array(3 * n)) },
    y: Int32Array.from({ length: n }, (_, i) => i % 4),
  });

  test("gradients are differences", async () => {
    const { problem } = exampleWeights({ train: rowsOf(12), validation: rowsOf(9), ridge: 0.05 });
    expect([problem.dimensionX, problem.dimensionY]).toEqual([12, 16]);
    await expectGradients(
      problem,
      stream.fillNormal(new Float64Array(12)),
      stream.fillNormal(new Float64Array(16)),
    );
  });

  test("both lower problems at once make the same steps as one after the other", async () => {
    const { problem, start } = exampleWeights({ train: rowsOf(12), validation: rowsOf(9), ridge: 0.05 });
    const { fused: _, ...plain } = problem;
    const options = {
      sigma: 0.2,
      stepSize: 5,
      innerStepSize: 0.5,
      innerSteps: 3,
      proxParameter: 2,
      averaging: 0.7,
    };
    const limits = { ...options, maxIterations: 6 };
    const [one, other] = [
      await minimizeBilevel(problem, start, limits),
      await minimizeBilevel(plain, start, limits),
    ];
    for (const name of ["x", "y", "z"] as const)
      for (const [i, value] of one[name].entries()) expect(value).toBeCloseTo(other[name][i], 12);
    expect(one.innerResidual).toBeCloseTo(other.innerResidual, 12);
    expect([one.oracleCalls, one.stationarity]).toEqual([
      other.oracleCalls,
      expect.closeTo(other.stationarity, 10) as unknown,
    ]);
  });

  test("wrong labels lose their weight", async () => {
    const labeled = (n: number, label: (x: number, i: number) => number) => {
      const { x } = rowsOf(n);
      return { x, y: Int32Array.from({ length: n }, (_, i) => label(x.values[3 * i], i)) };
    };
    const wrong = (i: number) => i % 4 === 0;
    const train = labeled(80, (x, i) => Number(x > 0 !== wrong(i)));
    const { problem, start, weights, predict } = exampleWeights({
      train,
      validation: labeled(60, (x) => Number(x > 0)),
    });
    const found = await minimizeBilevel(problem, start, {
      sigma: 0.1,
      stepSize: 50,
      innerStepSize: 1,
      innerSteps: 5,
      maxIterations: 300,
    });
    const given = weights(found.x);
    const mean = (of: (i: number) => boolean) => {
      const chosen = Array.from(given.keys()).filter(of);
      return chosen.reduce((sum, i) => sum + given[i], 0) / chosen.length;
    };
    expect(mean((i) => !wrong(i)) - mean(wrong)).toBeGreaterThan(0.3);
    const fresh = labeled(200, (x) => Number(x > 0));
    const right = predict(found.z, fresh.x).filter((label, i) => label === fresh.y[i]).length;
    expect(right / 200).toBeGreaterThan(0.9);
  });

  test("labels, sizes and options are checked", () => {
    const train = rowsOf(5);
    expect(() =>
      exampleWeights({ train, validation: { ...rowsOf(4), y: Int32Array.of(0, 1, 2, 9) }, classes: 4 }),
    ).toThrow(DataError);
    expect(() => exampleWeights({ train, validation: rowsOf(4), ridge: 0 })).toThrow(
      "ridge must be a positive number",
    );
    expect(() =>
      exampleWeights({ train: { ...train, y: [0, 1, 0.5, 1, 0] as never }, validation: rowsOf(4) }),
    ).toThrow("train.y must be class numbers from 0 to 3, got 0.5 in row 2");
    expect(() =>
      exampleWeights({ train: { ...train, y: Array(5).fill("spam") as never }, validation: rowsOf(4) }),
    ).toThrow('train.y must be finite, got "spam" in row 0');
    const { weights, predict } = exampleWeights({ train, validation: rowsOf(4) });
    expect(() => weights(new Float64Array(4))).toThrow("x must have 5 numbers, got 4");
    expect(() => predict(new Float64Array(16).fill(Number.NaN), train.x)).toThrow(
      "y must be finite, got NaN",
    );
    const empty = { x: { rows: 0, columns: 3, values: new Float64Array() }, y: new Int32Array() };
    expect(() => exampleWeights({ train: empty, validation: train })).toThrow(ArgumentError);
  });
});
