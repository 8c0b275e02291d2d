import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/level2.ts";

/** The compiled functions of a matrix and a vector. */
export function level2(): Exports {
  return loadFamily<Exports>("level2", code);
}
