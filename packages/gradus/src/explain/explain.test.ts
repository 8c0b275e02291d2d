import { describe, expect, test } from "vitest";
import { solveLeastSquaresBySvd } from "../linalg/least-squares.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import { type ExplainOptions, explain } from "./explain.ts";
import { kernelShap, lime, occlusion } from "./explainers/explainers.ts";
import { customNeighborhood, gaussianNeighborhood, scalingNeighborhood } from "./neighborhoods/continuous.ts";
import { maskNeighborhood, removalNeighborhood, shapleyNeighborhood } from "./neighborhoods/masks.ts";
import { farthest, linear, logistic, modelOf, network, rowOf, uniformRows, worked } from "./test-support.ts";

const at = denseMatrix([1, 2], 1, 2);
const gaussian = gaussianNeighborhood({ sigma: 0.1 });

describe("logistic surrogates", () => {
  const w = [4, -2, 1, 0.5, -3];
  const b = -0.4;
  const model = logistic(w, b);
  const x = uniformRows(6, 5, 1);

  test.each(["gradientMatching", "squaredError", "crossEntropy"] as const)(
    "recover a logistic model from noise by %s",
    async (loss) => {
      const found = await explain(model, x, {
        neighborhood: gaussian,
        surrogate: "logistic",
        loss,
        samples: 300,
      });
      for (let i = 0; i < 6; i++) {
        expect(farthest(rowOf(found.attributions, i), w)).toBeLessThan(1e-7);
        const z = rowOf(x, i).reduce((sum, value, j) => sum + value * w[j], b);
        expect(found.intercepts[i]).toBeCloseTo(z, 7);
      }
      expect([...found.converged]).toEqual([1, 1, 1, 1, 1, 1]);
      expect(Math.min(...found.fidelities)).toBeGreaterThan(1 - 1e-12);
    },
  );

  test("recover w * x from masks, and 0 where a feature is at the baseline", async () => {
    const rows = { ...x, values: x.values.slice() };
    rows.values[2] = 0;
    for (const loss of ["squaredError", "crossEntropy"] as const) {
      const found = await explain(model, rows, {
        neighborhood: maskNeighborhood(),
        surrogate: "logistic",
        loss,
      });
      for (let i = 0; i < 6; i++)
        expect(
          farthest(
            rowOf(found.attributions, i),
            w.map((weight, j) => weight * rows.values[i * 5 + j]),
          ),
        ).toBeLessThan(1e-7);
    }
  });

  test("a stationary point where the model is not logistic", async () => {
    // minimizes sum (sigma(w . xi + b) - f)^2: the derivative along each parameter is 0
    const bent = modelOf(
      2,
      ([p, q]) => 0.5 + 0.4 * Math.sin(2 * p + q),
      () => [],
    );
    const found = await explain(bent, denseMatrix([0.1, 0.2], 1, 2), {
      neighborhood: gaussianNeighborhood({ sigma: 0.5 }),
      surrogate: "logistic",
      samples: 500,
    });
    const { xi } = gaussianNeighborhood({ sigma: 0.5 }).draw(2, 500, randomStream(1));
    const loss = (theta: readonly number[]) => {
      let sum = 0;
      for (let k = 0; k < 500; k++) {
        const [p, q] = [xi.values[2 * k], xi.values[2 * k + 1]];
        const g = 1 / (1 + Math.exp(-(theta[0] * p + theta[1] * q + theta[2])));
        sum += (0.5 + 0.4 * Math.sin(2 * (0.1 + p) + 0.2 + q) - g) ** 2 / 500;
      }
      return sum;
    };
    const theta = [...found.attributions.values, found.intercepts[0]];
    expect(found.losses[0]).toBeCloseTo(loss(theta), 12);
    for (let a = 0; a < 3; a++)
      for (const h of [1e-3, -1e-3])
        expect(loss(theta.map((value, j) => value + (j === a ? h : 0)))).toBeGreaterThan(found.losses[0]);
    expect(found.converged[0]).toBe(1);
  });
});

describe("linear surrogates", () => {
  test("the minimizer of singular values, with weights, ridge and without an intercept", async () => {
    const model = network(3, 4, 2);
    const x = uniformRows(2, 3, 3);
    const { xi } = gaussian.draw(3, 50, randomStream(1));
    for (const [ridge, intercept] of [
      [0, true],
      [0.01, true],
      [0.01, false],
    ] as const) {
      const weight = (distance: number) => Math.exp(-distance);
      const found = await explain(model, x, {
        neighborhood: gaussian,
        weight,
        ridge,
        intercept,
        samples: 50,
      });
      for (let i = 0; i < 2; i++) {
        const rows = Float64Array.from(xi.values, (value, k) => value + x.values[i * 3 + (k % 3)]);
        const y = model.values(denseMatrix(rows, 50, 3));
        if (!(y instanceof Float64Array)) throw new Error("values at once");
        const own = Float64Array.from({ length: 50 }, (_, k) =>
          weight(Math.hypot(...xi.values.subarray(3 * k, 3 * k + 3))),
        );
        const pi = own.map((value) => value / own.reduce((a, b) => a + b));
        // a large column of its own stands for the intercept, so that the ridge does not touch it
        const scale = 1e4;
        const design = denseMatrix(
          Float64Array.from({ length: 200 }, (_, k) =>
            k % 4 < 3 ? xi.values[3 * Math.floor(k / 4) + (k % 4)] : intercept ? scale : 0,
          ),
          50,
          4,
        );
        const { x: solution } = solveLeastSquaresBySvd(design, y, { weights: pi, ridge });
        expect(farthest(rowOf(found.attributions, i), solution.subarray(0, 3))).toBeLessThan(1e-6);
      }
    }
  });

  test("fewer perturbations than parameters: the shortest minimizer, and its rank", async () => {
    const found = await explain(linear([1, 2, 3], 0), uniformRows(1, 3, 4), {
      neighborhood: gaussian,
      samples: 2,
    });
    expect(found.ranks[0]).toBe(2);
    expect(found.losses[0]).toBeLessThan(1e-25);
    // one direction is seen: w is along the difference of the two perturbations
    const { xi } = gaussian.draw(3, 2, randomStream(1));
    const difference = [0, 1, 2].map((j) => xi.values[j] - xi.values[3 + j]);
    const length = Math.hypot(...difference);
    const along = difference.reduce((sum, value, j) => sum + (value / length) * [1, 2, 3][j], 0);
    expect(
      farthest(
        found.attributions.values,
        difference.map((value) => (along * value) / length),
      ),
    ).toBeLessThan(1e-12);
  });

  test("factors of all features at once determine one direction", async () => {
    const found = await explain(worked, at, { neighborhood: scalingNeighborhood({ sampling: "midpoint" }) });
    expect(found.ranks[0]).toBe(2);
    expect(found.attributions.values[0]).toBeCloseTo(found.attributions.values[1], 12);
  });

  test("a lasso that is large enough leaves nothing, and a small one shrinks as soft thresholds do", async () => {
    const model = linear([2, -1], 0.5);
    const neighborhood = maskNeighborhood({ width: 1e6 });
    const sparse = await explain(model, at, { neighborhood, lasso: 10 });
    expect([...sparse.attributions.values]).toEqual([0, 0]);
    // independent masks of variance 1/4: 1/4 (w - 2)^2 + lasso |w|
    const shrunk = await explain(model, at, { neighborhood, lasso: 0.1 });
    expect(farthest(shrunk.attributions.values, [1.8, -1.8])).toBeLessThan(1e-9);
  });

  test("fidelity is 1 for a linear model, and less for another", async () => {
    const exact = await explain(linear([1, 2], 3), at, { neighborhood: gaussian });
    expect(exact.fidelities[0]).toBeCloseTo(1, 12);
    const rough = await explain(worked, at, { neighborhood: gaussianNeighborhood({ sigma: 1 }) });
    expect(rough.fidelities[0]).toBeGreaterThan(0.5);
    expect(rough.fidelities[0]).toBeLessThan(0.97);
    const constant = await explain(linear([0, 0], 3), at, { neighborhood: gaussian });
    expect(constant.fidelities[0]).toBe(1);
  });

  test("a neighborhood of one's own, and scaled noise with LIME's kernel", async () => {
    const corners = customNeighborhood({
      composition: "additive",
      draw: (d) => denseMatrix([1, 0, -1, 0, 0, 1, 0, -1], 4, d),
    });
    // central differences of x1^2 + x1 x2 at (1, 2) with step 1
    const found = await explain(worked, at, { neighborhood: corners });
    expect(farthest(found.attributions.values, [4, 1])).toBeLessThan(1e-12);
    const table = gaussianNeighborhood({ sigma: Float64Array.of(0.1, 2), width: 1.5 });
    const exact = await explain(linear([1, -1], 0), at, { neighborhood: table, samples: 30 });
    expect(farthest(exact.attributions.values, [1, -1])).toBeLessThan(1e-10);
  });

  test("gradients of all perturbations in one call, and how many", async () => {
    let calls = 0;
    const counted = {
      ...worked,
      valuesAndGradients: (rows: typeof at) => {
        calls += 1;
        return worked.valuesAndGradients(rows);
      },
    };
    const found = await explain(counted, uniformRows(20, 2, 1), {
      neighborhood: gaussian,
      loss: "gradientMatching",
      samples: 50,
    });
    expect(calls).toBe(1);
    expect(found.evaluations).toBe(1000);
  });
});

describe("bad input", () => {
  const explaining = (changes: Partial<ExplainOptions>, model = worked, x = at) =>
    explain(model, x, { neighborhood: gaussian, samples: 10, ...changes });

  test.each([
    [{ loss: "crossEntropy" }, "crossEntropy needs surrogate to be logistic"],
    [{ samples: 0 }, "samples must be a positive integer, got 0"],
    [{ ridge: -1 }, "ridge must be a non-negative number, got -1"],
    [{ surrogate: "logistic" }, "a logistic surrogate needs scores in (0, 1), got"],
    [{ surrogate: "logistic", ridge: 1 }, "ridge and lasso need surrogate to be linear"],
    [{ loss: "gradientMatching", lasso: 1 }, "ridge and lasso need loss to be squaredError"],
    [
      { neighborhood: removalNeighborhood(), loss: "gradientMatching" },
      "single removal needs a linear surrogate",
    ],
    [{ neighborhood: shapleyNeighborhood(), lasso: 1 }, "Shapley masks takes no lasso"],
    [{ weight: (): number => 0 }, "the weights of the neighborhood of row 0 sum to 0; choose a larger width"],
    [{ weight: (): number => -1 }, "weight must be non-negative, got -1"],
    [{ baseline: [0, Number.NaN] }, "baseline must be finite, got NaN at index 1"],
  ] as const)("%o", async (changes, message) => {
    await expect(explaining(changes)).rejects.toThrow(message);
  });

  test("unknown options and values", async () => {
    // @ts-expect-error: no such option
    await expect(explaining({ sigma: 1 })).rejects.toThrow('explain has no option "sigma"');
    // @ts-expect-error: no such value
    await expect(explaining({ surrogate: "tree" })).rejects.toThrow(
      'surrogate must be "linear" or "logistic"',
    );
    expect(() => gaussianNeighborhood({ sigma: -1 })).toThrow("sigma must be a positive number, got -1");
    expect(() => maskNeighborhood({ probability: 1 })).toThrow("probability must be in (0, 1), got 1");
    expect(() => scalingNeighborhood({ low: 1, high: 0.5 })).toThrow("0 <= low < high, got 1 and 0.5");
  });

  test("a kernel that underflows", async () => {
    const far = denseMatrix([100, 200], 1, 2);
    const noFull = customNeighborhood({
      composition: "multiplicative",
      kernel: (squared) => Math.exp(-squared),
      draw: () => denseMatrix([0, 1, 1, 0, 0, 0], 3, 2),
    });
    await expect(explaining({ neighborhood: noFull }, worked, far)).rejects.toThrow("choose a larger width");
  });

  test("widths and rows of any size", async () => {
    const bounded = modelOf(
      2,
      ([a, b]) => Math.tanh(a) + Math.tanh(b),
      () => [0, 0],
    );
    const weights = async (width: number, ...row: number[]) => {
      const rows = denseMatrix([...row, ...row, ...row], 3, 2);
      const { attributions } = await lime(bounded, rows, { width });
      return Array.from(attributions.values.subarray(4));
    };
    // all masks count alike, and a mask counts only if it takes nothing away: then nothing is known
    const [first, second] = await weights(1e300, 1, 2);
    expect([first, second]).toEqual([expect.closeTo(Math.tanh(1), 12), expect.closeTo(Math.tanh(2), 12)]);
    expect(await weights(1e-200, 1, 2)).toEqual([0, 0]);
    // a feature many widths away is never missing; the other one's share is what it adds
    const [far, near] = await weights(1, 1e300, 0.5);
    expect([far, near]).toEqual([0, expect.closeTo(Math.tanh(0.5), 12)]);
    const alone = await lime(bounded, denseMatrix([1e300, 0.5], 1, 2));
    expect(alone.attributions.values[1]).toBeCloseTo(Math.tanh(0.5), 12);
  });

  test("a score that is not finite, with the row where", async () => {
    const poles = modelOf(
      2,
      ([a]) => (a > 1.2 ? Number.NaN : a),
      () => [1, 0],
    );
    await expect(explaining({ samples: 1000 }, poles)).rejects.toThrow(
      /model\.values must be finite, got NaN at the row \[1\.\d+, \d\.\d+\]/,
    );
  });

  test("a neighborhood that draws nothing, or later", async () => {
    const later = { ...gaussian, draw: async () => gaussian.draw(2, 4, randomStream(1)) };
    await expect(explaining({ neighborhood: later as never })).rejects.toThrow(
      "neighborhood.draw must return { xi, weights? } at once, got an object of class Promise",
    );
    const nothing = { ...gaussian, draw: () => undefined };
    await expect(explaining({ neighborhood: nothing as never })).rejects.toThrow("at once, got undefined");
  });

  test("an aborted call", async () => {
    await expect(explaining({ signal: AbortSignal.abort(new Error("closed")) })).rejects.toThrow("closed");
  });
});

test("explanations that run at the same time do not disturb each other, block after block of rows", async () => {
  const d = 14;
  const model = {
    features: d,
    async values({ rows, values }: { readonly rows: number; readonly values: Float64Array }) {
      const scores = Float64Array.from({ length: rows }, (_, i) =>
        Math.tanh(values[i * d] * values[i * d + 1]),
      );
      await Promise.resolve();
      return scores;
    },
  };
  // different numbers of perturbations, and designs that rows share or that are their own
  const runs = [
    { samples: 600, seed: 1, neighborhood: gaussian },
    { samples: 600, seed: 2, neighborhood: gaussian },
    { samples: 700, seed: 3, neighborhood: gaussian, weight: (distance: number) => Math.exp(-distance) },
    { samples: 20_000, seed: 4, neighborhood: gaussian },
  ];
  const x = uniformRows(70, d, 5);
  const alone = [];
  for (const options of runs) alone.push(await explain(model, x, options));
  expect(await Promise.all(runs.map((options) => explain(model, x, options)))).toEqual(alone);
});

test("a model may answer every call in the same array", async () => {
  const score = ([a, b, c]: Float64Array) => 2 * a - b + c * c;
  const memory = new Float64Array(1000);
  const shared = {
    features: 3,
    values({ rows, values }: { readonly rows: number; readonly values: Float64Array }) {
      for (let i = 0; i < rows; i++) memory[i] = score(values.subarray(3 * i, 3 * i + 3));
      return memory.subarray(0, rows);
    },
  };
  // of a sum of functions of one feature, each takes away its own
  const at = denseMatrix([0.4, -0.3, 1, 2, 1, -0.5], 2, 3);
  const { attributions } = await kernelShap(shared, at);
  const own = [0.8, 0.3, 1, 4, -1, 0.25];
  for (const [k, value] of own.entries()) expect(attributions.values[k]).toBeCloseTo(value, 12);
  const removed = await occlusion(shared, at);
  for (const [k, value] of own.entries()) expect(removed.attributions.values[k]).toBeCloseTo(value, 12);
});
