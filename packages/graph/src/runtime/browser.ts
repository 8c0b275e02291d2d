import { pageThreads, webAssemblyRuntime, webAssemblyVersion } from "./onnxruntime-web.ts";

const script = () => import("onnxruntime-web/wasm");

/** Fetches the runtime's script, without its WebAssembly. */
export async function fetchRuntime(): Promise<void> {
  await script();
}

/** `runtimeVersion` for pages. */
export async function runtimeVersion(): Promise<string> {
  return webAssemblyVersion(await script());
}

/** ONNX Runtime's WebAssembly kernels. */
export const runtime = webAssemblyRuntime(script, pageThreads);
