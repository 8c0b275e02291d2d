import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import { UnsupportedError } from "../errors.ts";
import { buildOfEnvironment, threadsOfEnvironment } from "./environment.ts";
import { loadNative, type Native } from "./native.ts";
import {
  moduleThreads,
  type OnnxRuntimeWeb,
  webAssemblyRuntime,
  webAssemblyVersion,
} from "./onnxruntime-web.ts";
import type { LoadOptions, Runtime } from "./runtime.ts";
import { warnOnce, wasmNotice } from "./wasm-notice.ts";

let loading: Promise<Native> | undefined;

function native(): Promise<Native> {
  loading ??= loadNative(async () => (await import("onnxruntime-node")).default);
  return loading;
}

/** The package's main script: under Node's condition it is the build that has threads here. */
async function webAssemblyScript(): Promise<OnnxRuntimeWeb> {
  const ort = await import("onnxruntime-web");
  // By the package's name, so that they are found from a bundle too.
  const { resolve } = createRequire(import.meta.url);
  const address = (file: string) => pathToFileURL(resolve(`onnxruntime-web/${file}`)).href;
  ort.env.wasm.wasmPaths = {
    mjs: address("ort-wasm-simd-threaded.mjs"),
    wasm: address("ort-wasm-simd-threaded.wasm"),
  };
  return ort;
}

/** Node starts no thread from a file for a program that it was given as text, nor where its permissions forbid threads. */
function mayStartThreads(): boolean {
  return (
    !process.execArgv.some((option) => option.startsWith("--input-type")) &&
    process.permission?.has("worker") !== false
  );
}

function webAssemblyThreads({ threads = threadsOfEnvironment() }: LoadOptions): number {
  const wanted = moduleThreads({ threads }, availableParallelism());
  return mayStartThreads() ? wanted : 1;
}

const webAssembly = webAssemblyRuntime(webAssemblyScript, webAssemblyThreads);

interface Build {
  readonly runtime: Runtime;
  readonly version: () => Promise<string>;
  /** Why it is not the native one, where nobody chose. */
  readonly fallback?: string;
}

const webAssemblyBuild: Build = {
  runtime: webAssembly,
  version: async () => webAssemblyVersion(await webAssemblyScript()),
};

/** The build that the environment asks for, else the native one where there is one. */
async function choose(): Promise<Build> {
  const wanted = buildOfEnvironment();
  if (wanted === "wasm") return webAssemblyBuild;
  const found = await native();
  if ("runtime" in found) return { runtime: found.runtime, version: async () => found.version };
  if (wanted === "native") throw new UnsupportedError(`GRADUS_RUNTIME is "native", but ${found.absent}`);
  return { ...webAssemblyBuild, fallback: found.absent };
}

/**
 * ONNX Runtime's native CPU kernels, or its WebAssembly ones where there are none. A run blocks the thread that calls it:
 * servers take `workerRuntime`.
 *
 * @param notify called whenever a program is loaded on WebAssembly that nobody chose, with the reason
 */
export function nodeRuntime(notify: (notice: string) => void): Runtime {
  return {
    name: "onnxruntime",
    async load(model, options) {
      const { runtime, fallback } = await choose();
      if (fallback !== undefined) notify(wasmNotice(fallback));
      return runtime.load(model, options);
    },
  };
}

/** Loads the runtime's library, without starting it. */
export async function fetchRuntime(): Promise<void> {
  const { version } = await choose();
  await version();
}

/** The version of ONNX Runtime, and whether it is the WebAssembly build. */
export async function runtimeVersion(): Promise<string> {
  const { version } = await choose();
  return version();
}

/** The platform's runtime. */
export const runtime = nodeRuntime(warnOnce);
