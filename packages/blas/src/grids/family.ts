import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/grids.ts";

/** The family's compiled functions. */
export function grids(): Exports {
  return loadFamily<Exports>("grids", code);
}
