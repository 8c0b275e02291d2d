import { mean, sum, type Tensor } from "@gradus/graph";
import { checkOneOf, checkOptions } from "../check/options.ts";

/** How the losses of single elements are reduced: to their mean, to their sum, or not at all. */
export type ReductionName = "mean" | "sum" | "none";

export interface LossOptions {
  readonly reduction?: ReductionName;
}

/**
 * The reduction that options name.
 *
 * @param of what takes the options, as a user calls it
 * @throws ArgumentError for an unknown option
 */
export function reductionOf(of: string, options: LossOptions = {}): ReductionName | undefined {
  checkOptions(of, options, ["reduction"]);
  return options.reduction;
}

/** @throws ArgumentError for another word */
export function reduced(losses: Tensor, reduction: ReductionName = "mean"): Tensor {
  checkOneOf(["mean", "sum", "none"], { reduction });
  return reduction === "mean" ? mean(losses) : reduction === "sum" ? sum(losses) : losses;
}
