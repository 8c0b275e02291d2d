// Files as scikit-learn's converter writes them: ONNX Runtime's kernels are the measure.
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { array, specsOf, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { valueAndGradient } from "../differentiate.ts";
import { UnsupportedError } from "../errors.ts";
import { loadOnnx } from "../onnx-model.ts";
import { square, sum } from "../ops/index.ts";
import { f32 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { inspectModel } from "./inspect-model.ts";
import { type AttributeValue, graphBytes, modelBytes, nodeBytes, type ValueSpec } from "./model-bytes.ts";
import { expectAgreement, fed, wave } from "./node-testing.ts";
import { onnxGraph } from "./onnx-graph.ts";
import { replaceParameters } from "./replace-parameters.ts";

const ML = "ai.onnx.ml";
const three = { floats: [1, -2, 3, 4, 0.5, 6] };

/** A logistic regression of two features: labels, then maps of normalized probabilities. */
function classifier(attributes: Readonly<Record<string, AttributeValue>>, label: ValueSpec): Uint8Array {
  return modelBytes(
    graphBytes({
      nodes: [
        nodeBytes("LinearClassifier", ["x"], ["label", "scores"], attributes, ML),
        nodeBytes("Normalizer", ["scores"], ["probabilities"], { norm: "L1" }, ML),
        nodeBytes("ZipMap", ["probabilities"], ["maps"], { classlabels_int64s: [4, 5, 6] }, ML),
      ],
      inputs: [["x", 1, [undefined, 2]]],
      outputs: [label, ["maps", 0, []]],
    }),
    17,
    [ML],
  );
}

const shared = { coefficients: three, intercepts: { floats: [1, -1, 0.5] } };
const numbered: ValueSpec = ["label", 7, [undefined]];
const x = array(Float32Array.of(0.3, -0.2, 5, 1, -40, 30), [3, 2]);

test.each([
  ["of all classes together", { ...shared, classlabels_ints: [4, 5, 6], post_transform: "SOFTMAX" }],
  [
    "of each class against the others",
    { ...shared, classlabels_ints: [4, 5, 6], post_transform: "LOGISTIC" },
  ],
])("a logistic regression %s has ONNX Runtime's labels and probabilities", async (_, attributes) => {
  const file = classifier(attributes, numbered);
  using session = await loadOnnx(file);
  expect(session.outputs.map(({ name, spec }) => [name, spec.dtype, spec.shape.at(-1)])).toEqual([
    ["label", "i64", "?"],
    ["maps", "f32", 3],
  ]);
  const wanted = await session.run({ x });
  const model = importOnnx(file);
  expect([model.outputs, model.defaultOutput]).toEqual([["label", "maps"], "maps"]);
  using program = await compile((inputs) => model.apply(inputs), { x: f32("rows", 2) });
  const got = await program.run({ x });
  expect(toNumbers(got.label)).toEqual(toNumbers(wanted.label));
  toNumbers(got.maps).forEach((value, i) => {
    expect(value).toBeCloseTo(toNumbers(wanted.maps)[i], 6);
  });
});

test("labels that are text are numbered in their order, and left out where ONNX Runtime runs the file", async () => {
  const texts = { ...shared, classlabels_strings: { texts: ["no", "yes", "perhaps"] } };
  const file = classifier({ ...texts, post_transform: "SOFTMAX" }, ["label", 8, [undefined]]);
  using session = await loadOnnx(file);
  expect(session.outputs.map(({ name }) => name)).toEqual(["maps"]);
  const model = importOnnx(file);
  using program = await compile((inputs) => model.apply(inputs), { x: f32("rows", 2) });
  const { label, maps } = await program.run({ x });
  const rows = [0, 1, 2].map((i) => toNumbers(maps).slice(3 * i, 3 * i + 3));
  expect(toNumbers(label)).toEqual(rows.map((row) => row.indexOf(Math.max(...row))));
});

test("labels of a network are chosen from its text, for any number of rows", async () => {
  const text = new BinaryWriter().tag(1, 0).int64(3).tag(2, 0).int32(8);
  for (const word of ["no", "yes", "perhaps"]) text.tag(6, 2).string(word);
  const file = modelBytes(
    graphBytes({
      nodes: [
        nodeBytes("ArgMax", ["x"], ["best"], { axis: 1, keepdims: 1 }),
        nodeBytes("ArrayFeatureExtractor", ["classes", "best"], ["label"], {}, ML),
      ],
      initializers: [text.tag(8, 2).string("classes").finish()],
      inputs: [["x", 1, [undefined, 3]]],
      outputs: [["label", 8, [1, undefined]]],
    }),
    17,
    [ML],
  );
  const model = importOnnx(file);
  using program = await compile((inputs) => model.apply(inputs).label, { x: f32("rows", 3) });
  const scores = array(Float32Array.of(1, 5, 2, 9, 0, 3), [2, 3]);
  expect(toNumbers(await program.run({ x: scores }))).toEqual([1, 0]);
});

test("coefficients and intercepts are parameters, and are written back", async () => {
  const file = modelBytes(
    graphBytes({
      nodes: [nodeBytes("LinearRegressor", ["x"], ["y"], { ...shared, targets: 3 }, ML)],
      inputs: [["x", 1, [undefined, 2]]],
      outputs: [["y", 1, [undefined, 3]]],
    }),
    17,
    [ML],
  );
  const model = importOnnx(file);
  expect(Object.entries(model.parameters).map(([name, { shape }]) => [name, shape])).toEqual([
    ["y.coefficients", [3, 2]],
    ["y.intercepts", [3]],
  ]);
  expect(inspectModel(model).obstacle).toBeNull();
  expect(replaceParameters(file, model.parameters)).toEqual(file);
  // d/dW of the sum of (W x + b)^2 is 2 (W x + b) x' for one row.
  using program = await compile(
    ({ own, input }) => valueAndGradient((p: typeof own) => sum(square(model.apply({ x: input }, p).y)))(own),
    { own: specsOf(model.parameters), input: f32("rows", 2) },
  );
  const row = array(Float32Array.of(0.5, -1), [1, 2]);
  const { gradient } = await program.run({ own: model.parameters, input: row });
  const y = [1 * 0.5 + 2 + 1, 3 * 0.5 - 4 - 1, 0.5 * 0.5 - 6 + 0.5];
  expect(toNumbers(gradient["y.intercepts"])).toEqual(y.map((value) => 2 * value));
  expect(toNumbers(gradient["y.coefficients"])).toEqual(y.flatMap((value) => [value, -2 * value]));
  const changed = replaceParameters(file, { "y.intercepts": array(Float32Array.of(10, 20, 30)) });
  using session = await loadOnnx(changed);
  expect(toNumbers((await session.run({ x: row })).y)).toEqual([12.5, 17.5, 24.25]);
});

test.each<[string, Record<string, AttributeValue>, number[]]>([
  [
    "numbers",
    { keys_floats: { floats: [0, 5, 7] }, values_int64s: [10, 20, 30], default_int64: -4 },
    [20, -4, 10],
  ],
  ["text", { keys_floats: { floats: [5, 0, 6] }, values_strings: { texts: ["a", "b", "c"] } }, [0, 2, 1]],
])("a label encoder gives the values of keys, %s by their place", async (_, attributes, wanted) => {
  const file = modelBytes(
    graphBytes({
      nodes: [nodeBytes("LabelEncoder", ["x"], ["y"], attributes, ML)],
      inputs: [["x", 1, [3]]],
      outputs: [["y", 7, [3]]],
    }),
    17,
    [ML],
  );
  using program = await compile((inputs) => importOnnx(file).apply(inputs).y, { x: f32(3) });
  expect(toNumbers(await program.run({ x: array(Float32Array.of(5, 6, 0)) }))).toEqual(wanted);
});

test("trees are refused with the reason", () => {
  const nodes = [nodeBytes("TreeEnsembleRegressor", ["x"], ["y"], {}, ML)];
  const file = modelBytes(
    graphBytes({ nodes, inputs: [["x", 1, [undefined, 2]]], outputs: [["y", 1, [undefined, 1]]] }),
    17,
    [ML],
  );
  expect(() => importOnnx(file)).toThrow(UnsupportedError);
  expect(() => importOnnx(file)).toThrow(
    "ai.onnx.ml.TreeEnsembleRegressor (y): decision trees are piecewise constant, so that there is nothing to differentiate or train; loadOnnx runs the file",
  );
  expect(onnxGraph(file).nodes[0].supported).toBe(false);
});

test("features of several axes are rows of one vector, as ONNX Runtime makes them", async () => {
  await expectAgreement({
    opType: "FeatureVectorizer",
    domain: "ai.onnx.ml",
    attributes: { inputdimensions: [6, 2] },
    inputs: [fed("float32", [2, 3, 2], wave(1)), fed("float32", [2, 2], wave(2))],
  });
});
