import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { warnOnce } from "../wasm-notice.ts";
import { runtimeInWorker, type WorkerRuntime, type WorkerRuntimeOptions } from "./client.ts";
import type { NodeNotice } from "./node-entry.ts";
import type { Answer } from "./protocol.ts";

export type { WorkerRuntime, WorkerRuntimeOptions } from "./client.ts";

/**
 * The platform's runtime in its own worker (a thread in Node, a module worker in pages): runs do not block the caller's
 * event loop, as the native library would. A worker does one run at a time; inputs are copied once, results are
 * transferred.
 *
 *     import { workerRuntime } from "@gradus/graph/worker";
 *     await using runtime = workerRuntime();
 *     await using program = await compile(f, specs, { runtime });
 *
 * In Node an idle worker does not keep the process alive; `process.exit` during a run makes the native library abort
 * the process.
 *
 * @returns a runtime for `compile`, `jit` and other functions with their options; if the worker stops, its runs reject
 *   with WorkerError
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
