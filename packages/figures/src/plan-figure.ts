import type { PlotData, PlotSpecification } from "@gradus/papers";
import { planBars } from "./bars.ts";
import { planHeat } from "./heat.ts";
import { planLines } from "./lines.ts";
import { drawnSeries } from "./series.ts";
import type { FigureOptions, FigurePlan } from "./svg.ts";

/**
 * The layout of a plot, or undefined while there is nothing to draw. Colors are CSS variables:
 * `--ink`, `--muted`, `--rule`, `--surface` and `--series-1` to `--series-5`.
 */
export function planFigure(
  specification: PlotSpecification,
  data: PlotData,
  options: FigureOptions,
): FigurePlan | undefined {
  if (specification.mark === "heat") return planHeat(specification, data, options);
  const series = drawnSeries(specification, data, options.outline?.series);
  return specification.mark === "bar"
    ? planBars(specification, series, options)
    : planLines(specification, series, options);
}
