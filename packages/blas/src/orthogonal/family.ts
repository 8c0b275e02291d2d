import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/orthogonal.ts";

/** The family's compiled functions. */
export function orthogonal(): Exports {
  return loadFamily<Exports>("orthogonal", code);
}
