import { availableParallelism } from "node:os";
import type { Env } from "onnxruntime-common";
import { GraphError } from "../errors.ts";
import { blockOfChannels } from "./block-of-channels.ts";
import { threadsOfEnvironment } from "./environment.ts";
import { exactFactors, type OnnxRuntime, onnxRuntime } from "./onnxruntime.ts";
import type { LoadOptions, Runtime } from "./runtime.ts";
import { sizedSession } from "./sized-session.ts";
import { threadsFor } from "./threads.ts";

/**
 * How long a thread without work looks for more before it sleeps, in microseconds. Between the products of a training step
 * lie operations of some ten microseconds, and waking a thread takes longer. Measured on two cores of an x86-64 server, two
 * threads that look against two that sleep at once: a loop of steps of a 784-128-10 network takes 0.80 of the time, of a
 * diffusion model 0.89 (perceptron) and 0.86 (U-Net), of a DeepONet on 10,000 functions 0.92. Where another process
 * takes a core they take up to 1.5 times as long, after a millisecond of looking up to twice as long.
 */
const SPIN_MICROSECONDS = 50;

/** The native runtime, or why it cannot be used here. */
export type Native = { readonly version: string; readonly runtime: Runtime } | { readonly absent: string };

/** ONNX Runtime's native CPU kernels. */
function nativeRuntime(ort: OnnxRuntime): Runtime {
  const threadsOf = (options: LoadOptions) =>
    threadsFor({ ...options, threads: options.threads ?? threadsOfEnvironment() }, availableParallelism());
  const plain = onnxRuntime("onnxruntime-node", {}, async (options) => ({
    ort,
    options: {
      intraOpNumThreads: threadsOf(options),
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      // Fatal ones only: an error reaches the caller as an exception, and need not be printed too.
      logSeverityLevel: 4,
      extra: {
        ...exactFactors,
        session: {
          intra_op: { allow_spinning: "1", spin_duration_us: `${SPIN_MICROSECONDS}` },
          // After a run they would take the cores from other sessions and from the caller.
          force_spinning_stop: "1",
        },
      },
    },
  }));
  let block: Promise<number> | undefined;
  return {
    ...plain,
    async load(model, { forMachine, ...options }) {
      if (forMachine?.convolves) block ??= blockOfChannels(ort);
      const machine = { channels: (await block) ?? 1, threads: threadsOf(options) };
      const forAnySize = () => plain.load(forMachine?.model(machine) ?? model, options);
      const sized = forMachine?.sizedModel(machine);
      return sized === undefined
        ? forAnySize()
        : sizedSession(await plain.load(sized.model, options), sized.fits, forAnySize);
    },
  };
}

/**
 * Why a failed import means that there is no native runtime here: the package is not installed, has no library for this
 * platform, its library does not fit this system, or the process may load none. Undefined for any other failure, which
 * must not be hidden.
 */
function absence(error: unknown): string | undefined {
  if (!(error instanceof Error && "code" in error)) return undefined;
  const [reason] = error.message.split("\n");
  if (error.code === "ERR_DLOPEN_FAILED" || error.code === "ERR_DLOPEN_DISABLED")
    return `the library of onnxruntime-node could not be loaded: ${reason}`;
  if (error.code !== "ERR_MODULE_NOT_FOUND" && error.code !== "MODULE_NOT_FOUND") return undefined;
  if (/onnxruntime_binding\.node'/.test(reason))
    return `onnxruntime-node has no library for ${process.platform} ${process.arch}`;
  // The second in Yarn's words, where its Plug'n'Play left out what does not suit the platform.
  return /^Cannot find (package|module) 'onnxruntime-node'/.test(reason) ||
    /^Missing package: onnxruntime-node@/m.test(error.message)
    ? "onnxruntime-node is not installed"
    : undefined;
}

/**
 * Loads the native runtime.
 *
 * @param script imports its package
 * @throws GraphError when the package is there and broken
 */
export async function loadNative(
  script: () => Promise<OnnxRuntime & { readonly env: Env }>,
): Promise<Native> {
  try {
    const ort = await script();
    const { versions } = ort.env;
    return { version: versions.node ?? versions.common, runtime: nativeRuntime(ort) };
  } catch (cause) {
    const absent = absence(cause);
    if (absent !== undefined) return { absent };
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
    throw new GraphError(`onnxruntime-node is installed but broken: ${reason}`, { cause });
  }
}
