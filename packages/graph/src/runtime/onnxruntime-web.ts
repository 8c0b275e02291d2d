import type { OnnxRuntime } from "./onnxruntime.ts";
import type { LoadOptions } from "./runtime.ts";
import { checkThreads } from "./threads.ts";

const MAXIMUM_THREADS = 4;

/** Logs fatal errors only: others reach the caller as exceptions, and need not be printed too. */
export const quietRuns = { logSeverityLevel: 4 } as const;

/**
 * Threads need a cross-origin isolated page. They belong to the whole WebAssembly module: its first program decides, and
 * a small one must not decide for the large ones after it. They cost small programs nothing here (measured in Chromium:
 * products of 16 x 16 to 128 x 128 matrices take as long with two threads as with one, 192 x 192 two thirds).
 */
export function configure(ort: typeof import("onnxruntime-web"), { threads }: LoadOptions): OnnxRuntime {
  checkThreads(threads);
  const available = Math.min(navigator.hardwareConcurrency || 1, MAXIMUM_THREADS);
  ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? (threads ?? available) : 1;
  ort.env.logLevel = "error";
  return ort;
}
