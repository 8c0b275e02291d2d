import { formatFigure } from "@gradus/papers";
import type { DrawnSeries } from "./series.ts";
import { logTicks } from "./ticks.ts";

export const SVG = "http://www.w3.org/2000/svg";

export interface FigureSize {
  readonly width: number;
  readonly height: number;
}

/** How wide a text is in pixels; `font` is weight and size, such as `600 12px`. */
export type TextWidth = (text: string, font: string) => number;

export interface FigureOptions extends FigureSize {
  readonly textWidth: TextWidth;
  /** Where the figure is made; the page's own when not given. */
  readonly document?: Document;
  /** With what shows the figures of the point below the pointer. */
  readonly interactive?: boolean;
  /** What is known to come: it has its place before its points are there. */
  readonly outline?: Outline;
  /**
   * Pixels right of the drawing for the names of lines, which then stand at their ends however these lie; 0 names all in
   * the legend. Where it is left out, names stand where they are read better.
   */
  readonly nameRoom?: number;
}

/** What is known of a figure before its points. */
export interface Outline {
  /** Series in the order of their colors. */
  readonly series: readonly string[];
  /** Of bars. */
  readonly categories: readonly string[];
  /** The ends of the axes; undefined where an axis has no numbers. */
  readonly x?: readonly [number, number];
  readonly y?: readonly [number, number];
}

/** A figure whose parts have their places, before it is drawn. */
export interface FigurePlan {
  /** Of the drawing, in pixels. */
  readonly height: number;
  /** The series to be named beside the figure; empty when they are labelled in it. */
  readonly legend: readonly DrawnSeries[];
  /** Pixels right of the drawing that the names of lines take; 0 where none are named there. */
  readonly nameRoom: number;
  /** True where the values run to the right, not up: the names of the axes change places. */
  readonly lying: boolean;
  /** True where the names of the axes and the meaning of the colors stand in the figure itself. */
  readonly complete: boolean;
  readonly outline: Outline;
  /** @throws TypeError when the document makes no SVG elements */
  draw(): SVGSVGElement;
}

/**
 * Where an axis is labelled: our ticks when it is logarithmic, about `count` of Plot's own else. The labels of
 * logarithmic axes are given as texts, since a format would pass through one of Plot's that leaves some out.
 */
export function axisTicks(
  scale: "linear" | "log" | undefined,
  domain: readonly [number, number],
  count: number,
) {
  if (scale !== "log") return { ticks: count, text: (value: number) => formatFigure(value) };
  const { values, label } = logTicks(domain, count);
  return { ticks: [...values], text: label };
}

/** Where a value stands on an axis, in pixels. */
export function position(
  value: number,
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  scale: "linear" | "log" = "linear",
): number {
  const on = (v: number) => (scale === "log" ? Math.log(v) : v);
  return from + ((on(value) - on(low)) / (on(high) - on(low))) * (to - from);
}

function isSvg(element: Element): element is SVGSVGElement {
  return element.namespaceURI === SVG && element.localName === "svg";
}

/** Plot's style element would be refused by a page's policy; its rules stand in the page's own style sheet. */
export function withoutStyles(svg: Element): SVGSVGElement {
  if (!isSvg(svg)) throw new TypeError("expected the plot to be an svg element");
  for (const element of svg.querySelectorAll("style")) element.remove();
  return svg;
}
