import { mean, sum, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";

/** What becomes of the losses of single elements: their mean, their sum, or nothing. */
export type ReductionName = "mean" | "sum" | "none";

export interface LossOptions {
  readonly reduction?: ReductionName;
}

/** @throws ArgumentError for another word */
export function reduced(losses: Tensor, reduction: ReductionName = "mean"): Tensor {
  if (reduction === "mean") return mean(losses);
  if (reduction === "sum") return sum(losses);
  if (reduction === "none") return losses;
  throw new ArgumentError(`reduction must be "mean", "sum" or "none", got ${JSON.stringify(reduction)}`);
}
