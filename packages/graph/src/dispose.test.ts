import { expect, test } from "vitest";
import { runtime } from "#runtime";
import { item } from "./arrays.ts";
import { compile } from "./compile.ts";
import { DisposedError } from "./errors.ts";
import { exportOnnx } from "./export-onnx.ts";
import { loadOnnx } from "./onnx-model.ts";
import { exp, mul, sum } from "./ops/index.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { f64 } from "./tensor.ts";

/** The platform's runtime, with a record of what its sessions do and a gate before each run. */
function observed() {
  const events: string[] = [];
  const gate = Promise.withResolvers<void>();
  const watched: Runtime = {
    name: "observed",
    async load(model, options) {
      const session = await runtime.load(model, options);
      return {
        async run(inputs) {
          events.push("run begins");
          await gate.promise;
          const result = await session.run(inputs);
          events.push("run ends");
          return result;
        },
        async release() {
          await session.release();
          events.push("released");
        },
      };
    },
  };
  return { watched, events, open: () => gate.resolve() };
}

test("a disposed program refuses to run, and disposing twice is once", async () => {
  const { watched, events } = observed();
  const program = await compile(({ x }) => exp(x), { x: f64() }, { runtime: watched });
  await Promise.all([program.dispose(), program.dispose()]);
  await expect(program.run({ x: 1 })).rejects.toThrow(DisposedError);
  expect(events).toStrictEqual(["released"]);
});

test("disposing during runs lets them end, and frees the session after the last", async () => {
  const { watched, events, open } = observed();
  const program = await compile(({ x }) => sum(mul(x, x)), { x: f64("n") }, { runtime: watched });
  const runs = [program.run({ x: Float64Array.of(3, 4) }), program.run({ x: Float64Array.of(5, 12) })];
  const disposal = program.dispose();
  const refused = program.run({ x: Float64Array.of(1) });
  await expect(refused).rejects.toThrow(/disposed/);
  expect(events).toStrictEqual(["run begins", "run begins"]);
  open();
  expect((await Promise.all(runs)).map(item)).toStrictEqual([25, 169]);
  await disposal;
  expect(events.at(-1)).toBe("released");
  expect(events).toHaveLength(5);
});

test("a loaded model is freed after its runs, once", async () => {
  const { watched, events, open } = observed();
  const file = exportOnnx(({ x }) => sum(mul(x, x)), { x: f64("n") });
  const model = await loadOnnx(file, { runtime: watched });
  const run = model.run({ x: Float64Array.of(3, 4) });
  model.dispose();
  model.dispose();
  await expect(model.run({ x: Float64Array.of(1) })).rejects.toThrow(DisposedError);
  expect(events).toStrictEqual(["run begins"]);
  open();
  const [{ data }] = Object.values(await run);
  expect([...data]).toStrictEqual([25]);
  await expect.poll(() => events).toStrictEqual(["run begins", "run ends", "released"]);
});

test("a run that fails does not keep the session", async () => {
  const events: string[] = [];
  const failing: Runtime = {
    name: "failing",
    load: async () => ({
      run: () => Promise.reject(new Error("no power")),
      release: async () => void events.push("released"),
    }),
  };
  const program = await compile(({ x }) => exp(x), { x: f64() }, { runtime: failing });
  const run = program.run({ x: 1 });
  const disposal = program.dispose();
  await expect(run).rejects.toThrow("no power");
  await disposal;
  expect(events).toStrictEqual(["released"]);
});

test("`using` and `await using` dispose at the end of the block", async () => {
  const { watched, events } = observed();
  {
    await using program = await compile(({ x }) => exp(x), { x: f64() }, { runtime: watched });
    expect(program.model.length).toBeGreaterThan(0);
  }
  expect(events).toStrictEqual(["released"]);
  let kept: { run(inputs: { x: number }): Promise<unknown> };
  {
    using program = await compile(({ x }) => exp(x), { x: f64() }, { runtime: watched });
    kept = program;
  }
  await expect(kept.run({ x: 1 })).rejects.toThrow(DisposedError);
});
