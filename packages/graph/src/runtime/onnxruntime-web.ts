import type { OnnxRuntime } from "./onnxruntime.ts";
import type { LoadOptions } from "./runtime.ts";
import { threadsFor } from "./threads.ts";

const MAXIMUM_THREADS = 4;

/** Threads need a cross-origin isolated page; they belong to the whole WebAssembly module, so its first program decides. */
export function configure(ort: typeof import("onnxruntime-web"), options: LoadOptions): OnnxRuntime {
  const available = Math.min(navigator.hardwareConcurrency || 1, MAXIMUM_THREADS);
  const threads = threadsFor(options, available);
  ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? threads : 1;
  ort.env.logLevel = "error";
  return ort;
}
