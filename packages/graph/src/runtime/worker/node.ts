import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { warnOnce } from "../wasm-notice.ts";
import { runtimeInWorker, type WorkerRuntime, type WorkerRuntimeOptions } from "./client.ts";
import type { NodeNotice } from "./node-entry.ts";
import type { Answer } from "./protocol.ts";

export type { WorkerRuntime, WorkerRuntimeOptions } from "./client.ts";

/**
 * The platform's runtime in a worker of its own (a thread in Node, a module worker in pages): a run leaves the
 * caller's event loop free, where the native library would block it. One worker does one run after the other; inputs
 * are copied once, results are handed over.
 *
 *     import { workerRuntime } from "@gradus/graph/worker";
 *     await using runtime = workerRuntime();
 *     await using program = await compile(f, specs, { runtime });
 *
 * In Node an idle worker does not keep the process alive; `process.exit` during a run ends the process with an abort
 * of the native library.
 *
 * @returns a runtime for `compile`, `jit` and whatever takes their options; a worker that ends rejects its runs with
 *   WorkerError
 * @throws InputError when `threads` is not a positive integer
 */
export function workerRuntime(options: WorkerRuntimeOptions = {}): WorkerRuntime {
  // By the package's name, so that it is found from a bundle too.
  const entry = createRequire(import.meta.url).resolve("@gradus/graph/worker-entry");
  return runtimeInWorker(
    "onnxruntime",
    ({ answer, end }) => {
      const worker = new Worker(entry, { execArgv: [] });
      worker.on("message", (message: Answer | NodeNotice) =>
        "notice" in message ? warnOnce(message.notice) : answer(message),
      );
      worker.on("error", (error) => end(String(error)));
      worker.on("messageerror", (error) => end(String(error)));
      worker.on("exit", (code) => end(`exit code ${code}`));
      return {
        post: (question, transfer) => worker.postMessage(question, transfer),
        terminate: () => worker.terminate(),
        hold: (awaited) => (awaited ? worker.ref() : worker.unref()),
      };
    },
    options,
  );
}
