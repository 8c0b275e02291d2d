import { ArgumentError } from "../../check/errors.ts";
import { copyAs } from "../geometry.ts";
import { type Attack, repeated } from "./contract.ts";

/**
 * All faulty nodes send the honest mean moved along the gradient on wrong labels: mean - γ_t times the mean over the
 * honest nodes of the gradients on labels (classes - 1 - y).
 *
 * @throws ArgumentError when the problem has no labels to flip
 */
export function labelFlip(): Attack {
  return {
    name: "LF",
    async models(honest, { geometry: { mean }, faulty, learningRate, poisonedGradient }) {
      if (!poisonedGradient) throw new ArgumentError("labelFlip needs a problem with `poisonedGradients`");
      const gradient = await poisonedGradient();
      return repeated(
        copyAs(
          honest[0],
          mean.map((value, k) => value - learningRate * gradient[k]),
        ),
        faulty,
      );
    },
  };
}
