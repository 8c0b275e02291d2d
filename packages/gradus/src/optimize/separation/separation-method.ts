import { ArgumentError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkOneOf } from "../../check/options.ts";
import type { OptimizationStatus } from "../status.ts";
import type { MarginSummary } from "./logistic-weights.ts";

/** Methods that use all samples in every step; the formulas are at `separationIterates`. */
export const batchMethods = [
  "gd",
  "normalized",
  "gradient-normalized",
  "loss-normalized",
  "batch-perceptron",
  "normalized-batch-perceptron",
] as const;

/** The name of a method that sees all samples at every step. */
export type BatchMethod = (typeof batchMethods)[number];

/** The methods that look for separating weights. */
export const separationMethods = [...batchMethods, "perceptron"] as const;

/** The name of a method that looks for separating weights. */
export type SeparationMethod = (typeof separationMethods)[number];

/** The methods that look at the sign of a margin alone, and stay where all samples are right. */
export function isPerceptron(method: SeparationMethod): boolean {
  return method === "perceptron" || method === "batch-perceptron" || method === "normalized-batch-perceptron";
}

/**
 * The factor of sum_i w_i y_i a_i in a batch step.
 *
 * @param n number of samples
 * @param norm ||sum_i w_i y_i a_i||, read by `gradient-normalized` only; 0 where it is 0 but for rounding
 */
export function stepFactor(
  method: BatchMethod,
  step: number,
  n: number,
  { weightSum, lossSum }: MarginSummary,
  norm: number,
): number {
  switch (method) {
    case "gd":
    case "batch-perceptron":
      return step / n;
    case "normalized":
    case "normalized-batch-perceptron":
      return weightSum > 0 ? step / weightSum : 0;
    case "gradient-normalized":
      return norm > 0 ? step / norm : 0;
    case "loss-normalized":
      return step / lossSum;
  }
}

/** When a method is finished: all margins positive, never, or min_i m_i >= margin ||theta||. */
export type StopRule = "separated" | "never" | { readonly margin: number };

/** Why a method ended: its stop rule is met, or it cannot move. */
export type SeparationStatus = Extract<OptimizationStatus, "separated" | "margin-reached" | "stationary">;

/** Why a method ends at an iterate, or undefined while the method continues. */
export function statusAt(
  stop: StopRule,
  { minMargin, thetaNorm, stationary }: { minMargin: number; thetaNorm: number; stationary: boolean },
): SeparationStatus | undefined {
  if (stop === "never") return undefined;
  if (stop === "separated" && minMargin > 0) return "separated";
  if (stop !== "separated" && thetaNorm > 0 && minMargin >= stop.margin * thetaNorm) return "margin-reached";
  return stationary ? "stationary" : undefined;
}

/**
 * Checks that an argument is a method, a step or a stop rule.
 *
 * @throws ArgumentError naming the argument
 */
export function checkSeparationOptions(method: SeparationMethod, step: number, stop: StopRule): void {
  checkOneOf(separationMethods, { method });
  checkPositive({ step });
  if (stop === "separated" || stop === "never") return;
  if (typeof stop !== "object" || !(stop.margin >= 0 && stop.margin < Number.POSITIVE_INFINITY))
    throw new ArgumentError(
      `stop must be "separated", "never" or { margin: a number >= 0 }, got ${JSON.stringify(stop)}`,
    );
}
