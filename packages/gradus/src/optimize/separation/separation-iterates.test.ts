import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import { geometricMargin } from "./geometric-margin.ts";
import { type BoundedMethod, perceptronBounds } from "./perceptron-bounds.ts";
import {
  type SeparationIterate,
  type SeparationOptions,
  type SeparationState,
  separationIterates,
} from "./separation-iterates.ts";
import { batchMethods, separationMethods } from "./separation-method.ts";

/** The iterates 0 .. last of a method that is never stopped. */
async function firstIterates(last: number, options: SeparationOptions): Promise<SeparationIterate[]> {
  const seen: SeparationIterate[] = [];
  for await (const iterate of separationIterates({ stop: "never", ...options })) {
    seen.push(iterate);
    if (iterate.iteration === last) break;
  }
  return seen;
}

async function untilDone(options: SeparationOptions, limit = 1_000_000): Promise<SeparationIterate> {
  for await (const iterate of separationIterates(options))
    if (iterate.done || iterate.iteration === limit) return iterate;
  throw new Error("unreachable: a method yields until it is done");
}

const thetas = (iterates: readonly SeparationIterate[]) => iterates.map((iterate) => [...iterate.theta()]);

/** A small problem without exact ties, not separated at once: 7 samples in the plane and a third direction. */
const A = [
  [1.25, 0.5, -0.3],
  [0.75, 1.5, 0.1],
  [2, -0.25, 0.7],
  [-0.5, 1, 0.9],
  [1, 0.125, -1.1],
  [0.3, 0.4, 1.3],
  [1.7, -1.1, 0.2],
];
const y = [1, 1, 1, -1, -1, 1, 1];

describe("the worked example, samples (1,0) and (-1,1)", () => {
  const example = {
    A: [
      [1, 0],
      [-1, 1],
    ],
    y: [1, 1],
  };

  test("gradient descent with step 4 separates at t = 2", async () => {
    const [, first, second] = await firstIterates(2, { ...example, method: "gd", step: 4 });
    expect([...first.theta()]).toEqual([0, 1]);
    expect(first.minMargin).toBe(0);
    expect(first.separated).toBe(false);
    expect(second.theta()[0]).toBeCloseTo(0.46211716, 8);
    expect(second.theta()[1]).toBeCloseTo(1.53788284, 8);
    expect(second.minMargin).toBeCloseTo(0.46211716, 8);
    expect(second.loss).toBeCloseTo(0.3909956414761413, 15);
    expect(second.separated).toBe(true);
    expect((await untilDone({ ...example, method: "gd", step: 4 })).iteration).toBe(2);
  });

  test("normalized with step 4 separates at t = 2", async () => {
    const [, first, second] = await firstIterates(2, { ...example, method: "normalized", step: 4 });
    expect([...first.theta()]).toEqual([0, 2]);
    expect(second.theta()[0]).toBeCloseTo(2.45991784, 8);
    expect(second.theta()[1]).toBeCloseTo(2.77004108, 8);
    expect(second.minMargin).toBeCloseTo(0.31012325, 8);
    expect((await untilDone({ ...example, method: "normalized", step: 4 })).iteration).toBe(2);
  });

  test("loss-normalized: the first step is step/(n ln 2) times half the sum, the second follows the loss", async () => {
    const step = 2 * Math.LN2;
    const [, first, second] = await firstIterates(2, { ...example, method: "loss-normalized", step });
    expect(first.theta()[0]).toBeCloseTo(0, 15);
    expect(first.theta()[1]).toBeCloseTo(0.5, 15);
    // margins 0 and 1/2: p = 1/2 and 1/(1 + sqrt e), losses ln 2 and ln(1 + 1/sqrt e)
    const p = 1 / (1 + Math.exp(0.5));
    const factor = step / (Math.LN2 + Math.log(1 + Math.exp(-0.5)));
    expect(second.theta()[0]).toBeCloseTo(factor * (0.5 - p), 14);
    expect(second.theta()[1]).toBeCloseTo(0.5 + factor * p, 14);
  });

  test("gradient-normalized moves by the step exactly, first along (0,1), then along (1/2 - p, p)", async () => {
    const [, first, second] = await firstIterates(2, { ...example, method: "gradient-normalized", step: 4 });
    expect([...first.theta()]).toEqual([0, 4]);
    const p = 1 / (1 + Math.exp(4));
    const length = Math.hypot(0.5 - p, p);
    expect(second.theta()[0]).toBeCloseTo((4 * (0.5 - p)) / length, 13);
    expect(second.theta()[1]).toBeCloseTo(4 + (4 * p) / length, 13);
  });

  test("batch perceptron: ties weigh 1/2, separated at t = 4 with both margins 1/4", async () => {
    const path = await firstIterates(4, { ...example, method: "batch-perceptron" });
    expect(thetas(path)).toEqual([
      [0, 0],
      [0, 1 / 4],
      [1 / 4, 1 / 4],
      [0, 1 / 2],
      [1 / 4, 1 / 2],
    ]);
    expect(path.map(({ separated }) => separated)).toEqual([false, false, false, false, true]);
    expect(path[4].minMargin).toBe(1 / 4);
  });

  test("normalized batch perceptron: weights (1/2,1/2), then the tie alone, then the wrong one alone", async () => {
    const path = await firstIterates(3, { ...example, method: "normalized-batch-perceptron" });
    expect(thetas(path)).toEqual([
      [0, 0],
      [0, 1 / 2],
      [1, 1 / 2],
      [0, 3 / 2],
    ]);
  });

  test("online perceptron: five mistakes in three passes", async () => {
    const path = await firstIterates(4, { ...example, method: "perceptron" });
    expect(thetas(path)).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(path.map(({ updates }) => updates)).toEqual([0, 2, 4, 5, 5]);
    expect(await untilDone({ ...example, method: "perceptron" })).toMatchObject({ iteration: 3, updates: 5 });
  });
});

test("normalized is gradient descent with the varying step beta n / sum p", async () => {
  const beta = 0.7;
  const path = await firstIterates(25, { A, y, method: "normalized", step: beta });
  for (const [t, { theta }] of path.slice(0, -1).entries()) {
    const from = [...theta()];
    const sumOfWeights = A.reduce(
      (sum, row, i) => sum + 1 / (1 + Math.exp(y[i] * row.reduce((s, a, j) => s + a * from[j], 0))),
      0,
    );
    const step = (beta * A.length) / sumOfWeights;
    const [, next] = await firstIterates(1, { A, y, method: "gd", step, theta0: from });
    next.theta().forEach((value, j) => {
      expect(Math.abs(value - path[t + 1].theta()[j])).toBeLessThan(1e-12);
    });
  }
});

test.each(["gd", "normalized"] as const)(
  "%s: samples times c with the step over c^2 leave margins alone",
  async (method) => {
    for (const c of [0.125, 3, 40]) {
      const plain = await firstIterates(30, { A, y, method, step: 2 });
      const scaled = await firstIterates(30, {
        A: A.map((row) => row.map((value) => c * value)),
        y,
        method,
        step: 2 / (c * c),
      });
      for (let t = 0; t <= 30; t++) {
        expect(scaled[t].minMargin).toBeCloseTo(plain[t].minMargin, 11);
        expect(scaled[t].loss).toBeCloseTo(plain[t].loss, 12);
      }
    }
  },
);

test.each(["gd", "normalized"] as const)(
  "%s: k copies of every sample leave the iterates alone",
  async (method) => {
    const plain = thetas(await firstIterates(30, { A, y, method, step: 3 }));
    const copies = thetas(
      await firstIterates(30, { A: [...A, ...A, ...A], y: [...y, ...y, ...y], method, step: 3 }),
    );
    for (let t = 0; t <= 30; t++)
      for (let j = 0; j < 3; j++) expect(copies[t][j]).toBeCloseTo(plain[t][j], 12);
  },
);

test("a far, right sample leaves the normalized step alone, and shrinks gradient descent's by n/(n+1)", async () => {
  const theta0 = [0.2, 0.1, -0.1];
  const far = [...A, [5e4, 0, 0]]; // margin 1e4 at theta0
  const step = async (method: "gd" | "normalized", samples: readonly number[][]) => {
    const labels = samples.map((_, i) => y[i] ?? 1);
    const [, next] = await firstIterates(1, { A: samples, y: labels, method, step: 2, theta0 });
    return [...next.theta()].map((value, j) => value - theta0[j]);
  };
  const [plain, withFar] = [await step("normalized", A), await step("normalized", far)];
  withFar.forEach((value, j) => {
    expect(Math.abs(value / plain[j] - 1)).toBeLessThan(1e-12);
  });
  const [gradient, gradientWithFar] = [await step("gd", A), await step("gd", far)];
  gradientWithFar.forEach((value, j) => {
    expect(value / gradient[j]).toBeCloseTo(7 / 8, 12);
  });
});

test("gradient descent steps along the gradient of the loss (central differences)", async () => {
  const theta0 = [0.4, -0.3, 0.8];
  const step = 0.01;
  const [, next] = await firstIterates(1, { A, y, method: "gd", step, theta0 });
  const design = { rows: A.length, columns: A[0].length, values: Float64Array.from(A.flat()) };
  const loss = logisticRegression(design, y);
  theta0.forEach((value, j) => {
    const at = (h: number) => loss.value(Float64Array.from(theta0.with(j, value + h)));
    expect((value - next.theta()[j]) / step).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 6);
  });
});

test("from zero, gradient descent goes to gamma/(2n) sum y_i a_i exactly", async () => {
  for (const step of [1, 4, 1e6]) {
    const [, first] = await firstIterates(1, {
      A: A.slice(0, 3).map((row) => row.slice(0, 2)),
      y: [1, 1, 1],
      method: "gd",
      step,
    });
    expect([...first.theta()]).toEqual([(step / 6) * 4, (step / 6) * 1.75]);
  }
});

test("as the step grows, gradient descent over the step becomes the batch perceptron", async () => {
  const limit = thetas(await firstIterates(20, { A, y, method: "batch-perceptron" }));
  const error = async (step: number) => {
    const path = thetas(await firstIterates(20, { A, y, method: "gd", step }));
    return Math.max(
      ...path.flatMap((theta, t) => theta.map((value, j) => Math.abs(value / step - limit[t][j]))),
    );
  };
  expect(await error(1e9)).toBeLessThan(1e-9);
  expect(await error(10)).toBeGreaterThan(1e-3);
});

describe("the dual form", () => {
  // 4 samples in 40 dimensions: more entries than n^2, so the Gram matrix is used.
  const wide = Array.from({ length: 4 }, (_, i) =>
    Array.from({ length: 40 }, (_, j) => Math.sin(1 + i * 40 + j * j) + (j === 0 ? 0.5 : 0)),
  );
  const labels = [1, -1, 1, 1];
  const theta0 = wide[0].map((_, j) => Math.cos(j) / 10);
  // The same samples four times over have 640 entries for n^2 = 256; forty times, 6400 for 25600: the primal form.
  const copies = (k: number) => ({
    A: Array.from({ length: k }, () => wide).flat(),
    y: Array.from({ length: k }, () => labels).flat(),
  });

  test.each(batchMethods.filter((method) => method !== "gradient-normalized"))(
    "%s: the same path as the primal form on copies of the samples",
    async (method) => {
      const options = { method, step: 0.05, theta0 };
      const dual = await firstIterates(12, { A: wide, y: labels, ...options });
      const primal = await firstIterates(12, { ...copies(40), ...options });
      expect(dual[0].state.vector.length).toBe(4);
      expect(primal[0].state.vector.length).toBe(40);
      for (let t = 0; t <= 12; t++) {
        expect(dual[t].loss).toBeCloseTo(primal[t].loss, 12);
        expect(dual[t].minMargin).toBeCloseTo(primal[t].minMargin, 11);
        expect(dual[t].thetaNorm).toBeCloseTo(primal[t].thetaNorm, 11);
        const expected = primal[t].theta();
        dual[t].theta().forEach((value, j) => {
          expect(value).toBeCloseTo(expected[j], 11);
        });
      }
    },
  );
});

test("wide samples: the path before and after the Gram matrix is the primal one, and resumes bit for bit", async () => {
  const [n, d] = [24, 60];
  const wide = Array.from({ length: n }, (_, i) =>
    Array.from({ length: d }, (_, j) => Math.sin(i * d + j * j)),
  );
  const labels = Array.from({ length: n }, (_, i) => (i % 3 === 0 ? -1 : 1));
  // nine times over they have fewer entries than n^2: the primal form
  const options = { step: 0.1, stop: "never" as const, method: "gd" as const };
  const dual = await firstIterates(16, { A: wide, y: labels, ...options });
  const primal = await firstIterates(16, {
    A: Array.from({ length: 9 }, () => wide).flat(),
    y: Array.from({ length: 9 }, () => labels).flat(),
    ...options,
  });
  expect([dual[0].state.vector.length, primal[0].state.vector.length]).toEqual([n, d]);
  dual.forEach(({ loss, thetaNorm }, t) => {
    expect(loss).toBeCloseTo(primal[t].loss, 12);
    expect(thetaNorm).toBeCloseTo(primal[t].thetaNorm, 11);
  });
  for (const from of [1, 12]) {
    const resume = structuredClone({ iteration: from, state: dual[from].state });
    const rest = await firstIterates(16, { A: wide, y: labels, ...options, resume });
    expect(rest.map(({ loss, state }) => [loss, state])).toStrictEqual(
      dual.slice(from).map(({ loss, state }) => [loss, state]),
    );
  }
});

test.each(separationMethods)("%s: continues from a stored iterate bit for bit", async (method) => {
  const options: SeparationOptions = { A, y, method, step: 3, stop: "never" };
  const whole = await firstIterates(12, options);
  const text = serializeCheckpoint({ iteration: whole[5].iteration, state: whole[5].state });
  const resume = parseCheckpoint(text) as { iteration: number; state: SeparationState };
  const rest = await firstIterates(12, { ...options, resume });
  expect(thetas(rest)).toStrictEqual(thetas(whole.slice(5)));
  expect(rest.map(({ loss, updates }) => [loss, updates])).toStrictEqual(
    whole.slice(5).map(({ loss, updates }) => [loss, updates]),
  );
});

test("an aborted signal ends the iteration with its reason", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(untilDone({ A, y, stop: "never", signal })).rejects.toThrow("enough");
});

test("every bound holds on random separable sets, and no margin is above the hard margin", async () => {
  const coordinate = fc.integer({ min: -3, max: 3 });
  const sets = fc
    .integer({ min: 2, max: 4 })
    .chain((d) => {
      const vector = fc.array(coordinate, { minLength: d, maxLength: d });
      return fc.tuple(vector, fc.array(vector, { minLength: 2, maxLength: 12 }));
    })
    .map(([w, rows]) => {
      const score = (row: readonly number[]) => row.reduce((sum, value, j) => sum + value * w[j], 0);
      const kept = rows.filter((row) => score(row) !== 0);
      return { A: kept, y: kept.map((row) => Math.sign(score(row))) };
    })
    .filter((set) => set.A.length > 1);
  const bounded: readonly (readonly [BoundedMethod, number])[] = [
    ["gd", 1],
    ["gd", 1e6],
    ["normalized", 1],
    ["normalized", 1e6],
    ["gradient-normalized", 1],
    ["gradient-normalized", 1e6],
    ["batch-perceptron", 1],
    ["normalized-batch-perceptron", 1],
    ["perceptron", 1],
  ];
  await fc.assert(
    fc.asyncProperty(sets, async (set) => {
      const { mu, R } = geometricMargin(set);
      for (const [method, step] of bounded) {
        const bound = perceptronBounds({ method, n: set.A.length, R, mu, step });
        const { separated, updates, minMargin, thetaNorm } = await untilDone(
          { ...set, method, step },
          bound + 1,
        );
        expect(separated).toBe(true);
        expect(updates).toBeLessThanOrEqual(bound * (1 + 1e-9));
        expect(minMargin / thetaNorm).toBeLessThanOrEqual(mu * (1 + 1e-5));
      }
    }),
    { seed: 2412, numRuns: 60 },
  );
});
