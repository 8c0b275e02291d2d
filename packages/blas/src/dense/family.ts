import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/dense.ts";

/** The family's compiled functions. */
export function dense(): Exports {
  return loadFamily<Exports>("dense", code);
}
