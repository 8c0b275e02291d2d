import type { Env } from "onnxruntime-common";
import { exactFactors, type OnnxRuntime, onnxRuntime } from "./onnxruntime.ts";
import type { LoadOptions, Runtime } from "./runtime.ts";
import { checkThreads } from "./threads.ts";

const MAXIMUM_THREADS = 4;

/** Logs fatal errors only: others reach the caller as exceptions, and need not be printed too. */
export const quietRuns = { logSeverityLevel: 4 } as const;

/** What the builds of ONNX Runtime's package for browsers share. */
export type OnnxRuntimeWeb = OnnxRuntime & { readonly env: Env };

/**
 * The threads that the first program asks for, else the cores. Threads belong to the whole WebAssembly module: its first
 * program decides, and a small one must not decide for the large ones after it. They cost small programs nothing here
 * (measured in Chromium on two cores: float32 products of 16 x 16 to 64 x 64 matrices take as long with two threads as
 * with one, 128 x 128 0.8 of the time, 192 x 192 and 256 x 256 two thirds). Float64 products use one thread however many
 * there are: 64 x 64 to 512 x 512 take the same time with one, two and four.
 */
export function moduleThreads({ threads }: LoadOptions, cores: number): number {
  checkThreads(threads);
  return threads ?? Math.min(cores, MAXIMUM_THREADS);
}

/** Threads need a cross-origin isolated page. */
export function pageThreads(options: LoadOptions): number {
  const threads = moduleThreads(options, navigator.hardwareConcurrency || 1);
  return globalThis.crossOriginIsolated ? threads : 1;
}

/** Sets up a WebAssembly module that has not started. */
export function configure<O extends OnnxRuntimeWeb>(ort: O, threads: number): O {
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  return ort;
}

/** The version of ONNX Runtime, and that it is this build. */
export function webAssemblyVersion({ env: { versions } }: OnnxRuntimeWeb): string {
  return `${versions.web ?? versions.common} (WebAssembly)`;
}

/**
 * ONNX Runtime's WebAssembly kernels, in a page or in Node.
 *
 * @param script imports ONNX Runtime's script for the platform
 * @param threads the module's threads, from what its first program asks for
 */
export function webAssemblyRuntime(
  script: () => Promise<OnnxRuntimeWeb>,
  threads: (options: LoadOptions) => number,
): Runtime {
  let loading: Promise<OnnxRuntime> | undefined;
  return onnxRuntime("onnxruntime-web", {}, async (options) => {
    const wanted = threads(options);
    loading ??= script().then((ort) => configure(ort, wanted));
    return {
      ort: await loading,
      options: { executionProviders: ["wasm"], graphOptimizationLevel: "all", extra: exactFactors },
      runOptions: quietRuns,
    };
  });
}
