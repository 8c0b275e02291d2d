import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/networks.ts";

/** The family's compiled functions. */
export function networks(): Exports {
  return loadFamily<Exports>("networks", code);
}
