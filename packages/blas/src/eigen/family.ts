import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/eigen.ts";

/** The family's compiled functions. */
export function eigen(): Exports {
  return loadFamily<Exports>("eigen", code);
}
