import type { Axis, PlotSpecification } from "../experiment.ts";

/** Options of a plot in addition to its axes. */
type PlotDetails = Omit<PlotSpecification, "id" | "title" | "x" | "y" | "mark">;

/** An axis with logarithmic scale. */
export function logAxis(label: string): Axis {
  return { label, scale: "log" };
}

const axisOf = (axis: Axis | string): Axis => (typeof axis === "string" ? { label: axis } : axis);

const plotOf =
  (mark: PlotSpecification["mark"]) =>
  (
    id: string,
    title: string,
    x: Axis | string,
    y: Axis | string,
    details: PlotDetails = {},
  ): PlotSpecification => ({ id, title, x: axisOf(x), y: axisOf(y), mark, ...details });

/** Curves of y over x; an axis given by its label is linear. */
export const linePlot = plotOf("line");
/** Separate points. */
export const dotPlot = plotOf("dot");
/** Bars over the names of categories. */
export const barPlot = plotOf("bar");
/** Matrices as heat maps: x names their columns, y their rows. */
export const heatPlot = plotOf("heat");
