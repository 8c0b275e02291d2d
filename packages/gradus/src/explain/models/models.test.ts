import {
  constant,
  constants,
  exportOnnx,
  f32,
  f64,
  loadOnnx,
  matmul,
  sigmoid,
  softmax,
  sub,
  type Tensor,
  tanh,
} from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { DataError } from "../../check/errors.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { mlp } from "../../nn/models/mlp.ts";
import { randomStream } from "../../random/stream.ts";
import {
  explainBy,
  integratedGradients,
  kernelShap,
  lime,
  occlusion,
  smoothGrad,
  vanillaGradients,
} from "../explainers/explainers.ts";
import { farthest, uniformRows, worked } from "../test-support.ts";
import { classifierModel } from "./classifier.ts";
import { finiteDifferences } from "./finite-differences.ts";
import { onnxModel } from "./onnx.ts";
import { tracedModel } from "./traced.ts";

const x = uniformRows(7, 3, 5, -1, 1);
const network = mlp({ inputs: 3, hidden: [4], outputs: 2, activation: "tanh" });
const parameters = network.parameters({ stream: randomStream(3), dtype: "f64" });
const apply = (rows: Tensor) => network.apply(constants(parameters), rows);

describe("traced functions", () => {
  test("values and gradients, by central differences", async () => {
    using model = await tracedModel(apply, { features: 3, output: 1 });
    const exact = await model.valuesAndGradients(x);
    const differences = await finiteDifferences(model).valuesAndGradients(x);
    expect(farthest(exact.values, await model.values(x))).toBeLessThan(1e-14);
    expect(farthest(exact.gradients, differences.gradients)).toBeLessThan(1e-8);
  });

  test("central differences with a step for each feature, where features have other units", async () => {
    const units = Float64Array.of(1e-6, 1, 1e8);
    const score = ([a, b, c]: Float64Array) => Math.tanh(a) + b * c + Math.sin(c);
    const model = {
      features: 3,
      values: ({ rows, values }: { rows: number; values: Float64Array }) =>
        Float64Array.from({ length: rows }, (_, i) =>
          score(values.subarray(3 * i, 3 * i + 3).map((value, j) => value / units[j])),
        ),
    };
    const scaled = { ...x, values: x.values.map((value, k) => value * units[k % 3]) };
    const step = units.map((unit) => 1e-4 * unit);
    const { gradients } = await finiteDifferences(model, { step }).valuesAndGradients(scaled);
    const exact = Array.from({ length: x.rows }, (_, i) => {
      const [a, b, c] = x.values.subarray(3 * i, 3 * i + 3);
      return [1 - Math.tanh(a) ** 2, c, b + Math.cos(c)];
    }).flat();
    expect(
      farthest(
        gradients.map((slope, k) => slope * units[k % 3]),
        Float64Array.from(exact),
      ),
    ).toBeLessThan(1e-7);
    expect(() => finiteDifferences(model, { step: step.subarray(1) })).toThrow("step must have 3 numbers");
    expect(() => finiteDifferences(model, { step: Float64Array.of(1, 0, 1) })).toThrow("step[1]");
  });

  test("one score a row, and float32", async () => {
    using sum = await tracedModel((rows) => matmul(rows, constant(Float64Array.of(1, 2, 3))), {
      features: 3,
    });
    const { gradients } = await sum.valuesAndGradients(x);
    expect([...gradients.subarray(0, 3)]).toEqual([1, 2, 3]);
    const single = network.parameters({ stream: randomStream(3), dtype: "f32" });
    using half = await tracedModel((rows) => network.apply(constants(single), rows), {
      ...{ features: 3, output: 1, dtype: "f32" },
    });
    using full = await tracedModel(apply, { features: 3, output: 1 });
    expect(farthest(await half.values(x), await full.values(x))).toBeLessThan(1e-5);
    // tanh of an infinite number is finite, so that scores would not tell
    const beyond = denseMatrix([1, 2, 3, 1, -1e300, 3], 2, 3);
    const message =
      /input must be within ±3.4e38, the range of float32, got -1e\+300 at the row \[.*, -1e\+300, /;
    for (const explainer of [kernelShap, lime, smoothGrad, integratedGradients, occlusion])
      await expect(explainer(half, beyond)).rejects.toThrow(message);
    await expect(half.values(beyond)).rejects.toThrow(message);
    expect((await full.values(beyond)).every(Number.isFinite)).toBe(true);
  });

  test("what is refused", async () => {
    await expect(tracedModel(apply, { features: 3 })).rejects.toThrow(
      "output must be an integer from 0 to 1",
    );
    await expect(tracedModel(apply, { features: 3, output: 2 })).rejects.toThrow(
      "output must be an integer from 0 to 1, got 2",
    );
    await expect(
      tracedModel((rows) => matmul(constant(new Float64Array(1)), rows), { features: 3 }),
    ).rejects.toThrow();
    const model = await tracedModel(apply, { features: 3, output: 0 });
    model.dispose();
    await expect(explainBy("vanillaGradients", model, x)).rejects.toThrow("disposed of");
  });
});

describe("classifiers of the library", () => {
  const linear = { kind: "linear", weights: Float64Array.of(1, -2, 3), bias: 0.5, threshold: 0.5 } as const;
  const twoLayer = {
    ...({ kind: "two-layer", threshold: 0.5 } as const),
    hiddenWeights: denseMatrix([1, 2, -1, 0.5, 3, -2], 3, 2),
    hiddenBias: Float64Array.of(0.1, -0.4),
    outputWeights: Float64Array.of(2, -3),
    outputBias: 0.2,
  };

  test.each([
    [linear, "probability"],
    [linear, "logOdds"],
    [twoLayer, "probability"],
    [twoLayer, "logOdds"],
  ] as const)("gradients of %o by central differences, %s", async (classifier, score) => {
    const model = classifierModel(classifier, { score });
    const exact = await model.valuesAndGradients(x);
    const { gradients } = await finiteDifferences({ features: 3, values: model.values }).valuesAndGradients(
      x,
    );
    expect(farthest(exact.gradients, gradients)).toBeLessThan(1e-7);
  });

  test("is refused where it is none", () => {
    // @ts-expect-error: no classifier
    expect(() => classifierModel({ weights: [1] })).toThrow(
      "model must be a trained classifier, got an object",
    );
  });
});

describe("ONNX sessions", () => {
  const exported = (rows: number | string, dtype: "f32" | "f64" = "f32") => {
    const start = network.parameters({ stream: randomStream(3), dtype });
    const spec = dtype === "f32" ? f32(rows, 3) : f64(rows, 3);
    return exportOnnx(
      ({ x: input }) => ({ probabilities: softmax(network.apply(constants(start), input)) }),
      {
        x: spec,
      },
    );
  };

  test.each(["rows", 4])("values, with %s rows a call", async (rows) => {
    using session = await loadOnnx(exported(rows));
    const model = onnxModel(session, { column: 1 });
    using reference = await tracedModel((input) => softmax(apply(input)), { features: 3, output: 1 });
    expect(model.features).toBe(3);
    expect(farthest(await model.values(x), await reference.values(x))).toBeLessThan(1e-6);
  });

  test("explanations by values are those of the traced function; gradients are refused, with the reason", async () => {
    using session = await loadOnnx(exported("rows", "f64"));
    const model = onnxModel(session, { column: 0 });
    using reference = await tracedModel((input) => softmax(apply(input)), { features: 3, output: 0 });
    for (const name of ["lime", "cLime", "kernelShap", "occlusion"] as const) {
      const a = await explainBy(name, model, x);
      const b = await explainBy(name, reference, x);
      expect(farthest(a.attributions.values, b.attributions.values), name).toBeLessThan(1e-9);
    }
    await expect(explainBy("smoothGrad", model, x)).rejects.toThrow(
      "this explanation needs gradients, but an ONNX session computes values only; choose an explanation by values (lime, cLime, kernelShap, occlusion), or wrap the model in finiteDifferences",
    );
    const wrapped = await explainBy("vanillaGradients", finiteDifferences(model), x);
    const exact = await explainBy("vanillaGradients", reference, x);
    expect(farthest(wrapped.attributions.values, exact.attributions.values)).toBeLessThan(1e-7);
  });

  test("several scores without a choice, and names that are not there", async () => {
    using session = await loadOnnx(exported("rows"));
    await expect((async () => onnxModel(session).values(x))()).rejects.toThrow(
      "column must be an integer from 0 to 1, the score of probabilities to explain, got undefined",
    );
    await expect((async () => onnxModel(session, { column: 2 }).values(x))()).rejects.toThrow(
      "from 0 to 1, got 2",
    );
    expect(() => onnxModel(session, { output: "label" })).toThrow(
      'output must be "probabilities", got "label"',
    );
    expect(() => onnxModel(session, { features: 4 })).toThrow("features must be the model's 3, got 4");
  });

  test("numbers that float32 does not have are refused", async () => {
    using session = await loadOnnx(exportOnnx(({ a }) => ({ y: tanh(a) }), { a: f32("n", 1) }));
    const explained = kernelShap(onnxModel(session), denseMatrix([1e39], 1, 1));
    await expect(explained).rejects.toThrow(
      "must be within ±3.4e38, the range of float32, got 1e+39 at the row [1e+39]",
    );
    await expect(explained).rejects.toBeInstanceOf(DataError);
  });

  test("models of other inputs are refused", async () => {
    for (const wrong of [undefined, null, {}])
      expect(() => onnxModel(wrong as unknown as Parameters<typeof onnxModel>[0])).toThrow(
        "session must be an ONNX model that loadOnnx opened, got",
      );
    using two = await loadOnnx(
      exportOnnx(({ a, b }) => ({ y: sub(a, b) }), { a: f32("n", 2), b: f32("n", 2) }),
    );
    expect(() => onnxModel(two)).toThrow("the model must have one input, the rows, got 2 (a, b)");
    using open = await loadOnnx(exportOnnx(({ a }) => ({ y: sigmoid(tanh(a)) }), { a: f32("n", "d") }));
    expect(() => onnxModel(open)).toThrow("give the option features");
    expect(onnxModel(open, { features: 2 }).features).toBe(2);
    using vector = await loadOnnx(exportOnnx(({ a }) => ({ y: tanh(a) }), { a: f32("n") }));
    expect(() => onnxModel(vector)).toThrow("must be float rows [rows, features], got f32[n]");
  });
});

test("a callback, at once or later, and what it must return", async () => {
  const later = { features: 2, values: async (rows: typeof x) => worked.values(rows) };
  const at = denseMatrix([1, 2], 1, 2);
  const { attributions } = await explainBy("occlusion", later, at);
  expect([...attributions.values]).toEqual([3, 2]);
  const short = { features: 2, values: () => Float64Array.of(1) };
  await expect(explainBy("occlusion", short, at)).rejects.toThrow(
    "model.values must return a Float64Array of 3 numbers for 3 rows, got Float64Array of length 1",
  );
  const silent = { ...later, valuesAndGradients: () => undefined as never };
  await expect(vanillaGradients(silent, at)).rejects.toThrow(
    "model.valuesAndGradients must return { values, gradients }, got undefined",
  );
  // @ts-expect-error: no model
  await expect(explainBy("occlusion", { features: 2 }, at)).rejects.toThrow(
    "model.values must be a function",
  );
});
