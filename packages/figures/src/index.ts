export { drawFigure } from "./draw.ts";
export { type DrawnSeries, drawnSeries, type PlotData } from "./series.ts";
export type { DrawnFigure, FigureOptions, FigureSize, TextWidth } from "./svg.ts";
