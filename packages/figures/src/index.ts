export { type CompleteFigure, type CompleteFigureOptions, completeFigure } from "./complete-figure.ts";
export type { Outline } from "./svg.ts";
