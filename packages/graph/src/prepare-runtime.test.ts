import { expect, test } from "vitest";
import { compile } from "./compile.ts";
import { GraphError } from "./errors.ts";
import { neg } from "./ops/index.ts";
import { fetchRuntime, prepareRuntime } from "./prepare-runtime.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { f32 } from "./tensor.ts";

/** A runtime that counts the programs that are loaded and not yet released. */
function counting(loads: () => Promise<void>) {
  const counts = { loaded: 0, open: 0 };
  const runtime: Runtime = {
    name: "counting",
    async load() {
      await loads();
      counts.loaded += 1;
      counts.open += 1;
      return {
        run: async () => [],
        async release() {
          counts.open -= 1;
        },
      };
    },
  };
  return { runtime, counts };
}

test("a runtime is started by a program of its own, which is released", async () => {
  const { runtime, counts } = counting(async () => undefined);
  await prepareRuntime({ runtime });
  expect(counts).toEqual({ loaded: 1, open: 0 });
});

test("what keeps a runtime from starting is what keeps a program from being loaded", async () => {
  const { runtime } = counting(async () => {
    throw new GraphError("no WebAssembly here");
  });
  await expect(prepareRuntime({ runtime })).rejects.toThrow("no WebAssembly here");
});

test("programs run after the platform's runtime was fetched and started ahead of them", async () => {
  await fetchRuntime();
  await prepareRuntime();
  using program = await compile(neg, f32(2));
  expect((await program.run(Float32Array.of(1, -2))).data).toEqual(Float32Array.of(-1, 2));
});
