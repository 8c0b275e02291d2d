import { ArgumentError } from "../../check/errors.ts";
import { checkLimit } from "../../check/numbers.ts";
import { checkFunction } from "../../check/options.ts";

/** A number, or a rule that gives it by the step. */
export type StepRule = number | ((step: number) => number);

/** @throws ArgumentError unless it is a number >= 0 or a function */
export function checkRule(name: string, rule: unknown): void {
  if (typeof rule === "number") checkLimit({ [name]: rule });
  else checkFunction({ [name]: rule });
}

/**
 * What a rule gives at a step.
 *
 * @throws ArgumentError naming the rule and the step when that is not a finite number of the wanted sign
 */
export function ruleAt(
  name: string,
  rule: StepRule,
  step: number,
  wanted: "positive" | "non-negative",
): number {
  const given = typeof rule === "number" ? rule : rule(step);
  const fits = wanted === "positive" ? given > 0 : given >= 0;
  if (!fits || given === Number.POSITIVE_INFINITY)
    throw new ArgumentError(`${name} must be a ${wanted} number, got ${given} at step ${step}`);
  return given;
}
