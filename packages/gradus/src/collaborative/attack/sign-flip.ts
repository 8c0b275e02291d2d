import { checkOptions } from "../../check/options.ts";
import { copyAs } from "../geometry.ts";
import { type Attack, readingAttack, repeated } from "./contract.ts";

/**
 * Sign flip: all faulty nodes send minus the honest mean.
 *
 * @param options.scaled send -mean h/f instead, which makes the mean of all models zero
 */
export function signFlip(options: { readonly scaled?: boolean } = {}): Attack {
  checkOptions("signFlip", options, ["scaled"]);
  const { scaled = false } = options;
  return readingAttack({
    name: scaled ? "scaled sign flip" : "SF",
    models(honest, { geometry: { mean }, faulty }) {
      const scale = scaled ? honest.length / faulty : 1;
      return repeated(
        copyAs(
          honest[0],
          mean.map((value) => -scale * value),
        ),
        faulty,
      );
    },
  });
}
