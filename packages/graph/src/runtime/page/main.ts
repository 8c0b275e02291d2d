import {
  array,
  type CompileOptions,
  compile,
  f32,
  matmul,
  repeat,
  sum,
  tanh,
  workerRuntime,
} from "@gradus/graph";
import { trainSmallNetwork } from "./program.ts";

/** How an action ended: its result, or the class and the message of its error. */
export type Ending<T> = { readonly result: T } | { readonly error: string; readonly message: string };

async function ending<T>(action: () => Promise<T>): Promise<Ending<T>> {
  try {
    return { result: await action() };
  } catch (error) {
    if (error instanceof Error) return { error: error.name, message: error.message };
    throw error;
  }
}

/** What the test does in the page. */
const actions = {
  train: (dtype: "f32" | "f64", options: CompileOptions) => ending(() => trainSmallNetwork(dtype, options)),

  trainInWorker: (dtype: "f32" | "f64", options: CompileOptions) =>
    ending(async () => {
      await using runtime = workerRuntime();
      return await trainSmallNetwork(dtype, { ...options, runtime });
    }),

  /** Two programs at the same time. */
  trainTwice: (dtype: "f32" | "f64", options: CompileOptions) =>
    ending(() => Promise.all([trainSmallNetwork(dtype, options), trainSmallNetwork(dtype, options)])),

  /** How often the page's event loop turns during a long run, in the page or in a worker. */
  async turnsDuring(where: "page" | "worker") {
    await using runtime = where === "worker" ? workerRuntime({ threads: 1 }) : undefined;
    await using program = await compile(
      (x) => sum(repeat(50, x, (c) => ({ carried: tanh(matmul(c, x)) })).carried),
      f32(256, 256),
      { runtime },
    );
    const { port1, port2 } = new MessageChannel();
    let turns = 0;
    port2.onmessage = () => {
      turns += 1;
      port1.postMessage(0);
    };
    port1.postMessage(0);
    await program.run(array(new Float32Array(256 * 256), [256, 256]));
    port2.close();
    return turns;
  },
};

export type Actions = typeof actions;

Object.assign(globalThis, { actions });
