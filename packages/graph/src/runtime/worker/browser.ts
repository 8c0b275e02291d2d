import { runtimeInWorker, type WorkerRuntime, type WorkerRuntimeOptions } from "./client.ts";

export type { WorkerRuntime, WorkerRuntimeOptions } from "./client.ts";

/** `workerRuntime` for pages; its documentation stands in `node.ts`. */
export function workerRuntime(options: WorkerRuntimeOptions = {}): WorkerRuntime {
  return runtimeInWorker(
    "onnxruntime-web",
    ({ answer, end }) => {
      // Bundlers look for exactly this expression.
      const worker = new Worker(new URL("./browser-entry.ts", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }) => answer(data);
      worker.onerror = ({ message }) => end(message || "its script could not be loaded");
      worker.onmessageerror = () => end("a message could not be read");
      return {
        post: (question, transfer) => worker.postMessage(question, transfer),
        terminate: () => worker.terminate(),
        hold: () => undefined,
      };
    },
    options,
  );
}
