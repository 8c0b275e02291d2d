import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeEach, expect, test } from "vitest";
import type { TuneSettings } from "../protocol.ts";
import { ModelSession } from "./model-session.ts";

// scores = x W + b with W = [[1, -2], [0.5, 3], [2, 0]], b = [0.25, -1], both in linear.onnx.data: written by Python's onnx.
const bytesOf = (name: string) => Uint8Array.from(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
const file = new File([bytesOf("linear.onnx")], "linear.onnx");
const weights = new File([bytesOf("linear.onnx.data")], "linear.onnx.data");
const silent = () => undefined;

let session: ModelSession;
beforeEach(() => {
  session = new ModelSession();
});

test("weights in a file beside the model are read, and the tuned file has them in itself", async () => {
  const { refusal, inspection } = await session.open(
    { file, beside: [new File([], "notes"), weights] },
    silent,
  );
  expect(refusal).toBeUndefined();
  expect(inspection?.parameters.map(({ name }) => name)).toEqual(["weights", "bias"]);
  expect((await session.predict({ values: [1, 2, 3] })).scores).toEqual([8.25, 3]);

  const csv = new File(["a,b,c,y\n1,0,0,1\n0,1,0,0\n0,0,1,1\n1,1,0,0\n"], "rows.csv");
  await session.rows({ file: csv, label: "y" });
  const settings: TuneSettings = {
    ...{ loss: "cross-entropy", train: "all", freeze: ["weights"], optimizer: "sgd", learningRate: 0.1 },
    ...{ epochs: 1, batchSize: 4, heldOut: 0, seed: 1, examples: [] },
  };
  await session.tune(settings, { signal: new AbortController().signal, report: silent });
  const run = await InferenceSession.create(new Uint8Array(await session.file().arrayBuffer()));
  const at = async (...x: number[]) =>
    Array.from((await run.run({ x: new Tensor("float32", x, [1, 3]) })).scores.data, Number);
  const [first, second] = await at(0, 0, 0);
  const weighted = await at(1, 2, 3);
  expect([weighted[0] - first, weighted[1] - second]).toEqual([expect.closeTo(8, 5), expect.closeTo(4, 5)]);
  expect(first).not.toBe(0.25);
});

test("without that file the graph is shown, and the reason says what to choose", async () => {
  const { refusal, graph, inspection, input } = await session.open({ file }, silent);
  expect(refusal).toBe("its weights are in linear.onnx.data: choose linear.onnx and that file together");
  expect(input).toEqual({ obstacle: refusal });
  expect(graph.nodes).toHaveLength(1);
  expect(inspection).toBeUndefined();
});
