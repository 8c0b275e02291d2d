import { runtimeVersion as versionHere } from "#runtime";

/**
 * The version of ONNX Runtime on which programs run here, such as `1.30.0`, or `1.30.0 (WebAssembly)` in pages and in
 * Node without a native runtime. It loads the runtime without starting it.
 *
 * @throws InputError, UnsupportedError, GraphError as `compile` does where no runtime can be loaded
 */
export function runtimeVersion(): Promise<string> {
  return versionHere();
}
