import { constant, constants, exp, log, matmul, mul, neg, sigmoid, sum, type Tensor } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import type { DenseMatrix } from "../linalg/matrix.ts";
import { mlp } from "../nn/models/mlp.ts";
import { randomStream } from "../random/stream.ts";
import { explain } from "./explain.ts";
import { explainBy, explainerNames } from "./explainers/explainers.ts";
import type { ExplainableModel } from "./models/contract.ts";
import { tracedModel } from "./models/traced.ts";
import { gaussianNeighborhood } from "./neighborhoods/continuous.ts";
import { maskNeighborhood } from "./neighborhoods/masks.ts";
import { farthest, linear, logistic, uniformRows } from "./test-support.ts";

/** The model, which is handed all inputs. */
const handed = ({ features, values, valuesAndGradients }: ExplainableModel): ExplainableModel => ({
  ...{ features, values, valuesAndGradients },
});

describe("models that compose the inputs of perturbations", () => {
  const features = 14;
  const network = mlp({ inputs: features, hidden: [6], outputs: 1, activation: "tanh" });
  const x = uniformRows(3, features, 2, -1, 1);
  const baseline = Array.from({ length: features }, (_, j) => 0.1 * j - 0.5);

  test.each([
    ["f64", 1e-12],
    ["f32", 1e-4],
  ] as const)("explain as those that are handed the inputs do, %s", async (dtype, tolerance) => {
    const parameters = network.parameters({ stream: randomStream(3), dtype });
    using model = await tracedModel((rows) => sigmoid(network.apply(constants(parameters), rows)), {
      features,
      dtype,
    });
    for (const name of explainerNames)
      for (const [by, samples] of [
        // several rows in a run of the compiled program, and several runs for a row
        ["approximation", 600],
        ["formula", 600],
        ["approximation", 9000],
        ["formula", 9000],
      ] as const) {
        const options = { by, baseline, samples };
        const composed = await explainBy(name, model, x, options);
        const written = await explainBy(name, handed(model), x, options);
        expect(composed.evaluations).toBe(written.evaluations);
        expect(
          farthest(composed.attributions.values, written.attributions.values),
          `${name} by ${by}, ${samples}`,
        ).toBeLessThan(tolerance);
      }
  });

  test("in float32 keep the digits of rows that are far from the baseline", async () => {
    const bells = (rows: Tensor) => sum(exp(neg(mul(rows, rows))), { axes: 1 });
    using single = await tracedModel(bells, { features: 3, dtype: "f32" });
    using double = await tracedModel(bells, { features: 3 });
    const near = { rows: 2, columns: 3, values: Float64Array.of(0.01, 0.5, -0.3, 0.7, 0.02, 1.1) };
    const options = { samples: 200, baseline: [1000, -1000, 1000] };
    const found = await explainBy("integratedGradients", single, near, options);
    const { attributions } = await explainBy("integratedGradients", double, near, options);
    const largest = Math.max(...attributions.values.map(Math.abs));
    expect(farthest(found.attributions.values, attributions.values) / largest).toBeLessThan(1e-6);
  });

  test("a score that is not finite is named with its input", async () => {
    // finite at the rows themselves, the logarithm of a negative number at some perturbations
    using model = await tracedModel((rows) => log(matmul(rows, constant(Float64Array.of(1, 0)))), {
      features: 2,
    });
    const rows = { rows: 1, columns: 2, values: Float64Array.of(0.1, 2) };
    await expect(
      explain(model, rows, { neighborhood: gaussianNeighborhood({ sigma: 0.2 }), samples: 300 }),
    ).rejects.toThrow(/model\.perturbedValues must be finite, got NaN at the row \[-0\.\d+, \d\.\d+\]/);
    await expect(
      explainBy("smoothGrad", { ...linear([1, 2], 0), meanGradient: () => Float64Array.of(1, NaN) }, rows),
    ).rejects.toThrow("model.meanGradient must be finite, got NaN for feature 1 around the row [");
    await expect(
      explainBy("cLime", { ...linear([1, 2], 0), perturbedValues: () => new Float64Array(3) }, rows),
    ).rejects.toThrow("model.perturbedValues must return a Float64Array of 1000 numbers for 1000 rows");
  });
});

test.each([
  [2000, 3, 1000],
  [64, 784, 1000],
])(
  "a signal is heeded between blocks of %d rows of %d features, which have 2^20 numbers at most",
  async (n, d, samples) => {
    const x = uniformRows(n, d, 7, -1, 1);
    const controller = new AbortController();
    const enough = new Error("enough");
    const sizes: number[] = [];
    const model: ExplainableModel = {
      ...linear(new Array<number>(d).fill(1), 0),
      meanGradient({ offset: { rows } }, { rows: count }) {
        sizes.push(rows * count * d);
        controller.abort(enough);
        return new Float64Array(rows * d);
      },
    };
    const { signal } = controller;
    await expect(explainBy("smoothGrad", model, x, { samples, signal })).rejects.toBe(enough);
    expect(sizes).toHaveLength(1);
    expect(sizes[0]).toBeLessThanOrEqual(2 ** 20);
  },
);

test("no explainer evaluates a model for a signal that is aborted", async () => {
  const { values, ...rest } = linear([1, -2, 0.5], 0.1);
  let calls = 0;
  const model: ExplainableModel = {
    ...rest,
    values(rows) {
      calls += 1;
      return values(rows);
    },
  };
  const enough = new Error("enough");
  const x = uniformRows(3, 3, 2, -1, 1);
  for (const name of explainerNames)
    for (const by of ["formula", "approximation"] as const) {
      await expect(explainBy(name, model, x, { by, signal: AbortSignal.abort(enough) })).rejects.toBe(enough);
      expect(calls, `${name} by ${by}`).toBe(0);
    }
});

test("explanations made at the same time are those made one after the other", async () => {
  const model = logistic([1, -2, 0.5], 0.1);
  // a model whose scores come later, so that the calls alternate
  const later = { features: 3, values: async (rows: DenseMatrix) => model.values(rows) };
  const x = uniformRows(2000, 3, 5, -1, 1);
  const options = [
    { neighborhood: gaussianNeighborhood({ sigma: 0.3 }), samples: 100 },
    { neighborhood: maskNeighborhood({ width: 0.5 }), samples: 300 },
    { neighborhood: gaussianNeighborhood({ sigma: 2, width: 1 }), samples: 200 },
  ];
  const alone = [];
  for (const own of options) alone.push(await explain(later, x, own));
  expect(await Promise.all(options.map((own) => explain(later, x, own)))).toEqual(alone);
});
