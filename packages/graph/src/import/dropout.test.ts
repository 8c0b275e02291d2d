import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { constant, f32 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import type { KeptEntries } from "./training-mode.ts";

/** Linear(4, 6), Dropout(0.3), Linear(6, 2), which PyTorch exported in training mode. */
const model = importOnnx(readFileSync(new URL("../../fixtures/pytorch/dropout.onnx", import.meta.url)));

async function runs(keptEntries?: KeptEntries): Promise<number[]> {
  using program = await compile((x) => model.apply({ x }, {}, { keptEntries }).y, f32(1, 4));
  return toNumbers(await program.run(array(Float32Array.of(1, 2, -1, 0.5), [1, 4])));
}

/** The network by loops, with factors for its hidden units. */
function byLoops(factors: readonly number[]): number[] {
  const [w1, b1, w2, b2] = ["0.weight", "0.bias", "2.weight", "2.bias"].map((name) =>
    toNumbers(model.parameters[name]),
  );
  const hidden = factors.map(
    (factor, u) => factor * [1, 2, -1, 0.5].reduce((sum, v, j) => sum + v * w1[4 * u + j], b1[u]),
  );
  return b2.map((b, k) => hidden.reduce((sum, h, u) => sum + h * w2[6 * k + u], b));
}

test("dropout in training mode passes its input on", async () => {
  const wanted = byLoops([1, 1, 1, 1, 1, 1]);
  (await runs()).forEach((value, k) => {
    expect(value).toBeCloseTo(wanted[k], 5);
  });
});

test("entries that are kept are divided by their probability, others are 0", async () => {
  const asked: unknown[] = [];
  const results = await runs((shape, ratio) => {
    asked.push([shape, ratio]);
    return constant(Uint8Array.of(1, 0, 1, 1, 0, 1), [1, 6]);
  });
  expect(asked).toEqual([[[1, 6], expect.closeTo(0.3, 6)]]);
  const wanted = byLoops([1, 0, 1, 1, 0, 1].map((kept) => kept / 0.7));
  results.forEach((value, k) => {
    expect(value).toBeCloseTo(wanted[k], 5);
  });
});
