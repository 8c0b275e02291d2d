import { mul } from "@gradus/graph";
import { checkFinite } from "../../check/numbers.ts";
import { type GradientTransformation, stateless } from "../transformation.ts";
import { floatTypeOf } from "./discounted.ts";
import { type Scheduled, valueAt } from "./scheduled.ts";

/**
 * factor u: a schedule by which a learning rate that is a setting changes, or one part of a step.
 *
 * @throws ArgumentError unless a factor that is a number is finite
 */
export function scaleBy(factor: Scheduled): GradientTransformation {
  if (typeof factor === "number") checkFinite({ factor });
  return stateless(
    (updates, context) => updates.map((u) => mul(u, valueAt(factor, context, floatTypeOf(u)))),
    { elementwise: true },
  );
}
