export type { Outline } from "./svg.ts";
export { type WholeFigure, type WholeOptions, wholeFigure } from "./whole.ts";
