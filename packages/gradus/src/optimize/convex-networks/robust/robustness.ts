import { checkNonNegative } from "../../../check/numbers.ts";
import { checkOptions } from "../../../check/options.ts";
import { checkObject, checkPerturbed } from "../check.ts";
import type { Perturbation } from "../patterns.ts";
import type { CheckedProblem } from "../problem.ts";

/** Inputs that an adversary may change: each column by at most epsilon. */
export interface Robustness {
  /** >= 0, in the units of x. */
  readonly epsilon: number;
  /** One a column of x: whether it may change; all unless given. The intercept never does. */
  readonly perturbed?: readonly boolean[];
}

/**
 * The box of a robustness in the columns of the design.
 *
 * @throws ArgumentError when epsilon is negative, or `perturbed` has another length than x has columns
 */
export function perturbationOf({ x, design }: CheckedProblem, robustness: Robustness): Perturbation {
  checkObject("robustness", robustness, "{ epsilon, perturbed }");
  checkOptions("robustness", robustness, ["epsilon", "perturbed"]);
  const { epsilon, perturbed = new Array<boolean>(x.columns).fill(true) } = robustness;
  checkNonNegative({ epsilon });
  checkPerturbed(perturbed, x.columns, "x");
  return { epsilon, perturbed: Array.from({ length: design.columns }, (_, j) => perturbed[j] ?? false) };
}
