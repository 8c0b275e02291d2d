import { availableParallelism } from "node:os";
import { InputError } from "../errors.ts";
import { exactFactors, onnxRuntime } from "./onnxruntime.ts";
import { threadsFor } from "./threads.ts";

/** The threads of sessions that do not ask for any: GRADUS_THREADS. @throws InputError when it is no such number */
function threadsOfEnvironment(): number | undefined {
  const { GRADUS_THREADS: given } = process.env;
  if (!given) return undefined;
  if (/^[1-9]\d{0,4}$/.test(given)) return Number(given);
  throw new InputError(`GRADUS_THREADS must be a positive integer, got "${given}"`);
}

/** Loads the runtime's native library. */
export async function fetchRuntime(): Promise<void> {
  await import("onnxruntime-node");
}

/** ONNX Runtime's native CPU kernels. A run blocks the thread that calls it: servers take `workerRuntime`. */
export const runtime = onnxRuntime("onnxruntime-node", {}, async (options) => {
  const threads = threadsFor(
    { ...options, threads: options.threads ?? threadsOfEnvironment() },
    availableParallelism(),
  );
  return {
    ort: (await import("onnxruntime-node")).default,
    options: {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      // Fatal ones only: an error reaches the caller as an exception, and need not be printed too.
      logSeverityLevel: 4,
      extra: {
        ...exactFactors,
        // Idle threads that spin take the cores from other sessions and from the caller.
        session: { intra_op: { allow_spinning: "0" } },
      },
    },
  };
});
