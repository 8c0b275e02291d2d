import { div, minimum, mul, type Tensor } from "@gradus/graph";
import { checkPositive } from "../../check/numbers.ts";
import { type GradientTransformation, stateless } from "../transformation.ts";
import { globalNorm } from "./norms.ts";

/** Shortens the tensors, taken as one vector, to norm `limit` where they are longer. */
function shortened(tensors: readonly Tensor[], limit: number): Tensor[] {
  const factor = minimum(div(limit, globalNorm(tensors)), 1);
  return tensors.map((t) => mul(t, factor));
}

/**
 * min(1, limit / |g|) g, where |g| is the Euclidean norm of all gradients as one vector (Pascanu, Mikolov and Bengio,
 * 2013, Algorithm 1): the direction stays.
 *
 * @throws ArgumentError unless limit is finite and > 0
 */
export function clipByGlobalNorm(limit: number): GradientTransformation {
  checkPositive({ limit });
  return stateless((gradients) => shortened(gradients, limit));
}

/**
 * min(1, limit / |g_k|) g_k for each tensor g_k by itself.
 *
 * @throws ArgumentError unless limit is finite and > 0
 */
export function clipByTensorNorm(limit: number): GradientTransformation {
  checkPositive({ limit });
  return stateless((gradients) => gradients.flatMap((g) => shortened([g], limit)));
}
