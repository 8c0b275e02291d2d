import { exactFactors, type OnnxRuntime, onnxRuntime } from "./onnxruntime.ts";
import { configure, quietRuns } from "./onnxruntime-web.ts";

let loading: Promise<OnnxRuntime> | undefined;

const script = () => import("onnxruntime-web/wasm");

/** Fetches the runtime's script, without its WebAssembly. */
export async function fetchRuntime(): Promise<void> {
  await script();
}

/** ONNX Runtime's WebAssembly kernels. */
export const runtime = onnxRuntime("onnxruntime-web", {}, async (options) => {
  loading ??= script().then((ort) => configure(ort, options));
  return {
    ort: await loading,
    options: { executionProviders: ["wasm"], graphOptimizationLevel: "all", extra: exactFactors },
    runOptions: quietRuns,
  };
});
