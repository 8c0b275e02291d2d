import { exactFactors, type OnnxRuntime, onnxRuntime } from "./onnxruntime.ts";
import { configure } from "./onnxruntime-web.ts";

let loading: Promise<OnnxRuntime> | undefined;

/** ONNX Runtime's WebAssembly kernels. */
export const runtime = onnxRuntime("onnxruntime-web", {}, async (options) => {
  loading ??= import("onnxruntime-web/wasm").then((ort) => configure(ort, options));
  return {
    ort: await loading,
    options: { executionProviders: ["wasm"], graphOptimizationLevel: "all", extra: exactFactors },
  };
});
