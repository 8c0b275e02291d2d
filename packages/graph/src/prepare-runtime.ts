import { fetchRuntime as fetchDefault } from "#runtime";
import { type CompileOptions, compile, compileOptions } from "./compile.ts";
import { neg } from "./ops/index.ts";
import { f32 } from "./tensor.ts";

/**
 * Fetches the small part of the platform's runtime in advance: in a page a script of 70 kB, without the WebAssembly,
 * which `prepareRuntime` or the first program fetches.
 */
export function fetchRuntime(): Promise<void> {
  return fetchDefault();
}

/**
 * Loads and starts the runtime in advance by loading a program of a single operation: in a page this fetches and
 * compiles several megabytes of WebAssembly, which can happen while data are read and programs are traced.
 *
 * @throws UnsupportedError, GraphError as `compile` does
 */
export async function prepareRuntime(options: CompileOptions = {}): Promise<void> {
  compileOptions("prepareRuntime", options);
  const program = await compile(neg, f32(1), options);
  await program.dispose();
}
