import { linearScale, logScale, type Scale } from "../terminal/scale.ts";
import type { CellFigure, Measure } from "./summarize.ts";

/** Means and bounds further apart than this, as a ratio, are shown on a logarithmic axis. */
const WIDE_RATIO = 100;

/** The axis along which the intervals of a measure are drawn. */
export interface IntervalAxis {
  readonly logarithmic: boolean;
  readonly ticks: Scale["ticks"];
  /** From 0 to 1, at the axis' end for what lies beyond it; undefined for what no axis shows. */
  position(value: number): number | undefined;
}

/** Where an interval begins, where its mean is, and where it ends; of a mean alone, three times the same. */
export function intervalOf({ mean, halfWidth = 0 }: CellFigure): readonly [number, number, number] {
  return [mean - halfWidth, mean, mean + halfWidth];
}

/** The bounds that a measure's figures are held against, each once. */
export function thresholdsOf({ cells }: Measure): number[] {
  return [...new Set(cells.flatMap(({ thresholds }) => thresholds))];
}

/** An axis on which all intervals of a measure are seen, and the bounds they are held against. */
export function intervalAxis(measure: Measure, ticks: number): IntervalAxis {
  const middle = [...measure.cells.map(({ mean }) => mean), ...thresholdsOf(measure)].filter(Number.isFinite);
  const ends = measure.cells.flatMap(intervalOf).filter(Number.isFinite);
  const least = Math.min(...middle);
  const logarithmic = least > 0 && Math.max(...middle) / least > WIDE_RATIO;
  // An interval may reach below 0, where a logarithmic axis has no place: it ends at the axis' end.
  const shown = [...middle, ...ends.filter((end) => !logarithmic || end >= least / WIDE_RATIO)];
  const scale = logarithmic ? logScale(shown, ticks) : linearScale(shown, ticks);
  return {
    logarithmic,
    ticks: scale.ticks,
    position(value) {
      if (!Number.isFinite(value)) return undefined;
      if (logarithmic && value <= 0) return 0;
      return Math.min(1, Math.max(0, scale.position(value)));
    },
  };
}
