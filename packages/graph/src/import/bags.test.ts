// Loops over bags of rows, as PyTorch's exporter writes EmbeddingBag: plain loops are the measure.
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { exportOnnx } from "../export-onnx.ts";
import { sum } from "../ops/reduce.ts";
import { square } from "../ops/unary.ts";
import { f32, i64, type Tensor } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";
import { onnxGraph } from "./onnx-graph.ts";

const table = Float32Array.from({ length: 10 }, (_, i) => Math.sin(i + 1));

/** Sums, means or largest entries of the rows of a table [5, 2] that each bag has; its ends are the next starts, or of their own. */
function bags(reduction: "ReduceSum" | "ReduceMean" | "ReduceMax", ends: "next" | "own"): Uint8Array {
  const body = graphBytes({
    nodes: [
      nodeBytes("Gather", ["starts", "i"], ["start"]),
      nodeBytes("Gather", ["ends", "i"], ["end"]),
      nodeBytes("Unsqueeze", ["start", "zero"], ["from"]),
      nodeBytes("Unsqueeze", ["end", "zero"], ["to"]),
      nodeBytes("Slice", ["words", "from", "to", "zero"], ["own"]),
      nodeBytes("Gather", ["table", "own"], ["rows"]),
      nodeBytes(reduction, ["rows", ...(reduction === "ReduceSum" ? ["zero"] : [])], ["bag"], {
        keepdims: 0,
        ...(reduction !== "ReduceSum" && { axes: [0] }),
      }),
      nodeBytes("Identity", ["on"], ["again"]),
    ],
    inputs: [
      ["i", 7, []],
      ["on", 9, []],
    ],
    outputs: [
      ["again", 9, []],
      ["bag", 1, [2]],
    ],
  });
  return modelBytes(
    graphBytes({
      nodes: [
        nodeBytes("Shape", ["words"], ["count"]),
        nodeBytes("Concat", ["offsets", "count"], ["starts"], { axis: 0 }),
        ...(ends === "next" ? [nodeBytes("Slice", ["starts", "one", "most", "zero", "one"], ["ends"])] : []),
        nodeBytes("Shape", ["offsets"], ["bags"]),
        nodeBytes("Gather", ["bags", "first"], ["trips"]),
        nodeBytes("Loop", ["trips", "yes"], ["y"], { body }),
      ],
      initializers: [
        tensorBytes("table", 1, [5, 2], table),
        tensorBytes("zero", 7, [1], BigInt64Array.of(0n)),
        tensorBytes("one", 7, [1], BigInt64Array.of(1n)),
        tensorBytes("most", 7, [1], BigInt64Array.of(2n ** 63n - 1n)),
        tensorBytes("first", 7, [], BigInt64Array.of(0n)),
        tensorBytes("yes", 9, [], Uint8Array.of(1)),
      ],
      inputs: [
        ["words", 7, ["words"]],
        ["offsets", 7, ["bags"]],
        ...(ends === "own" ? [["ends", 7, ["bags"]] as const] : []),
      ],
      outputs: [["y", 1, ["bags", 2]]],
    }),
    17,
  );
}

const integers = (values: readonly number[]) => array(BigInt64Array.from(values, BigInt), [values.length]);

/** What a bag is, by adding its rows one after another. */
const byLoop = (
  words: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  mean: boolean,
) =>
  starts.flatMap((start, bag) =>
    [0, 1].map((column) => {
      const own = words.slice(start, ends[bag]).map((word) => table[2 * word + column]);
      const total = own.reduce((a, b) => a + b, 0);
      return mean ? total / own.length : total;
    }),
  );

async function found(bytes: Uint8Array, inputs: Readonly<Record<string, readonly number[]>>) {
  const model = importOnnx(bytes);
  const specs = Object.fromEntries(model.inputs.map(({ name, spec }) => [name, spec]));
  await using program = await compile((given) => model.apply(given).y, specs);
  const y = await program.run(
    Object.fromEntries(Object.entries(inputs).map(([name, list]) => [name, integers(list)])),
  );
  return toNumbers(y);
}

const words = [4, 0, 2, 2, 1, 3, 0];

test.each<[readonly number[]]>([[[0, 2, 3]], [[0, 0, 4, 4, 7]], [[1, 5]], [[7]]])(
  "sums of the bags that begin at %j",
  async (offsets) => {
    const wanted = byLoop(words, offsets, [...offsets.slice(1), words.length], false);
    const sums = await found(bags("ReduceSum", "next"), { words, offsets });
    expect(sums).toHaveLength(wanted.length);
    for (const [i, each] of sums.entries()) expect(each).toBeCloseTo(wanted[i], 5);
  },
);

test("means of bags", async () => {
  const wanted = byLoop(words, [0, 2, 3], [2, 3, 7], true);
  const means = await found(bags("ReduceMean", "next"), { words, offsets: [0, 2, 3] });
  for (const [i, each] of means.entries()) expect(each).toBeCloseTo(wanted[i], 5);
});

test("bags that overlap have all their rows", async () => {
  const wanted = byLoop(words, [0, 1, 5], [4, 6, 6], false);
  const sums = await found(bags("ReduceSum", "own"), { words, offsets: [0, 1, 5], ends: [4, 6, 6] });
  for (const [i, each] of sums.entries()) expect(each).toBeCloseTo(wanted[i], 5);
});

test("no rows make empty bags", async () => {
  expect(await found(bags("ReduceSum", "next"), { words: [], offsets: [0, 0] })).toEqual([0, 0, 0, 0]);
});

test("the graph of consecutive bags compares no row with all of them", async () => {
  const model = importOnnx(bags("ReduceSum", "next"));
  const file = exportOnnx(({ words, offsets }) => model.apply({ words, offsets }), {
    words: i64("words"),
    offsets: i64("bags"),
  });
  expect(onnxGraph(file).nodes.map(({ operator }) => operator)).not.toContain("MatMul");
});

/** The largest entries of the rows of a bag, one row after another. */
const largestByLoop = (starts: readonly number[], ends: readonly number[]) =>
  starts.flatMap((start, bag) =>
    [0, 1].map((column) =>
      Math.max(...words.slice(start, ends[bag]).map((word) => table[2 * word + column])),
    ),
  );

test.each<[readonly number[]]>([[[0, 2, 3]], [[0, 0, 4, 4, 7]], [[1, 5]], [[7]], [[0]]])(
  "largest entries of the bags that begin at %j",
  async (offsets) => {
    const wanted = largestByLoop(offsets, [...offsets.slice(1), words.length]);
    expect(await found(bags("ReduceMax", "next"), { words, offsets })).toEqual(wanted);
  },
);

test("largest entries of bags that overlap, and of no rows", async () => {
  const [offsets, ends] = [
    [0, 1, 5],
    [4, 6, 6],
  ];
  expect(await found(bags("ReduceMax", "own"), { words, offsets, ends })).toEqual(
    largestByLoop(offsets, ends),
  );
  expect(await found(bags("ReduceMax", "next"), { words: [], offsets: [0, 0] })).toEqual(
    Array.from({ length: 4 }, () => Number.NEGATIVE_INFINITY),
  );
});

test("a largest entry passes its derivative to its row", async () => {
  const model = importOnnx(bags("ReduceMax", "next"));
  const offsets = [0, 2, 3];
  await using program = await compile(
    ({ table, ...given }) =>
      gradient((values: Tensor) => sum(square(model.apply(given, { table: values }).y)))(table),
    { words: i64("words"), offsets: i64("bags"), table: f32(5, 2) },
  );
  const found = await program.run({
    ...{ words: integers(words), offsets: integers(offsets) },
    table: array(table, [5, 2]),
  });
  const wanted = new Float64Array(10);
  for (const [bag, start] of offsets.entries())
    for (const column of [0, 1]) {
      const own = words.slice(start, offsets[bag + 1] ?? words.length);
      const best = own.reduce((a, b) => (table[2 * b + column] > table[2 * a + column] ? b : a));
      wanted[2 * best + column] += 2 * table[2 * best + column];
    }
  toNumbers(found).forEach((value, i) => void expect(value).toBeCloseTo(wanted[i], 5));
});

test("the largest entries of many bags take each row once", async () => {
  const model = importOnnx(bags("ReduceMax", "next"));
  await using program = await compile((given) => model.apply(given).y, {
    words: i64("words"),
    offsets: i64("bags"),
  });
  // Compared with all bags, the rows would be 8 GB.
  const rows = Array.from({ length: 40_000 }, (_, i) => i % 5);
  const offsets = Array.from({ length: 25_000 }, (_, i) => i);
  const y = toNumbers(await program.run({ words: integers(rows), offsets: integers(offsets) }));
  expect(y.slice(0, 8)).toEqual([...table.subarray(0, 8)]);
  expect(y).toHaveLength(50_000);
});
