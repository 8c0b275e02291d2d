import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/sparse.ts";

/** The family's compiled functions. */
export function sparse(): Exports {
  return loadFamily<Exports>("sparse", code);
}
