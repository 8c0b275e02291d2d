import { UnsupportedError } from "../errors.ts";
import { type OnnxRuntime, onnxRuntime } from "./onnxruntime.ts";
import { configure, pageThreads, quietRuns } from "./onnxruntime-web.ts";

let loading: Promise<OnnxRuntime> | undefined;

async function assertWebGpu(): Promise<void> {
  if (!("gpu" in navigator) || !navigator.gpu)
    throw new UnsupportedError(
      "webgpu: WebGPU is not available; it needs a browser with WebGPU and a secure (HTTPS) page",
    );
  if ((await navigator.gpu.requestAdapter()) === null)
    throw new UnsupportedError("webgpu: the browser provides no GPU adapter");
}

/**
 * ONNX Runtime's WebGPU kernels, in browsers with WebGPU: float32 only; shapes, integers and operations without a
 * WebGPU kernel run in WebAssembly. It is not part of the package's main module, so that only pages that import it load
 * its 27 MB of WebAssembly.
 *
 *     import { webgpu } from "@gradus/graph/webgpu";
 *     using program = await compile(f, specs, { runtime: webgpu });
 *
 * Loading a program throws UnsupportedError if WebGPU is not available, or if the program uses float64.
 */
export const webgpu = onnxRuntime("webgpu", { lacks: ["f64"], oneAtATime: true }, async (options) => {
  await assertWebGpu();
  const threads = pageThreads(options);
  loading ??= import("onnxruntime-web/webgpu").then((ort) => configure(ort, threads));
  return {
    ort: await loading,
    options: { executionProviders: ["webgpu"], graphOptimizationLevel: "all" },
    runOptions: quietRuns,
  };
});
