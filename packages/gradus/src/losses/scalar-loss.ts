import type { ScalarLoss } from "./contract.ts";

/** What a loss of single outputs is made of. */
export type ScalarFormulas = Omit<ScalarLoss, "evaluate" | "curvatures"> &
  Partial<Pick<ScalarLoss, "evaluate" | "curvatures">>;

/** Row by row from the formulas, for losses that share nothing between value and derivative. */
export function scalarLoss(formulas: ScalarFormulas): ScalarLoss {
  const { value, derivative, curvature } = formulas;
  return {
    evaluate(outputs, labels, losses, gradient) {
      const width = outputs.length / losses.length;
      for (let i = 0; i < losses.length; i++) {
        let sum = 0;
        for (let j = i * width; j < (i + 1) * width; j++) {
          sum += value(outputs[j], labels[j]);
          if (gradient) gradient[j] = derivative(outputs[j], labels[j]);
        }
        losses[i] = sum;
      }
    },
    curvatures(outputs, labels, out) {
      for (let j = 0; j < outputs.length; j++) out[j] = curvature(outputs[j], labels[j]);
    },
    ...formulas,
  };
}
