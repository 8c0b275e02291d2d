import { readFile } from "node:fs/promises";
import { add, array, exportOnnx, f32, matmul, mul, reshape } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { compileTuner } from "./tuner.ts";
import { doubles, features, file, folder, labels, options, record } from "./tuner-testing.ts";

describe("what does not fit is refused", () => {
  const refused = (changes: Record<string, unknown>, from = file) =>
    compileTuner(from, { ...options, ...changes });
  test.each([
    [{ loss: "hinge" }, 'loss must be "cross-entropy", "binary-cross-entropy" or "squared", got "hinge"'],
    [{ freeze: ["decoder.*"] }, 'freeze: "decoder.*" matches no parameter; the model has encoder.0.weight'],
    [{ freeze: "encoder.*" }, 'freeze must be a list of patterns, got "encoder.*"'],
    [{ freeze: ["*"] }, "freeze leaves nothing to train of the model's 6 parameters"],
    [{ freeze: ["*.weight"], lora: 2 }, "lora changes matrices, but none is among the parameters to train"],
    [{ lora: 0 }, "lora must be a positive integer, got 0"],
    [{ head: 2.5 }, "head must be a positive integer, got 2.5"],
    [{ head: 2 }, "data.labels"],
    [{ validation: 1 }, "testShare"],
    [{ batchSize: 0 }, "batchSize must be an integer from 1 to 120, got 0"],
    [{ batchSize: 97, validation: 0.2 }, "batchSize must be an integer from 1 to 96, got 97"],
    [{ seed: -1 }, "seed must be a non-negative integer, got -1"],
    [{ rank: 3 }, 'no option "rank"'],
    [{ output: "scores" }, 'output must be "logits", got "scores"'],
    [{ data: 3 }, "data must be { inputs, labels }, got 3"],
    [
      { data: { inputs: { x: features }, labels } },
      `data.inputs has "x", but the model's inputs are features`,
    ],
    [{ data: { inputs: {}, labels } }, "data.inputs.features is missing"],
    [
      { data: { inputs: { features: array(doubles(record.x), record.x.shape) }, labels } },
      "data.inputs.features must be f32[rows, 4], got f64[120, 4]",
    ],
    [{ data: { inputs: { features }, labels: array(BigInt64Array.of(1n)) } }, "has 1 rows"],
    [{ data: { inputs: { features }, labels: array(new BigInt64Array(120).fill(3n)) } }, "data.labels"],
    [
      { data: { inputs: { features }, labels: array(new Float32Array(120).fill(Number.NaN)) } },
      "must be finite",
    ],
    [
      { data: { inputs: { features }, labels: array(new Float32Array(240), [120, 2]) } },
      "data.labels must be the class of each row for the output logits [rows, 3], got f32[120, 2]",
    ],
  ])("%o", async (changes, message) => {
    await expect(refused(changes)).rejects.toThrow(message);
  });

  test("low-rank changes of a table that is added, by its name", async () => {
    const from = exportOnnx(
      ({ x, table, scale, weights }) => ({
        y: matmul(reshape(add(mul(x, scale), table), ["rows", 6]), weights),
      }),
      { x: f32("rows", 2, 3) },
      {
        constants: {
          table: array(new Float32Array(6), [1, 2, 3]),
          scale: array(new Float32Array(2), [1, 2, 1]),
          weights: array(new Float32Array(18), [6, 3]),
        },
      },
    );
    const x = array(new Float32Array(24), [4, 2, 3]);
    const given = { inputs: { x }, labels: array(BigInt64Array.of(0n, 1n, 2n, 0n)) };
    await expect(refused({ data: given, lora: 1 }, from)).rejects.toThrow(
      "lora: there are no low-rank changes of table [1, 2, 3], which is no matrix of a linear, convolutional or recurrent layer; freeze it",
    );
    using tuner = await compileTuner(from, { ...options, data: given, lora: 1, freeze: ["table"] });
    expect(tuner.trained).toEqual(["weights"]);
  });

  test("rows along an axis that the file does not name, with how to export it", async () => {
    const from = new Uint8Array(await readFile(new URL("bidirectional.onnx", folder)));
    const x = array(new Float32Array(7 * 12), [7, 4, 3]);
    await expect(refused({ data: { inputs: { x }, labels: x }, loss: "squared" }, from)).rejects.toThrow(
      "data.inputs.x must be f32[rows, 2, 3], got f32[7, 4, 3]; where the model has its rows along another axis, give that by batchAxes",
    );
  });

  test("a model without a linear layer at its end gets no new head", async () => {
    const from = new Uint8Array(await readFile(new URL("contracting.onnx", folder)));
    await expect(refused({ head: 4 }, from)).rejects.toThrow("output y must come from a Gemm or MatMul");
  });

  test("a file for a batch of its own is refused with what to do", async () => {
    const from = new Uint8Array(await readFile(new URL("transformer.onnx", folder)));
    const x = array(new Float32Array(7 * 40), [7, 5, 8]);
    const y = { inputs: { x }, labels: x };
    await expect(refused({ data: y, loss: "squared" }, from)).rejects.toThrow(
      "the file was written for batches of 2 rows: export it with a dynamic batch dimension",
    );
  });
});
