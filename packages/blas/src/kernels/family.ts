import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/kernels.ts";

/** The family's compiled functions. */
export function kernels(): Exports {
  return loadFamily<Exports>("kernels", code);
}
