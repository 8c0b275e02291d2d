import { clip } from "@gradus/graph";
import { checkPositive } from "../../check/numbers.ts";
import { type GradientTransformation, stateless } from "../transformation.ts";

/**
 * Every element brought into [-limit, limit].
 *
 * @throws ArgumentError unless limit is finite and > 0
 */
export function clipByValue(limit: number): GradientTransformation {
  checkPositive({ limit });
  return stateless((gradients) => gradients.map((g) => clip(g, -limit, limit)), { elementwise: true });
}
