import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/sparse-columns.ts";

/** The compiled functions for columns. */
export function sparseColumns(): Exports {
  return loadFamily<Exports>("sparse-columns", code);
}
