// Classifiers as scikit-learn's converter writes them; `fixtures/scikit-learn/make.py` wrote them and scikit-learn's loss.
import { readFile } from "node:fs/promises";
import { array, importOnnx, loadOnnx, toNumbers } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { solve } from "../iterate/iterate.ts";
import { sgd } from "../train/sgd.ts";
import { explainableModel } from "./explainable-model.ts";
import { compileTuner } from "./tuner.ts";

const folder = new URL("../../../graph/fixtures/scikit-learn/", import.meta.url);

interface Reference {
  readonly x: readonly number[];
  readonly classes: readonly number[];
  /** The mean of -log p of the rows' classes. */
  readonly loss: number;
}

describe.each(["together", "apart"])("the logistic regression %s", async (name) => {
  const file = new Uint8Array(await readFile(new URL(`${name}.onnx`, folder)));
  const reference: Reference = JSON.parse(await readFile(new URL(`${name}.json`, folder), "utf8"));
  const rows = reference.classes.length;
  const x = array(Float32Array.from(reference.x), [rows, 4]);
  const data = { inputs: { float_input: x }, labels: array(BigInt64Array.from(reference.classes, BigInt)) };

  test("has scikit-learn's log loss, and is tuned in its own file", async () => {
    using tuner = await compileTuner(file, {
      ...{ data, loss: "cross-entropy", validation: data, batchSize: rows },
      optimizer: sgd({ learningRate: 0.01 }),
    });
    expect(tuner.trained).toEqual(["LinearClassifier.coefficients", "LinearClassifier.intercepts"]);
    const [first] = await Array.fromAsync(tuner.train({ epochs: 0 }));
    expect(Math.abs((first.metrics?.loss ?? 0) / reference.loss - 1)).toBeLessThan(1e-5);
    const { iterate } = await solve(tuner.train({ epochs: 5 }));
    expect(iterate.metrics?.loss).toBeLessThan(reference.loss);
    using session = await loadOnnx(tuner.file(iterate));
    const probabilities = toNumbers((await session.run({ float_input: x })).output_probability);
    const own = reference.classes.map((label, i) => -Math.log(probabilities[3 * i + label]));
    const mean = own.reduce((sum, value) => sum + value, 0) / rows;
    expect(mean / (iterate.metrics?.loss ?? 0)).toBeCloseTo(1, 4);
  });

  test("is explained by its probabilities", async () => {
    using model = await explainableModel(importOnnx(file), { column: 1 });
    using session = await loadOnnx(file);
    const wanted = toNumbers((await session.run({ float_input: x })).output_probability);
    const values = await model.values({ rows, columns: 4, values: Float64Array.from(reference.x) });
    Array.from(values).forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[3 * i + 1], 5);
    });
  });
});
