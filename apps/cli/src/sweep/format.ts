import { formatFigure, formatMeasured, formatRounded } from "@gradus/papers";
import type { CellFigure, Measure } from "./summarize.ts";
import { commonCondition } from "./summarize.ts";

/** Digits that a mean has beyond the first of its interval's half-width. */
const FURTHER_DIGITS = 1;

/** A mean without an interval: rounded as in a sentence, unless that would put it across a bound of its condition. */
function formatMean({ mean, thresholds }: Pick<CellFigure, "mean" | "thresholds">): string {
  const conditions = thresholds.flatMap((bound) => [{ atMost: bound }, { atLeast: bound }]);
  const rounded = formatRounded(mean);
  return (
    conditions.map((condition) => formatMeasured(mean, condition)).find((text) => text !== rounded) ?? rounded
  );
}

/** A mean with its interval, such as `0.342 ± 0.051`: to the digits that the interval leaves to tell. */
export function formatEstimate(figure: Pick<CellFigure, "mean" | "halfWidth" | "thresholds">): string {
  const { mean, halfWidth } = figure;
  if (halfWidth === undefined) return formatMean(figure);
  if (halfWidth === 0) return `${formatMean(figure)} ± 0`;
  const size = Math.max(Math.abs(mean), halfWidth);
  if (size >= 1e6 || size < 1e-3) return `${formatFigure(mean)} ± ${formatFigure(halfWidth)}`;
  const places = Math.max(0, FURTHER_DIGITS - Math.floor(Math.log10(halfWidth)));
  if (places > 9) return `${formatFigure(mean)} ± ${formatFigure(halfWidth)}`;
  return `${mean.toFixed(places).replace("-", "−")} ± ${halfWidth.toFixed(places)}`;
}

/** What the column of estimates over `seeds` seeds is called. */
export const estimateHeader = (seeds: number): string => (seeds === 1 ? "measured" : "mean ± 95%");

/** In how many runs a check held, such as `4 of 5`. */
export function formatHeld({ held, values }: Pick<CellFigure, "held" | "values">): string {
  return `${held} of ${values.length}`;
}

/** What a measure is, such as `C2 slope of the loss (must be at most 0.5)`. */
export function measureTitle(measure: Measure): string {
  const condition = commonCondition(measure);
  return `${measure.claim === null ? "our check: " : `${measure.claim}  `}${measure.label}${condition === undefined ? "" : ` (must be ${condition})`}`;
}
