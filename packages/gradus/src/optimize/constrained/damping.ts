import { norm2 } from "../../linalg/vector.ts";
import type { KktSystem } from "./kkt-system.ts";
import type { PrimalDualPoint } from "./problem.ts";

/** A step below this tells that the direction was far too long. */
const SHORT_STEP = 1 / 4;
const GROWTH = 4;
const DECAY = 1 / 10;
/** A shift below this share of ||H||_F is given up. */
const LEAST_SHARE = 1e-4;

/**
 * The t of  B = H + t I  for the next step. Where the reduced Hessian is positive definite but nearly singular, a Newton
 * direction is long, and the line search that shortens it also shortens the way to the constraints. So after a short
 * step  t >= ||grad_x L|| / ||alpha dx||,  with which the next step is hardly longer than that one, and t <= ||H||_F;
 * after unit steps t falls, in the end to 0. Where H is not convex on the null space, B is shifted anyway.
 *
 * @param shift the last t
 * @param length ||alpha dx|| of the step that led to the point
 */
export function nextShift(
  shift: number,
  stepSize: number,
  length: number,
  { lagrangianGradient }: Pick<PrimalDualPoint, "lagrangianGradient">,
  { normH, convex }: Pick<KktSystem, "normH" | "convex">,
): number {
  if (!convex) return 0;
  if (stepSize < SHORT_STEP)
    return Math.min(normH, Math.max(GROWTH * shift, norm2(lagrangianGradient) / length));
  if (stepSize < 1) return shift;
  return DECAY * shift < LEAST_SHARE * normH ? 0 : DECAY * shift;
}
