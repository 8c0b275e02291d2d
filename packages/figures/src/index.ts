export { type CompleteFigure, type CompleteFigureOptions, completeFigure } from "./complete-figure.ts";
export type { FigureOptions, FigureSize, Outline, TextWidth } from "./svg.ts";
