import ort from "onnxruntime-node";
import { expect, test, vi } from "vitest";
import { compile } from "../compile.ts";
import { matmul } from "../ops/index.ts";
import { f32 } from "../tensor.ts";
import { loadNative } from "./native.ts";

test("threads without work look for more for a bounded time, and for none after a run", async () => {
  const create = vi.spyOn(ort.InferenceSession, "create");
  const native = await loadNative(async () => ort);
  if (!("runtime" in native)) throw new Error(native.absent);
  const signature = { a: f32(64, 64), b: f32(64, 64) };
  using program = await compile(({ a, b }) => matmul(a, b), signature, {
    runtime: native.runtime,
    threads: 2,
  });
  const ones = new Float32Array(64 ** 2).fill(1);
  expect((await program.run({ a: ones, b: ones })).data).toStrictEqual(new Float32Array(64 ** 2).fill(64));
  expect(create.mock.lastCall?.[1]).toMatchObject({
    intraOpNumThreads: 2,
    extra: {
      session: {
        intra_op: { allow_spinning: "1", spin_duration_us: "50" },
        force_spinning_stop: "1",
      },
    },
  });
  create.mockRestore();
});
