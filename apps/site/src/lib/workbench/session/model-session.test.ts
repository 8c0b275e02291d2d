import { readFileSync } from "node:fs";
import { UnsupportedError } from "@gradus/graph";
import { ArgumentError, DataError } from "gradus/check";
import { loadDataset } from "gradus/data";
import { beforeEach, expect, test } from "vitest";
import { ModelSession } from "./model-session.ts";

const sample = readFileSync(new URL("../sample/digits-cnn.onnx", import.meta.url));
const fileOf = (bytes: Uint8Array<ArrayBuffer> | string, name = "m.onnx") => new File([bytes], name);
const silent = () => undefined;

let session: ModelSession;
beforeEach(() => {
  session = new ModelSession();
});

test("the sample is opened with its signature, its parameters and their distributions", async () => {
  const { inspection, input, bytes, refusal } = await session.open({ file: fileOf(sample) }, silent);
  expect(bytes).toBe(sample.length);
  expect(refusal).toBeUndefined();
  expect(input).toEqual({ name: "image", shape: [1, 8, 8], features: 64 });
  expect(inspection?.parameters.reduce((sum, { numbers }) => sum + numbers, 0)).toBe(80 + 1168 + 2570);
  const histograms = session.histograms();
  expect(Object.keys(histograms)).toEqual(inspection?.parameters.map(({ name }) => name));
  expect(histograms["head.weights"].size).toBe(2560);
});

test("it recognizes most of the digits that it was not trained on", async () => {
  await session.open({ file: fileOf(sample) }, silent);
  const { rows, labeled } = await session.rows({ bundled: "digits" });
  expect([rows, labeled]).toEqual([1797, true]);
  const { y } = await loadDataset("digits");
  let right = 0;
  for (let row = 1000; row < 1100; row++) {
    const { scores, label } = await session.predict({ row });
    expect(label).toBe(y[row]);
    right += Number(scores.indexOf(Math.max(...scores)) === label);
  }
  expect(right).toBeGreaterThan(75);
});

test("a model with operators that cannot be imported is opened with the reason", async () => {
  const renamed = Buffer.from(sample.toString("latin1").replaceAll("Gemm", "Gimm"), "latin1");
  const opened = await session.open({ file: fileOf(Uint8Array.from(renamed)) }, silent);
  expect(opened.inspection).toBeUndefined();
  expect(opened.refusal).toMatch(/^operators that are not supported: Gimm \(G.mm_18\)$/);
  expect(opened.graph.nodes.filter(({ supported }) => !supported)).toHaveLength(1);
  await expect(session.predict({ values: new Array(64).fill(0) })).rejects.toThrow();
});

test("a damaged file is refused, and the model from before stays", async () => {
  await session.open({ file: fileOf(sample) }, silent);
  await expect(session.open({ file: fileOf(sample.subarray(0, 3000)) }, silent)).rejects.toThrow(
    UnsupportedError,
  );
  await expect(session.open({ file: fileOf("no model") }, silent)).rejects.toThrow(UnsupportedError);
  expect((await session.predict({ values: new Array(64).fill(0) })).scores).toHaveLength(10);
});

test("rows that do not fit are refused, and there are none then", async () => {
  await expect(session.rows({ bundled: "digits" })).rejects.toThrow("no model is open");
  await session.open({ file: fileOf(sample) }, silent);
  await expect(session.predict({ row: 0 })).rejects.toThrow("no rows were read");
  await session.rows({ bundled: "digits" });
  await expect(session.rows({ bundled: "iris" })).rejects.toThrow(ArgumentError);
  await expect(session.predict({ row: 0 })).rejects.toThrow("no rows were read");
  const csv = fileOf("a,label\n1,0\n", "rows.csv");
  await expect(session.rows({ file: csv, label: "label" })).rejects.toThrow(DataError);
  await session.rows({ bundled: "digits" });
  await expect(session.predict({ row: 1797 })).rejects.toThrow(
    "row must be an integer from 1 to 1797, got 1798",
  );
  expect((await session.predict({ row: 1796 })).label).toBe(8);
});

test("rows come from a CSV file with a label column", async () => {
  await session.open({ file: fileOf(sample) }, silent);
  const { x, y } = await loadDataset("digits");
  const header = `${Array.from({ length: 64 }, (_, j) => `p${j}`).join(",")},digit`;
  const line = (i: number) => [...x.values.subarray(64 * i, 64 * i + 64), y[i]].join(",");
  const csv = fileOf([header, ...Array.from({ length: 12 }, (_, i) => line(i))].join("\n"), "rows.csv");
  expect(await session.rows({ file: csv, label: "digit" })).toMatchObject({ name: "rows.csv", rows: 12 });
  expect((await session.predict({ row: 7 })).values).toEqual([...x.values.subarray(448, 512)]);
});
