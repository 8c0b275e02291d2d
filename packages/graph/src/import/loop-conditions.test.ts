// Loops of unlimited length, as PyTorch writes `while`: 2^63 - 1 iterations, or none given, and a condition.
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { UnsupportedError } from "../errors.ts";
import { f32, i64 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";

/** Doubles x until a counter, which begins at `first`, reaches the end. */
function doubling(first: "stored" | "input", trips: boolean | "input", end = 20): Uint8Array {
  const body = graphBytes({
    nodes: [
      nodeBytes("Add", ["value", "value"], ["doubled"]),
      nodeBytes("Add", ["counter", "one"], ["next"]),
      nodeBytes("Less", ["next", "end"], ["again"]),
    ],
    initializers: [
      tensorBytes("one", 7, [], BigInt64Array.of(1n)),
      tensorBytes("end", 7, [], BigInt64Array.of(BigInt(end))),
    ],
    inputs: [
      ["iteration", 7, []],
      ["on", 9, []],
      ["value", 7, []],
      ["counter", 7, []],
    ],
    outputs: [
      ["again", 9, []],
      ["doubled", 7, []],
      ["next", 7, []],
    ],
  });
  return modelBytes(
    graphBytes({
      nodes: [nodeBytes("Loop", [trips ? "most" : "", "yes", "x", "first"], ["y", "last"], { body })],
      initializers: [
        ...(trips === "input" ? [] : [tensorBytes("most", 7, [], BigInt64Array.of(2n ** 63n - 1n))]),
        tensorBytes("yes", 9, [], Uint8Array.of(1)),
        ...(first === "stored" ? [tensorBytes("first", 7, [], BigInt64Array.of(1n))] : []),
      ],
      inputs: [
        ["x", 7, []],
        ...(first === "input" ? [["first", 7, []] as const] : []),
        ...(trips === "input" ? [["most", 7, []] as const] : []),
      ],
      outputs: [["y", 7, []]],
    }),
  );
}

test.each([true, false])(
  "a loop ends where its condition is known to be false, iterations given: %s",
  async (trips) => {
    const model = importOnnx(doubling("stored", trips));
    await using program = await compile(({ x }) => model.apply({ x }).y, { x: i64() });
    expect(toNumbers(await program.run({ x: array(BigInt64Array.of(3n), []) }))).toEqual([3 * 2 ** 19]);
  },
);

test("a loop whose end depends on the inputs is refused with the reason", async () => {
  const bytes = doubling("input", true);
  const model = importOnnx(bytes);
  const compiled = compile((inputs) => model.apply(inputs).y, { x: i64(), first: i64() });
  await expect(compiled).rejects.toThrow(UnsupportedError);
  await expect(compiled).rejects.toThrow("a loop that ends by a condition on the inputs is not supported");
});

test("a loop that ends late or never is refused, and does not fill the memory", async () => {
  const model = importOnnx(doubling("stored", true, 1e12));
  const compiled = compile(({ x }) => model.apply({ x }).y, { x: i64() });
  await expect(compiled).rejects.toThrow("a loop that has not ended after 1000 iterations is not supported");
});

test("a loop whose number of iterations is an input is refused", async () => {
  const model = importOnnx(doubling("stored", "input"));
  const compiled = compile((inputs) => model.apply(inputs).y, { x: i64(), most: i64() });
  await expect(compiled).rejects.toThrow("Loop (y): input 0 must be known");
});

test("a loop without iterations gives its state, and collects nothing", async () => {
  const body = graphBytes({
    nodes: [nodeBytes("Add", ["value", "value"], ["doubled"]), nodeBytes("Identity", ["on"], ["again"])],
    inputs: [
      ["iteration", 7, []],
      ["on", 9, []],
      ["value", 1, [2]],
    ],
    outputs: [
      ["again", 9, []],
      ["doubled", 1, [2]],
      ["doubled", 1, [2]],
    ],
  });
  const model = importOnnx(
    modelBytes(
      graphBytes({
        nodes: [nodeBytes("Loop", ["none", "yes", "x"], ["y", "all"], { body })],
        initializers: [
          tensorBytes("none", 7, [], BigInt64Array.of(0n)),
          tensorBytes("yes", 9, [], Uint8Array.of(1)),
        ],
        inputs: [["x", 1, [2]]],
        outputs: [
          ["y", 1, [2]],
          ["all", 1, [0, 2]],
        ],
      }),
    ),
  );
  await using program = await compile(({ x }) => model.apply({ x }), { x: f32(2) });
  const { y, all } = await program.run({ x: array(Float32Array.of(3, 4), [2]) });
  expect(toNumbers(y)).toEqual([3, 4]);
  expect(all.shape).toEqual([0, 2]);
});
