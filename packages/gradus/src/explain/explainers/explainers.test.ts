import { describe, expect, test } from "vitest";
import { type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import { logLogSlope } from "../../statistics/log-log-slope.ts";
import { completenessGaps } from "../faithfulness/completeness.ts";
import { attributionDistance } from "../faithfulness/distance.ts";
import { farthest, linear, logistic, modelOf, network, rowOf, uniformRows, worked } from "../test-support.ts";
import {
  cLime,
  type ExplainerName,
  explainBy,
  explainerNames,
  explainers,
  gradientTimesInput,
  integratedGradients,
  kernelShap,
  lime,
  occlusion,
  smoothGrad,
  vanillaGradients,
} from "./explainers.ts";
import { shapleyValues } from "./shapley.ts";

const at = denseMatrix([1, 2], 1, 2);

describe("the worked example f = x1^2 + x1 x2 at (1, 2)", () => {
  const expected: Record<ExplainerName, readonly [number, number]> = {
    vanillaGradients: [4, 1],
    smoothGrad: [4, 1],
    cLime: [4, 1],
    gradientTimesInput: [4, 2],
    integratedGradients: [2, 1],
    occlusion: [3, 2],
    kernelShap: [2, 1],
    // two weighted means over two masks, by hand: 1 + 2 p_2 and 2 p_1 with p_j = 1 / (1 + exp(-x_j^2))
    lime: [2.964028, 1.462117],
  };

  test.each(explainerNames)("%s by its formula", async (name) => {
    const { attributions } = await explainBy(name, worked, at, { by: "formula", samples: 40_000 });
    // C-LIME's formula is a mean over random draws
    const tolerance = name === "cLime" ? 0.15 : 1e-6;
    expect(farthest(attributions.values, expected[name])).toBeLessThan(tolerance);
  });

  test.each(explainerNames)("%s as an approximation", async (name) => {
    const { attributions } = await explainBy(name, worked, at, { by: "approximation", samples: 20_000 });
    const tolerance: Partial<Record<ExplainerName, number>> = {
      // random noise and scalings: errors of sigma / sqrt(N) and of the width of the scalings
      ...{ cLime: 0.01, smoothGrad: 1e-9, vanillaGradients: 1e-3, integratedGradients: 0.03 },
      gradientTimesInput: 0.11,
    };
    expect(farthest(attributions.values, expected[name])).toBeLessThan(tolerance[name] ?? 1e-6);
  });

  test("LIME's intercept", async () => {
    const found = await explainBy("lime", worked, at);
    expect("intercepts" in found && found.intercepts[0]).toBeCloseTo(-1.435819, 6);
  });
});

describe("both ways agree", () => {
  const model = network(4, 3, 7);
  const x = uniformRows(5, 4, 8, -1, 1);

  test.each(["kernelShap", "lime"] as const)("%s, where masks are enumerated", async (name) => {
    const [a, b] = await Promise.all(
      (["approximation", "formula"] as const).map((by) => explainBy(name, model, x, { by })),
    );
    expect(farthest(a.attributions.values, b.attributions.values)).toBeLessThan(1e-10);
  });

  test("occlusion, to rounding", async () => {
    const a = await occlusion(model, x, { by: "approximation" });
    const b = await occlusion(model, x);
    expect(farthest(a.attributions.values, b.attributions.values)).toBeLessThan(1e-12);
  });

  test("Integrated Gradients with 64 nodes and 128", async () => {
    const [a, b] = await Promise.all([64, 128].map((nodes) => integratedGradients(model, x, { nodes })));
    expect(farthest(a.attributions.values, b.attributions.values)).toBeLessThan(1e-10);
  });

  test.each(["kernelShap", "lime"] as const)("%s, sampled, as N grows", async (name) => {
    const wide = network(16, 3, 9);
    const rows = uniformRows(2, 16, 10);
    const reference =
      name === "lime"
        ? await lime(wide, rows, { by: "formula", samples: 100_000, seed: 99 })
        : await shapleyValues(wide, rows);
    const errors: number[] = [];
    const sizes = [500, 2000, 8000];
    for (const samples of sizes) {
      let sum = 0;
      for (let seed = 1; seed <= 4; seed++) {
        const { attributions } = await explainBy(name, wide, rows, { samples, seed });
        sum += attributionDistance(attributions, reference.attributions, "l1").mean;
      }
      errors.push(sum / 4);
    }
    const { slope } = logLogSlope(sizes, errors);
    expect(slope).toBeGreaterThan(-0.7);
    expect(slope).toBeLessThan(-0.3);
  });

  test("paired masks are at least twice as exact as uniform ones", async () => {
    const wide = network(16, 3, 9);
    const rows = uniformRows(4, 16, 10);
    const exact = await shapleyValues(wide, rows);
    const error = async (sampling: "paired" | "uniform") => {
      let sum = 0;
      for (let seed = 1; seed <= 8; seed++) {
        const { attributions } = await kernelShap(wide, rows, { sampling, seed });
        sum += attributionDistance(attributions, exact.attributions, "l1").mean;
      }
      return sum;
    };
    expect((await error("uniform")) / (await error("paired"))).toBeGreaterThan(2);
  });
});

describe("facts", () => {
  test("C-LIME and SmoothGrad meet as N grows, at the rate of Monte Carlo", async () => {
    const model = network(5, 4, 3);
    const x = uniformRows(4, 5, 4);
    const sizes = [100, 400, 1600, 6400];
    const distances: number[] = [];
    for (const samples of sizes) {
      const a = await cLime(model, x, { sigma: 0.3, samples });
      const b = await smoothGrad(model, x, { sigma: 0.3, samples: 20_000, seed: 2 });
      distances.push(attributionDistance(a.attributions, b.attributions, "l1").mean);
    }
    const { slope } = logLogSlope(sizes, distances);
    expect(slope).toBeGreaterThan(-0.7);
    expect(slope).toBeLessThan(-0.35);
  });

  test("SmoothGrad less Vanilla Gradients is sigma^2 / 2 times the gradient of the Laplacian", async () => {
    // f = x1^3 x2, Laplacian 6 x1 x2, its gradient 6 (x2, x1)
    const cubic = modelOf(
      2,
      ([a, b]) => a ** 3 * b,
      ([a, b]) => [3 * a * a * b, a ** 3],
    );
    const sigma = 0.2;
    const smooth = await smoothGrad(cubic, at, { sigma, samples: 400_000 });
    const plain = await vanillaGradients(cubic, at);
    const expected = [12, 6].map((value) => (value * sigma * sigma) / 2);
    const difference = smooth.attributions.values.map((value, j) => value - plain.attributions.values[j]);
    // 400,000 draws of products of two normal numbers: a standard error of sigma^2 3 / sqrt(400,000)
    expect(farthest(difference, expected)).toBeLessThan(2e-3);
  });

  test("Shapley values and Integrated Gradients add up to f(x) - f(r)", async () => {
    const model = network(6, 4, 5);
    const x = uniformRows(4, 6, 6, -1, 1);
    const baseline = [0.1, -0.2, 0.3, 0, 0.5, -1];
    for (const explain of [kernelShap, integratedGradients]) {
      const { attributions } = await explain(model, x, { baseline });
      const gaps = await completenessGaps(model, x, attributions, { baseline });
      expect(farthest(gaps, [0, 0, 0, 0])).toBeLessThan(1e-9);
    }
    const sampled = network(15, 4, 5);
    const rows = uniformRows(3, 15, 6);
    for (const by of ["approximation", "formula"] as const) {
      const { attributions } = await kernelShap(sampled, rows, { by });
      const gaps = await completenessGaps(sampled, rows, attributions);
      expect(farthest(gaps, [0, 0, 0])).toBeLessThan(1e-9);
    }
  });

  test("a linear model: w for the additive family, w (x - r) for the other", async () => {
    const w = [2, -3, 0.5, 1];
    const model = linear(w, 0.7);
    const x = uniformRows(3, 4, 11);
    const baseline = [0.5, 0.1, -0.4, 0];
    for (const name of explainerNames)
      for (const by of ["approximation", "formula"] as const) {
        if (name === "cLime" && by === "formula") continue;
        const { attributions } = await explainBy(name, model, x, { by, baseline, samples: 60 });
        const reach = (i: number) => w.map((weight, j) => weight * (x.values[i * 4 + j] - baseline[j]));
        for (let i = 0; i < 3; i++) {
          const wanted = explainers[name].family === "additive" ? w : reach(i);
          // factors at random: the mean of alpha is not exact only in the intercept
          expect(farthest(rowOf(attributions, i), wanted), `${name} by ${by}`).toBeLessThan(1e-9);
        }
      }
  });

  test("features at the baseline have attribution 0 in the multiplicative family", async () => {
    for (const d of [6, 16]) {
      const model = network(d, 3, 12);
      const x = uniformRows(2, d, 13);
      x.values[1] = 0;
      x.values[d + 3] = 0;
      for (const name of explainerNames.filter((one) => explainers[one].family === "multiplicative"))
        for (const by of ["approximation", "formula"] as const) {
          const { attributions } = await explainBy(name, model, x, { by, samples: 300 });
          expect(Math.abs(attributions.values[1]), `${name} by ${by}`).toBe(0);
          expect(Math.abs(attributions.values[d + 3]), `${name} by ${by}`).toBe(0);
          expect(attributions.values[0]).not.toBe(0);
        }
    }
  });

  test("Shapley values of one feature, of none and of twenty", async () => {
    const one = await kernelShap(linear([3], 1), denseMatrix([2], 1, 1));
    expect(one.attributions.values[0]).toBeCloseTo(6, 12);
    const none = await kernelShap(worked, denseMatrix([0, 0], 1, 2));
    expect([...none.attributions.values]).toEqual([0, 0]);
    // the product of all features: each has the same share
    const product = modelOf(
      14,
      (x) => x.reduce((a, b) => a * b, 1),
      () => [],
    );
    const { attributions, evaluations } = await shapleyValues(
      product,
      denseMatrix(new Float64Array(14).fill(1), 1, 14),
    );
    expect(evaluations).toBe(2 ** 14);
    expect(farthest(attributions.values, new Float64Array(14).fill(1 / 14))).toBeLessThan(1e-14);
    await expect(shapleyValues(linear(Array(21).fill(1), 0), uniformRows(1, 21, 1))).rejects.toThrow(
      "at most 20 features that differ from the baseline, got 21 in row 0; use kernelShap",
    );
  });
});

test("a row's explanation does not depend on the rows beside it", async () => {
  const model = logistic([1, -2, 3, 0.5, 1, 1, -1, 2, 1, 1, 1, -3, 0.3], -1);
  const x = uniformRows(4, 13, 20);
  const alone = denseMatrix(x.values.slice(26, 39), 1, 13);
  for (const name of explainerNames)
    for (const by of ["approximation", "formula"] as const) {
      const all = await explainBy(name, model, x, { by, samples: 100 });
      const one = await explainBy(name, model, alone, { by, samples: 100 });
      expect(rowOf(all.attributions, 2), `${name} by ${by}`).toEqual(rowOf(one.attributions, 0));
    }
});

test("LIME's formula has numbers where a feature is many widths from its baseline", async () => {
  const slopes = [1, 2, 3, 4];
  const model = {
    features: 4,
    values: ({ rows, values }: DenseMatrix) =>
      Float64Array.from({ length: rows }, (_, i) =>
        slopes.reduce((sum, slope, j) => sum + slope * values[4 * i + j], 7),
      ),
  };
  // of a linear model the effect of a feature is its own term, whatever the kernel
  const x = denseMatrix([1500, 0.5, 20, -3, 1e4, -1e5, 1e6, 1e7], 2, 4);
  const { attributions } = await lime(model, x, { by: "formula" });
  attributions.values.forEach((value, k) => {
    expect(value / (slopes[k % 4] * x.values[k])).toBeCloseTo(1, 9);
  });
});

test("options that an explainer does not take are refused", async () => {
  await expect(lime(worked, at, { sigma: 1 })).rejects.toThrow(
    /lime has no option "sigma"; its options are by, width/,
  );
  await expect(smoothGrad(worked, at, { sigma: 0 })).rejects.toThrow(
    "sigma must be a positive number, got 0",
  );
  await expect(gradientTimesInput(worked, at, { by: "approximation", low: 1 })).rejects.toThrow(
    "0 <= low < high",
  );
  // @ts-expect-error: no such explainer
  await expect(explainBy("grad", worked, at)).rejects.toThrow(/explainer must be "lime", .* got "grad"/);
  await expect(vanillaGradients({ features: 2, values: worked.values }, at)).rejects.toThrow(
    "needs gradients, but the model has no valuesAndGradients",
  );
  await expect(lime(worked, denseMatrix([Number.NaN, 1], 1, 2))).rejects.toThrow(
    "x must be finite, got NaN in row 0",
  );
  await expect(lime(worked, at, { baseline: [1] })).rejects.toThrow("baseline must have 2 numbers, got 1");
  await expect(lime(worked, denseMatrix([1, 2, 3], 1, 3))).rejects.toThrow("the model's 2 columns, got 3");
});

test("gaps end with their signal, before the model is asked or when it has answered", async () => {
  let calls = 0;
  const controller = new AbortController();
  const counting = {
    features: 2,
    values: ({ rows }: { rows: number }) => {
      calls += 1;
      controller.abort(new Error("enough"));
      return new Float64Array(rows);
    },
  };
  const one = { rows: 1, columns: 2, values: new Float64Array(2) };
  const before = { signal: AbortSignal.abort(new Error("before")) };
  await expect(completenessGaps(counting, one, one, before)).rejects.toThrow("before");
  expect(calls).toBe(0);
  await expect(completenessGaps(counting, one, one, { signal: controller.signal })).rejects.toThrow("enough");
  expect(calls).toBe(1);
});
