import { array, compile, f32, importOnnx, matmul, type Runtime, repeat, sum, tanh } from "@gradus/graph";
import { webgpu } from "@gradus/graph/webgpu";
import { workerRuntime } from "@gradus/graph/worker";
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

type Where = "page" | "worker" | "webgpu";

/** Does something with a runtime, and then disposes of it where it has to be. */
async function on<T>(where: Where, body: (runtime?: Runtime) => Promise<T>): Promise<T> {
  if (where !== "worker") return body(where === "webgpu" ? webgpu : undefined);
  await using runtime = workerRuntime();
  return await body(runtime);
}

/** What the test does in the page. */
const actions = {
  train: (where: Where, dtype: "f32" | "f64", threads?: number) =>
    ending(() => on(where, (runtime) => trainSmallNetwork(dtype, { runtime, threads }))),

  /** Two programs at the same time. */
  trainTwice: (where: Where, dtype: "f32" | "f64") =>
    ending(() =>
      on(where, (runtime) => Promise.all([1, 2].map(() => trainSmallNetwork(dtype, { runtime })))),
    ),

  /** The names of the parameters of the model at an address, relative to the page's. */
  parametersAt: (address: string) => ending(async () => Object.keys((await importOnnx(address)).parameters)),

  /** How often the page's event loop turns during a long run, in the page or in a worker. */
  turnsDuring: (where: Where) =>
    on(where, async (runtime) => {
      await using program = await compile(
        (x) => sum(repeat(50, x, (c) => ({ carried: tanh(matmul(c, x)) })).carried),
        f32(256, 256),
        { runtime, threads: 1 },
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
    }),
};

export type Actions = typeof actions;

Object.assign(globalThis, { actions });
