import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { csrFromDense } from "../../linalg/sparse/build.ts";
import { geometricMargin } from "./geometric-margin.ts";
import { type SeparateOptions, separate } from "./separate.ts";

const example = {
  A: [
    [1, 0],
    [-1, 1],
  ],
  y: [1, 1],
};

test("returns the separating weights with the figures of the last iterate, and one record an iteration", async () => {
  const seen: number[] = [];
  const result = await separate({
    ...example,
    method: "gd",
    step: 4,
    onIterate: ({ iteration }) => seen.push(iteration),
  });
  expect(result).toMatchObject({ iterations: 2, separated: true, accuracy: 1, status: "separated" });
  expect(result.loss).toBeCloseTo(0.3909956414761413, 15);
  expect(result.minMargin).toBeCloseTo(0.46211716, 8);
  expect(result.trace.map(({ t }) => t)).toEqual([0, 1, 2]);
  expect(result.trace[0]).toEqual({ t: 0, loss: Math.LN2, minMargin: 0, accuracy: 0, thetaNorm: 0 });
  expect(result.trace[1]).toMatchObject({ minMargin: 0, accuracy: 0.5, thetaNorm: 1 });
  expect(seen).toEqual([0, 1, 2]);
});

test.each([
  ["the perceptron looks for separating weights", {}, "perceptron"],
  ["normalized goes on to a margin", { stop: { margin: 0.5 } }, "normalized"],
  ["normalized goes on to the limit", { stop: "never", maxIterations: 20 }, "normalized"],
] as const)("by default, with step 1, %s", async (_, options, method) => {
  const [plain, named] = [
    await separate({ ...example, ...options }),
    await separate({ ...example, ...options, method, step: 1 }),
  ];
  expect(plain).toStrictEqual(named);
});

test("a starting point that separates needs no iteration", async () => {
  const result = await separate({ ...example, theta0: [1, 2] });
  expect(result).toMatchObject({ iterations: 0, separated: true, minMargin: 1 });
  expect([...result.theta]).toEqual([1, 2]);
});

test("with a margin as the goal, stops once min m_i >= margin ||theta||", async () => {
  const { mu } = geometricMargin(example);
  const margin = 0.95 * mu;
  const result = await separate({ ...example, method: "normalized", step: 1, stop: { margin } });
  expect(result.status).toBe("margin-reached");
  expect(result.minMargin / Math.hypot(...result.theta)).toBeGreaterThanOrEqual(margin);
  const before = result.trace[result.iterations - 1];
  expect(before.minMargin / before.thetaNorm).toBeLessThan(margin);
});

test("a perceptron that is right everywhere cannot reach a larger margin", async () => {
  const result = await separate({ ...example, method: "batch-perceptron", stop: { margin: 1 } });
  expect(result).toMatchObject({ status: "stationary", separated: true, iterations: 4 });
});

test("the normalized step goes on past separation, where all weights underflow", async () => {
  const result = await separate({
    ...example,
    method: "normalized",
    step: 1e4,
    stop: "never",
    maxIterations: 50,
  });
  expect(result).toMatchObject({ status: "max-iterations", iterations: 50, separated: true, loss: 0 });
  expect(result.minMargin).toBeGreaterThan(1e4);
  for (const { thetaNorm } of result.trace) expect(thetaNorm).not.toBeNaN();
});

test.each(["gradient-normalized", "loss-normalized"] as const)(
  "%s goes on past separation as well",
  async (method) => {
    const options = { method, step: 1e4, theta0: [1e4, 2e4], stop: "never", maxIterations: 20 } as const;
    const result = await separate({ ...example, ...options });
    expect(result).toMatchObject({ status: "max-iterations", separated: true });
    for (const [t, { thetaNorm }] of result.trace.entries()) if (t > 0) expect(thetaNorm).toBeGreaterThan(0);
    expect(result.trace[20].thetaNorm).toBeGreaterThan(result.trace[10].thetaNorm);
  },
);

test("data that no weights separate: the first of the best accuracy is kept", async () => {
  // Labels of xor: three of the four samples can be right through the origin with an intercept, not all.
  const xor = {
    A: [
      [0, 0],
      [1, 1],
      [0, 1],
      [1, 0],
    ],
    y: [1, 1, -1, -1],
    intercept: true,
  };
  const result = await separate({ ...xor, method: "perceptron", maxIterations: 200 });
  expect(result).toMatchObject({ status: "max-iterations", separated: false, iterations: 200 });
  const best = Math.max(...result.trace.map(({ accuracy }) => accuracy));
  expect(result.accuracy).toBe(best);
  const right = xor.A.filter(
    ([a, b], i) => xor.y[i] * (a * result.theta[0] + b * result.theta[1] + result.theta[2]) > 0,
  );
  expect(right.length / 4).toBe(best);
});

test("gradient-normalized stops where the gradient vanishes", async () => {
  const balanced = {
    A: [
      [1, 0],
      [-0.5, Math.sqrt(0.75)],
      [-0.5, -Math.sqrt(0.75)],
    ],
    y: [1, 1, 1],
  };
  const result = await separate({ ...balanced, method: "gradient-normalized" });
  expect(result).toMatchObject({ status: "stationary", separated: false, iterations: 0 });
});

test("an intercept is one more weight, on a constant 1", async () => {
  const A = [[3], [4], [5]];
  const y = [-1, 1, 1];
  const { theta, separated } = await separate({ A, y, intercept: true, maxIterations: 10_000 });
  expect(separated).toBe(true);
  A.forEach(([a], i) => {
    expect(y[i] * (a * theta[0] + theta[1])).toBeGreaterThan(0);
  });
  expect(await separate({ A, y, maxIterations: 100 })).toMatchObject({ separated: false });
});

test("dense, sparse and row arrays give the same weights; one class alone is fine", async () => {
  const rows = [
    [2, 0, 1],
    [0, 3, 0],
    [-1, 0.5, 0],
    [0, 0, 4],
  ];
  const y = [1, -1, 1, 1];
  const dense = Float64Array.from(rows.flat());
  const sparse = {
    rows: 4,
    columns: 3,
    rowPointers: Int32Array.of(0, 2, 3, 5, 6),
    columnIndices: Int32Array.of(0, 2, 1, 0, 1, 2),
    values: Float64Array.of(2, 1, 3, -1, 0.5, 4),
  };
  for (const intercept of [false, true]) {
    const options = { y, intercept, method: "normalized", stop: "never", maxIterations: 8 } as const;
    const expected = await separate({ A: rows, ...options });
    expect(await separate({ A: dense, ...options })).toStrictEqual(expected);
    const { theta } = await separate({ A: sparse, ...options });
    theta.forEach((value, j) => {
      expect(value).toBeCloseTo(expected.theta[j], 13);
    });
  }
  expect(await separate({ A: rows.slice(0, 2), y: [1, 1] })).toMatchObject({ separated: true });
});

describe("what is refused, and how it is said", () => {
  const sparse = (rowPointers: number[], columnIndices: number[], values: number[]) => ({
    rows: 2,
    columns: 3,
    rowPointers: Int32Array.from(rowPointers),
    columnIndices: Int32Array.from(columnIndices),
    values: Float64Array.from(values),
  });
  const refusals: [string, Partial<SeparateOptions>, typeof DataError | typeof ArgumentError, string][] = [
    [
      "a label of 0",
      { y: [1, 0] },
      DataError,
      "y must be -1 or 1, got 0 in row 1; map labels 0 and 1 by 2 y - 1",
    ],
    [
      "NaN in A",
      {
        A: [
          [1, 2],
          [3, Number.NaN],
        ],
      },
      DataError,
      "A must be finite, got NaN at row 1, column 1",
    ],
    [
      "infinity in sparse A",
      { A: sparse([0, 1, 2], [0, 2], [1, Number.POSITIVE_INFINITY]) },
      DataError,
      "row 1, column 2 must be finite, got Infinity",
    ],
    ["NaN in theta0", { theta0: [0, Number.NaN] }, DataError, "theta0 must be finite, got NaN at column 1"],
    ["a short theta0", { theta0: [0] }, DataError, "theta0 must have 2 entries, got 1"],
    ["a missing label", { y: [1] }, DataError, "y must have one label per row: A has 2 rows, y has 1 labels"],
    ["no rows", { A: [], y: [] }, DataError, "A must have at least one row, got 0"],
    ["no columns", { A: [[], []] }, DataError, "A must have at least one column, got 0"],
    [
      "ragged rows",
      { A: [[1, 2], [3]] },
      DataError,
      "A must be rectangular: row 1 has 1 entries, row 0 has 2",
    ],
    [
      "a wrong length",
      { A: Float64Array.of(1, 2, 3) },
      DataError,
      "A must hold d numbers for each of the 2 labels of y, got 3",
    ],
    [
      "bad pointers",
      { A: sparse([0, 2], [0], [1]) },
      DataError,
      "rowPointers must have rows + 1 = 3 numbers",
    ],
    ["a missing index", { A: sparse([0, 1, 2], [0], [1, 1]) }, DataError, "must have 2 numbers, got 1 and 2"],
    [
      "columns out of order",
      { A: sparse([0, 2, 3], [2, 1, 0], [1, 1, 1]) },
      DataError,
      "row 0 has column 1 after 2; columns must ascend",
    ],
    [
      "a zero row",
      {
        A: [
          [1, 2],
          [0, 0],
        ],
      },
      DataError,
      "row 1 is zero and cannot be separated",
    ],
    [
      "opposite labels",
      {
        A: [
          [1, 2],
          [1, 2],
        ],
        y: [1, -1],
      },
      DataError,
      "contradictory samples 0 and 1",
    ],
    [
      "mirrored samples",
      {
        A: [
          [1, 2],
          [-1, -2],
        ],
        y: [1, 1],
      },
      DataError,
      "contradictory samples 0 and 1",
    ],
    ["a step of 0", { step: 0 }, ArgumentError, "step must be a positive number, got 0"],
    [
      "an infinite step",
      { step: Number.POSITIVE_INFINITY },
      ArgumentError,
      "step must be a positive number, got Infinity",
    ],
    ["a negative margin", { stop: { margin: -1 } }, ArgumentError, "stop must be"],
    ["half an iteration limit", { maxIterations: Number.NaN }, ArgumentError, "maxIterations"],
  ];
  test.each(refusals)("%s", async (_, change, type, message) => {
    const attempt = separate({ ...example, ...change });
    await expect(attempt).rejects.toThrow(type);
    await expect(attempt).rejects.toThrow(message);
  });

  test("an unknown method", async () => {
    const options: object = { ...example, method: "newton" };
    await expect(separate(options as SeparateOptions)).rejects.toThrow('method must be "gd", "normalized"');
  });

  test("a sample far down a long list contradicts an early one", async () => {
    const A = Array.from({ length: 500 }, (_, i) => [Math.cos(i), Math.sin(i), 1]);
    const y = A.map(() => 1);
    A[431] = A[17];
    y[431] = -1;
    await expect(separate({ A, y })).rejects.toThrow("contradictory samples 17 and 431");
  });

  test("weights that leave float64's range", async () => {
    const options = {
      A: [
        [2e300, 1],
        [-1e300, 2],
      ],
      y: [1, 1],
      method: "gd",
      step: 1e300,
    } as const;
    await expect(separate(options)).rejects.toThrow(ConvergenceError);
  });

  test("an aborted signal rejects with its reason", async () => {
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(separate({ ...example, signal })).rejects.toThrow("stop");
  });
});

test("samples may be rows, one array of either precision, or a dense or sparse matrix", async () => {
  const rows = [
    [1, 2],
    [2, 1],
    [-1, -1],
    [-2, 0.5],
  ];
  const y = [1, 1, -1, -1];
  const flat = Float64Array.from(rows.flat());
  const expected = await separate({ A: rows, y });
  const matrix = { rows: 4, columns: 2, values: flat };
  for (const A of [flat, Float32Array.from(flat), matrix, csrFromDense(matrix)])
    expect((await separate({ A, y })).theta).toEqual(expected.theta);
  await expect(separate({ A: 3 as unknown as number[][], y })).rejects.toThrow(
    "A must be rows of numbers, or a dense or sparse matrix, got 3",
  );
  await expect(separate({ A: rows, y, lr: 2 } as Parameters<typeof separate>[0])).rejects.toThrow(
    'has no option "lr"',
  );
});
