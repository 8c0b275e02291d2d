import { frame, gridY, plot } from "@observablehq/plot";
import type { DrawnSeries } from "./series.ts";
import { type FigureOptions, type FigurePlan, withoutStyles } from "./svg.ts";

const MARGIN = { top: 10, right: 14, bottom: 40, left: 36 } as const;
const LINES = 4;

/** An empty frame with axes that have no numbers yet. */
export function blankPlan(
  series: readonly DrawnSeries[],
  { width, height, document }: FigureOptions,
): FigurePlan {
  const draw = () =>
    plot({
      document,
      width,
      height,
      marginTop: MARGIN.top,
      marginRight: MARGIN.right,
      marginBottom: MARGIN.bottom,
      marginLeft: MARGIN.left,
      x: { type: "linear", domain: [0, 1], axis: null },
      y: { type: "linear", domain: [0, 1], axis: null },
      marks: [
        gridY({ ticks: LINES, stroke: "var(--rule)", strokeOpacity: 1 }),
        frame({ anchor: "bottom", stroke: "var(--muted)", strokeOpacity: 0.5 }),
      ],
    });
  return {
    height,
    legend: series.length < 2 ? [] : series,
    nameRoom: 0,
    lying: false,
    complete: false,
    outline: { series: series.map(({ name }) => name), categories: [] },
    draw: () => withoutStyles(draw()),
  };
}
