import { add, expm1, mul, neg, sign, sinh, sqrt, square, sub, type Tensor } from "@gradus/graph";
import { checkPositive } from "../../check/numbers.ts";
import { type GradientTransformation, stateless } from "../transformation.ts";
import { floatTypeOf } from "./discounted.ts";
import { checkScheduled, type Scheduled, valueAt } from "./scheduled.ts";

/** What is added to each weight, from the weight and learningRate u. */
function movedBy(
  learningRate: Scheduled,
  update: (w: Tensor, step: Tensor) => Tensor,
): GradientTransformation {
  checkScheduled("learningRate", learningRate);
  if (typeof learningRate === "number") checkPositive({ learningRate });
  return stateless((updates, context) =>
    updates.map((u, i) =>
      update(context.parameters[i], mul(u, valueAt(learningRate, context, floatTypeOf(u)))),
    ),
  );
}

/** w exp(-learningRate u sign(w)) - w, in place of the last link -learningRate u of an optimizer. */
export function exponentiate(learningRate: Scheduled): GradientTransformation {
  return movedBy(learningRate, (w, step) => mul(w, expm1(neg(mul(step, sign(w))))));
}

/** beta sinh(arsinh(w / beta) - learningRate u) - w, in place of the last link of an optimizer. */
export function exponentiateBothSigns(learningRate: Scheduled, beta: number): GradientTransformation {
  checkPositive({ beta });
  // by the addition theorem of sinh, with 2 sinh^2(s/2) for cosh(s) - 1
  return movedBy(learningRate, (w, step) =>
    sub(mul(w, mul(square(sinh(mul(step, 0.5))), 2)), mul(sqrt(add(square(w), beta * beta)), sinh(step))),
  );
}
