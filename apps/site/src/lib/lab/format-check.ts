import { type Check, formatCondition, formatFigure } from "@gradus/papers";

/** A figure with what is wanted of it: `6.8, wanted at least 2`. */
export function formatCheck({ measured, condition }: Pick<Check, "measured" | "condition">): string {
  return `${formatFigure(measured)}, wanted ${formatCondition(condition)}`;
}
