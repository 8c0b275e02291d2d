import { expect, test } from "vitest";
import { modelFacts, sizeWords } from "./facts.ts";
import type { OpenedModel } from "./protocol.ts";

const node = {
  name: "n",
  operator: "Relu",
  inputs: [],
  outputs: [],
  attributes: {},
  innerNodes: 0,
  supported: true,
};
const opened: OpenedModel = {
  name: "m.onnx",
  bytes: 41_230,
  graph: { nodes: [node, node], stored: [], inputs: [], outputs: [] },
  input: { obstacle: "none" },
  quantized: 0,
  head: { obstacle: "none" },
};
const parameter = {
  name: "w",
  dtype: "f32",
  shape: [1418],
  numbers: 1418,
  frozen: false,
  updated: false,
} as const;
const inspection = {
  ...{ producer: "pytorch", opset: 17, inputs: [], outputs: [], operators: {}, metadata: {} },
  ...{ parameters: [parameter], operations: 152_400, obstacle: null },
};

test("facts of a model that can be imported, and of one that cannot", () => {
  expect(modelFacts({ ...opened, inspection })).toEqual([
    "41 kB",
    "pytorch, opset 17",
    "1,418 parameters, all trainable",
    "2 operators",
    "152 thousand operations a row",
  ]);
  const frozen = {
    ...inspection,
    producer: "",
    parameters: [parameter, { ...parameter, numbers: 10, frozen: true }],
  };
  expect(modelFacts({ ...opened, inspection: frozen }).slice(1, 3)).toEqual([
    "opset 17",
    "1,428 parameters, 1,418 trainable",
  ]);
  expect(modelFacts(opened)).toEqual(["41 kB", "2 operators"]);
});

test.each([
  [1, "1 byte"],
  [999, "999 bytes"],
  [2_706, "2.7 kB"],
  [97_800_000, "98 MB"],
])("%i bytes are %s", (bytes, words) => {
  expect(sizeWords(bytes)).toBe(words);
});
