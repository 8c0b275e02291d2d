import { ProviderError } from "../errors.ts";
import { type Backend, exactFactors, type OnnxRuntime, onnxRuntime } from "./onnxruntime.ts";
import type { LoadOptions } from "./runtime.ts";
import { threadsFor } from "./threads.ts";

const MAXIMUM_THREADS = 4;

/** Threads need a cross-origin isolated page; they belong to the whole WebAssembly module, so its first program decides. */
function configure(ort: typeof import("onnxruntime-web"), options: LoadOptions): OnnxRuntime {
  const available = Math.min(navigator.hardwareConcurrency || 1, MAXIMUM_THREADS);
  const threads = threadsFor(options, available);
  ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? threads : 1;
  ort.env.logLevel = "error";
  return ort;
}

async function refuseWithoutWebGpu(): Promise<void> {
  // Only secure pages have it, and not in every browser.
  if (!("gpu" in navigator) || !navigator.gpu)
    throw new ProviderError(
      'provider "webgpu": this browser has no WebGPU, or this page is not secure; use the provider "cpu"',
    );
  if ((await navigator.gpu.requestAdapter()) === null)
    throw new ProviderError(
      'provider "webgpu": this browser gives no access to a graphics card; use the provider "cpu"',
    );
}

let wasm: Promise<OnnxRuntime> | undefined;
let webGpu: Promise<OnnxRuntime> | undefined;

async function prepare(options: LoadOptions): Promise<Backend> {
  if (options.provider === "webgpu") {
    await refuseWithoutWebGpu();
    webGpu ??= import("onnxruntime-web/webgpu").then((ort) => configure(ort, options));
    return {
      ort: await webGpu,
      options: { executionProviders: ["webgpu"], graphOptimizationLevel: "all" },
      exclusive: true,
    };
  }
  wasm ??= import("onnxruntime-web/wasm").then((ort) => configure(ort, options));
  return {
    ort: await wasm,
    options: { executionProviders: ["wasm"], graphOptimizationLevel: "all", extra: exactFactors },
  };
}

/** ONNX Runtime's WebAssembly kernels, and its WebGPU kernels for programs that ask for them. */
export const runtime = onnxRuntime("onnxruntime-web", prepare);
