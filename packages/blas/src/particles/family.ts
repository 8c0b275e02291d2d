import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/particles.ts";

/** The family's compiled functions. */
export function particles(): Exports {
  return loadFamily<Exports>("particles", code);
}
