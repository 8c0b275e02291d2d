import { type OnnxRuntime, onnxRuntime } from "./onnxruntime.ts";
import type { SessionOptions } from "./runtime.ts";

const MAXIMUM_THREADS = 4;

/** Threads need a cross-origin isolated page; they belong to the whole WebAssembly module, so the first program decides. */
async function load({ threads }: SessionOptions): Promise<OnnxRuntime> {
  const ort = await import("onnxruntime-web/wasm");
  const available = Math.min(navigator.hardwareConcurrency || 1, MAXIMUM_THREADS);
  ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? (threads ?? available) : 1;
  ort.env.logLevel = "error";
  return ort;
}

let loaded: Promise<OnnxRuntime> | undefined;

/** ONNX Runtime's WebAssembly kernels. */
export const runtime = onnxRuntime(
  "onnxruntime-web",
  (options) => {
    loaded ??= load(options);
    return loaded;
  },
  () => ({ executionProviders: ["wasm"], graphOptimizationLevel: "all" }),
);
