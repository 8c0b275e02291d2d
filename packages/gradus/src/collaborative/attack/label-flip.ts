import { ArgumentError } from "../../check/errors.ts";
import { copyAs } from "../geometry.ts";
import { type Attack, readingAttack, repeated } from "./contract.ts";

/**
 * Label flipping: all faulty nodes send mean - γ_t g, where g is the mean over the honest nodes of the gradients on
 * flipped labels (classes - 1 - y).
 *
 * @throws ArgumentError when the problem has no labels to flip
 */
export function labelFlip(): Attack {
  return readingAttack({
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
  });
}
