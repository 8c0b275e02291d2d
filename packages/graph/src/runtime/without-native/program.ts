// node program.ts here|worker: trains a small network, makes mistakes, and prints what came of both as JSON.
import { syncBuiltinESMExports } from "node:module";
import threads from "node:worker_threads";
import { compile, type Program } from "../../compile.ts";
import { GraphError } from "../../errors.ts";
import { repeat } from "../../loop.ts";
import { add, div, gather, topK } from "../../ops/index.ts";
import { runtimeVersion } from "../../runtime-version.ts";
import { f64, i64 } from "../../tensor.ts";
import { trainSmallNetwork } from "../page/program.ts";
import { workerRuntime } from "../worker/node.ts";

export interface Printed {
  readonly version: string;
  readonly trained: Readonly<Record<"f32" | "f64", number[][]>>;
  readonly errors: readonly string[];
  /** Threads that JavaScript started in this thread. */
  readonly threads: number;
}

let started = 0;
const { Worker } = threads;
threads.Worker = class extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    started += 1;
  }
};
syncBuiltinESMExports();

const runtime = process.argv[2] === "worker" ? workerRuntime() : undefined;

async function mistake(action: () => Promise<unknown>): Promise<string> {
  try {
    return `no error: ${await action()}`;
  } catch (error) {
    return error instanceof GraphError ? `${error.name}: ${error.message}` : `not typed: ${error}`;
  }
}

async function failing<I>(making: Promise<Program<I, unknown>>, inputs: I): Promise<string> {
  await using program = await making;
  return await mistake(() => program.run(inputs));
}

const indices = { x: f64(3), i: i64(1) };
const errors = [
  await failing(
    compile(({ x, i }) => gather(x, i), indices, { runtime }),
    {
      x: new Float64Array(3),
      i: BigInt64Array.of(7n),
    },
  ),
  await failing(
    compile(({ x, i }) => repeat(2, x, (c) => ({ carried: add(c, gather(x, add(i, i))) })).carried, indices, {
      runtime,
    }),
    { x: new Float64Array(3), i: BigInt64Array.of(2n) },
  ),
  await failing(
    compile((x) => topK(x, 3), f64("n"), { runtime }),
    new Float64Array(2),
  ),
  await failing(
    compile(({ a, b }) => div(a, b), { a: i64(), b: i64() }, { runtime }),
    { a: 1, b: 0 },
  ),
  await mistake(() =>
    runtime === undefined
      ? compile((x) => x, f64(), { threads: 0 })
      : compile((x) => x, f64(), { runtime, threads: 0 }),
  ),
  await mistake(async () => {
    const program = await compile((x) => add(x, 1), f64(), { runtime });
    await program.dispose();
    return program.run(1);
  }),
];

const printed: Printed = {
  version: await runtimeVersion(),
  trained: {
    f32: await trainSmallNetwork("f32", { runtime }),
    f64: await trainSmallNetwork("f64", { runtime }),
  },
  errors,
  threads: started,
};
console.log(JSON.stringify(printed));
