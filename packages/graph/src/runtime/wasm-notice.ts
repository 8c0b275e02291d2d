import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";

/** The code of the process warning: `node --disable-warning=GRADUS_WASM` silences it. */
const CODE = "GRADUS_WASM";

/** What a process says that falls back to WebAssembly. */
export function wasmNotice(why: string): string {
  return (
    `ONNX Runtime runs as WebAssembly because ${why}. Results are the same to rounding; programs run slower. ` +
    'The section "The native runtime" of the guide "Install gradus" says how to install it; ' +
    "GRADUS_RUNTIME=wasm chooses WebAssembly without this notice."
  );
}

/** Warns once in a process: threads that are started later know that it was said. */
export function warnOnce(notice: string): void {
  if (getEnvironmentData(CODE) === true) return;
  setEnvironmentData(CODE, true);
  process.emitWarning(notice, { type: "GradusWarning", code: CODE });
}
