import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";

/** The code of the process warning: `node --disable-warning=GRADUS_WASM` silences it. */
const CODE = "GRADUS_WASM";

/** What a process says that falls back to WebAssembly. */
export function wasmNotice(why: string): string {
  return (
    `ONNX Runtime runs as WebAssembly because ${why}. Results agree up to rounding; programs run more slowly. ` +
    'To install it, see "The native runtime" in the guide "Install gradus"; ' +
    "set GRADUS_RUNTIME=wasm to use WebAssembly without this warning."
  );
}

/** Warns once in a process: threads that are started later know that it was said. */
export function warnOnce(notice: string): void {
  if (getEnvironmentData(CODE) === true) return;
  setEnvironmentData(CODE, true);
  process.emitWarning(notice, { type: "GradusWarning", code: CODE });
}
