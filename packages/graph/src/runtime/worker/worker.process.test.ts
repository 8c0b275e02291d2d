import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, test } from "vitest";
import { runtime as inThread } from "#runtime";
import { array, item, toNumbers } from "../../arrays.ts";
import { compile } from "../../compile.ts";
import { valueAndGradient } from "../../differentiate.ts";
import { DisposedError, GraphError, InputError, WorkerError } from "../../errors.ts";
import { repeat } from "../../loop.ts";
import { add, gather, matmul, mean, mul, sigmoid, square, sub, sum, tanh } from "../../ops/index.ts";
import { bool, f32, f64, i64, type Tensor } from "../../tensor.ts";
import { runtimeInWorker, type WorkerEvents } from "./client.ts";
import { workerRuntime } from "./node.ts";

const shared = workerRuntime();
afterAll(() => shared.dispose());

const wave = (length: number) => Float64Array.from({ length }, (_, i) => Math.sin(1.3 * i));

test.each([
  ["f32", f32, Float32Array],
  ["f64", f64, Float64Array],
] as const)("results are those of the same thread bit for bit, %s", async (_, spec, Data) => {
  const signature = { w: spec(8, 8), x: spec("n", 8), rows: i64("m"), unused: bool() };
  const f = ({ w, x, rows }: { w: Tensor; x: Tensor; rows: Tensor }) => ({
    steps: repeat(10, w, (v: Tensor) => {
      const { value, gradient } = valueAndGradient((u: Tensor) =>
        mean(square(sub(sigmoid(matmul(tanh(x), u)), 1))),
      )(v);
      return { carried: sub(v, mul(gradient, 0.5)), stacked: value };
    }),
    chosen: gather(x, rows),
    rows: add(rows, 1),
  });
  const inputs = {
    w: Data.from(wave(64)),
    x: Data.from(wave(40)),
    rows: BigInt64Array.of(4n, 0n),
    unused: true,
  };
  await using here = await compile(f, signature, { threads: 1 });
  await using there = await compile(f, signature, { runtime: shared, threads: 1 });
  expect(await there.run(inputs)).toStrictEqual(await here.run(inputs));
});

test("the event loop turns while the worker runs, and stands still while the same thread does", async () => {
  const long = ({ x }: { x: Tensor }) =>
    sum(repeat(300, x, (c: Tensor) => ({ carried: tanh(matmul(c, x)) })).carried);
  const x = array(Float32Array.from(wave(256 * 256)), [256, 256]);
  const turnsDuring = async (runtime: typeof inThread) => {
    await using program = await compile(long, { x: f32(256, 256) }, { runtime, threads: 1 });
    let turns = 0;
    let running = true;
    const turn = () => {
      turns += 1;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    const result = item(await program.run({ x }));
    running = false;
    return { turns, result };
  };
  const here = await turnsDuring(inThread);
  const there = await turnsDuring(shared);
  expect(there.result).toBe(here.result);
  expect(here.turns).toBeLessThan(5);
  expect(there.turns).toBeGreaterThan(50);
});

test("the caller's arrays stay the caller's: views, shared memory and the model too", async () => {
  await using program = await compile(({ a, b }) => add(a, b), { a: f64(2), b: f64(2) }, { runtime: shared });
  const whole = Float64Array.of(0, 1, 2, 0);
  const b = new Float64Array(new SharedArrayBuffer(16)).fill(10);
  for (const _ of [1, 2]) {
    const sum = await program.run({ a: whole.subarray(1, 3), b });
    expect(toNumbers(sum)).toStrictEqual([11, 12]);
    expect(sum.data.buffer).toBeInstanceOf(ArrayBuffer);
  }
  expect([...whole, ...b]).toStrictEqual([0, 1, 2, 0, 10, 10]);
  expect(program.model.length).toBeGreaterThan(0);
});

describe("errors come back typed", () => {
  test("of loading", async () => {
    await expect(shared.load(new Uint8Array([1, 2, 3]), {})).rejects.toThrow(GraphError);
    await expect(shared.load(new Uint8Array([1, 2, 3]), {})).rejects.toThrow(/rejected the program/);
    const f = (x: Tensor) => mul(x, 2);
    await expect(compile(f, f32(2), { runtime: shared, threads: 0 })).rejects.toThrow(InputError);
    expect(() => workerRuntime({ threads: 1.5 })).toThrow(InputError);
  });

  test("of running, and the worker goes on", async () => {
    await using program = await compile(
      ({ x, i }) => gather(x, i),
      { x: f64(2), i: i64(1) },
      {
        runtime: shared,
      },
    );
    const x = Float64Array.of(7, 8);
    await expect(program.run({ x, i: BigInt64Array.of(5n) })).rejects.toThrow(GraphError);
    await expect(program.run({ x, i: BigInt64Array.of(5n) })).rejects.toThrow(
      "i[0] must be an index from -2 to 1 for gather, got 5",
    );
    await expect(program.run({ x: Float64Array.of(7), i: BigInt64Array.of(0n) })).rejects.toThrow(InputError);
    expect(toNumbers(await program.run({ x, i: BigInt64Array.of(1n) }))).toStrictEqual([8]);
  });
});

describe("a worker that ends", () => {
  /** A real worker with a script of its own, which never answers. */
  const spawnScript =
    (script: string) =>
    ({ answer, end }: WorkerEvents) => {
      const worker = new Worker(script, { eval: true });
      worker.on("message", answer);
      worker.on("error", (error) => end(String(error)));
      worker.on("exit", (code) => end(`exit code ${code}`));
      return {
        post: worker.postMessage.bind(worker),
        terminate: () => worker.terminate(),
        hold: () => undefined,
      };
    };

  test.each([
    [
      "by itself",
      "require('node:worker_threads').parentPort.once('message', () => process.exit(3))",
      "exit code 3",
    ],
    [
      "by an exception",
      "require('node:worker_threads').parentPort.once('message', () => { throw new RangeError('out of luck') })",
      "RangeError: out of luck",
    ],
  ])("%s rejects what waits and what comes later", async (_, script, why) => {
    await using runtime = runtimeInWorker("a test", spawnScript(script), {});
    const model = new Uint8Array([1]);
    const waiting = [runtime.load(model, {}), runtime.load(model, {})];
    for (const load of waiting) {
      await expect(load).rejects.toThrow(WorkerError);
      await expect(load).rejects.toThrow(`the worker of a test stopped: ${why}`);
    }
    await expect(runtime.load(model, {})).rejects.toThrow(WorkerError);
    expect(model.length).toBe(1);
  });
});

describe("disposing", () => {
  test("lets runs end, refuses later ones, and frees what programs hold", async () => {
    const runtime = workerRuntime({ threads: 2 });
    const program = await compile(({ x }) => sum(x), { x: f64("n") }, { runtime });
    const runs = [1, 2, 3].map((n) => program.run({ x: new Float64Array(n).fill(1) }));
    const disposal = runtime.dispose();
    await expect(program.run({ x: Float64Array.of(1) })).rejects.toThrow(DisposedError);
    await expect(compile(({ x }) => x, { x: f64() }, { runtime })).rejects.toThrow(DisposedError);
    expect((await Promise.all(runs)).map(item)).toStrictEqual([1, 2, 3]);
    await disposal;
    await runtime.dispose();
    await program.dispose();
  });

  test("is not needed for a process to end", async () => {
    const script = `
      import { compile, f64, item, mul } from "@gradus/graph";
      import { workerRuntime } from "@gradus/graph/worker";
      const program = await compile((x) => mul(x, 21), f64(), { runtime: workerRuntime() });
      console.log(item(await program.run(2)));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: import.meta.dirname,
    });
    expect(stdout).toBe("42\n");
  });
});
