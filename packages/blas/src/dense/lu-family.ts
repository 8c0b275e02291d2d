import { loadFamily } from "../load.ts";
import { code, type Exports } from "../wasm/lu.ts";

/** The compiled functions of LU factorizations. */
export function luFamily(): Exports {
  return loadFamily<Exports>("lu", code);
}
