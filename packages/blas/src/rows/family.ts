import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/rows.ts";

/** The family's compiled functions. */
export function rows(): Exports {
  return loadFamily<Exports>("rows", code);
}
