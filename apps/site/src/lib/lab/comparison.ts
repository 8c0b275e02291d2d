import { type Condition, formatFigure, formatMeasured, meets } from "@gradus/papers";

/** A figure beside what it is held against, as in `21 ≤ 30`, `2.9 > 2.5` or `1.2, not in 0.9 to 1.1`. */
export function formatComparison(figure: number, condition: Condition): string {
  const value = formatMeasured(figure, condition);
  const met = meets(figure, condition);
  if (Number.isNaN(figure)) return value;
  if ("atMost" in condition) return `${value} ${met ? "≤" : ">"} ${formatFigure(condition.atMost)}`;
  if ("atLeast" in condition) return `${value} ${met ? "≥" : "<"} ${formatFigure(condition.atLeast)}`;
  if ("below" in condition) return `${value} ${met ? "<" : "≥"} ${formatFigure(condition.below)}`;
  if ("above" in condition) return `${value} ${met ? ">" : "≤"} ${formatFigure(condition.above)}`;
  if ("equals" in condition) return met ? `exactly ${value}` : `${value} ≠ ${formatFigure(condition.equals)}`;
  return `${value}, ${met ? "in" : "not in"} ${condition.between.map(formatFigure).join(" to ")}`;
}
