export { drawFigure } from "./draw.ts";
export { type DrawnSeries, drawnSeries } from "./series.ts";
export type { DrawnFigure, FigureOptions, FigureSize, TextWidth } from "./svg.ts";
