import { add, cast, equal, max, mul, oneHot, relu, square, sub, sum, where } from "@gradus/graph";
import { checkClassLabels, checkLabels } from "../check/arrays.ts";
import { checkIntegerWithin, checkNonNegative } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import type { Loss, ScalarLoss } from "./contract.ts";
import { expectLabels } from "./label-checks.ts";
import { tracedLoss } from "./pairs.ts";
import { reduced, reductionOf } from "./reduction.ts";
import { scalarLoss } from "./scalar-loss.ts";
import { classesOf } from "./traced/cross-entropy.ts";

export interface HingeOptions {
  readonly margin?: number;
}

/**
 * phi(z, y) = max(0, margin - y z) of labels y = -1 or +1 (Cortes and Vapnik, 1995), or its square, for which L = 2.
 *
 * @throws ArgumentError unless margin is finite and >= 0, or for an unknown option
 */
export function hingeLoss(options: HingeOptions & { readonly squared?: boolean } = {}): ScalarLoss {
  checkOptions("hingeLoss", options, ["margin", "squared"]);
  const { margin = 1, squared = false } = options;
  checkNonNegative({ margin });
  const short = (z: number, y: number) => Math.max(0, margin - y * z);
  return scalarLoss({
    name: squared ? "squared hinge loss" : "hinge loss",
    outputs: 1,
    labels: "row",
    smoothness: squared ? 2 : undefined,
    checkLabels: (name, labels) => checkLabels(name, labels, [-1, 1]),
    value: (z, y) => (squared ? short(z, y) ** 2 : short(z, y)),
    derivative: (z, y) => (squared ? -2 * y * short(z, y) : short(z, y) > 0 ? -y : 0),
    curvature: (z, y) => (squared && short(z, y) > 0 ? 2 : 0),
    traced: tracedLoss("hingeLoss", (outputs, labels) => {
      expectLabels(labels, (own) => checkLabels("labels", own, [-1, 1]));
      const losses = relu(sub(margin, mul(outputs, labels)));
      return squared ? square(losses) : losses;
    }),
  });
}

/**
 * l(z, y) = max(0, margin + the largest score of another class - the label's score) of class numbers
 * y = 0 .. classes - 1 (Crammer and Singer, 2001).
 *
 * @throws ArgumentError unless classes is an integer >= 2 and margin finite and >= 0, or for an unknown option
 */
export function multiclassHingeLoss(classes: number, options: HingeOptions = {}): Loss {
  checkOptions("multiclassHingeLoss", options, ["margin"]);
  const { margin = 1 } = options;
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { classes });
  checkNonNegative({ margin });
  return {
    name: "multiclass hinge loss",
    outputs: classes,
    labels: "row",
    smoothness: undefined,
    checkLabels: (name, labels) => checkClassLabels(name, labels, classes),
    evaluate(outputs, labels, losses, gradient) {
      gradient?.fill(0);
      for (let i = 0; i < losses.length; i++) {
        const own = i * classes + labels[i];
        let strongest = -1;
        for (let j = i * classes; j < (i + 1) * classes; j++)
          if (j !== own && (strongest < 0 || outputs[j] > outputs[strongest])) strongest = j;
        losses[i] = Math.max(0, outputs[strongest] - outputs[own] + margin);
        if (!gradient || losses[i] === 0) continue;
        gradient[own] = -1;
        gradient[strongest] = 1;
      }
    },
    traced(outputs, labels, options) {
      const { classes: known, dtype } = classesOf("outputs", outputs);
      expectLabels(labels, (own) => checkClassLabels("labels", own, classes));
      const target = oneHot(cast(labels, "i64"), known, dtype);
      const own = sum(mul(outputs, target), { axes: -1 });
      const others = max(where(equal(target, 1), Number.NEGATIVE_INFINITY, outputs), { axes: -1 });
      return reduced(relu(add(sub(others, own), margin)), reductionOf("multiclassHingeLoss.traced", options));
    },
  };
}
