import { availableParallelism } from "node:os";
import { onnxRuntime } from "./onnxruntime.ts";

/** ONNX Runtime's native CPU kernels. */
export const runtime = onnxRuntime(
  "onnxruntime-node",
  async () => (await import("onnxruntime-node")).default,
  ({ threads = availableParallelism() }) => ({
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    // Idle threads that spin take the cores from other sessions and from the caller.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  }),
);
