import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { f32 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";

/** Adds w to x in each iteration, and collects what is carried where `collected`. */
function adding(trips: number, { on = 1, collected = false } = {}): Uint8Array {
  const body = graphBytes({
    nodes: [
      nodeBytes("Identity", ["going"], ["go"]),
      nodeBytes("Add", ["sum", "w"], ["next"]),
      ...(collected ? [nodeBytes("Identity", ["next"], ["row"])] : []),
    ],
    inputs: [
      ["i", 7, []],
      ["going", 9, []],
      ["sum", 1, [2]],
    ],
    outputs: [["go", 9, []], ["next", 1, [2]], ...(collected ? [["row", 1, [2]] as const] : [])],
  });
  return modelBytes(
    graphBytes({
      nodes: [nodeBytes("Loop", ["trips", "on", "x"], ["y", ...(collected ? ["rows"] : [])], { body })],
      initializers: [
        tensorBytes("trips", 7, [], BigInt64Array.of(BigInt(trips))),
        tensorBytes("on", 9, [], Uint8Array.of(on)),
        tensorBytes("w", 1, [2], Float32Array.of(0.5, -2)),
      ],
      inputs: [["x", 1, [2]]],
      outputs: [["y", 1, [2]], ...(collected ? [["rows", 1, [trips, 2]] as const] : [])],
    }),
    17,
  );
}

async function runs(file: Uint8Array, output: string): Promise<number[]> {
  const model = importOnnx(file);
  await using program = await compile((x) => model.apply({ x })[output], f32(2));
  return toNumbers(await program.run(array(Float32Array.of(1, 10), [2])));
}

test.each([0, 1, 3, 50])("a loop of %d iterations adds as often", async (trips) => {
  expect(await runs(adding(trips), "y")).toEqual([1 + trips / 2, 10 - 2 * trips]);
});

test("a loop that is not to begin gives what it was given", async () => {
  expect(await runs(adding(3, { on: 0 }), "y")).toEqual([1, 10]);
});

test.each([2, 50])("a loop collects a row of each of its %d iterations", async (trips) => {
  const rows = Array.from({ length: trips }, (_, i) => [1.5 + i / 2, 8 - 2 * i]);
  expect(await runs(adding(trips, { collected: true }), "rows")).toEqual(rows.flat());
});

test("a loop without iterations has no rows to collect", async () => {
  expect(await runs(adding(0, { collected: true }), "rows")).toEqual([]);
});
