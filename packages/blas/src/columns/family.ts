import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/columns.ts";

/** The family's compiled functions. */
export function columns(): Exports {
  return loadFamily<Exports>("columns", code);
}
