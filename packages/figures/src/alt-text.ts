import type { PlotSpecification } from "@gradus/papers";
import { axisLabel } from "./axis-label.ts";

/** Alternative text of a figure. */
export function figureAltText({ title, x, y, color }: PlotSpecification, names: readonly string[]): string {
  const shown = color
    ? `${color.label}, by ${axisLabel(y)} and ${axisLabel(x)}`
    : `${axisLabel(y)}, against ${axisLabel(x)}`;
  return [`${title}: ${shown}`, ...(names.length > 0 ? [names.join(", ")] : [])].join("; ");
}
