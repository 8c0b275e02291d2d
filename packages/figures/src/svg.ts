import type { DrawnSeries } from "./series.ts";
import { tickText } from "./tick-text.ts";
import { linearTicks, logTicks } from "./ticks.ts";

export const SVG = "http://www.w3.org/2000/svg";

export interface FigureSize {
  readonly width: number;
  readonly height: number;
}

/** Width of a text in pixels; `font` is weight and size, such as `600 12px`. */
export type TextWidth = (text: string, font: string) => number;

export interface FigureOptions extends FigureSize {
  readonly textWidth: TextWidth;
  /** The document that creates the elements; default: the page's own. */
  readonly document?: Document;
  /** Whether a tooltip shows the values of the point under the pointer. */
  readonly interactive?: boolean;
  /** Series and axis ranges that are expected: space is reserved for them. */
  readonly outline?: Outline;
  /**
   * Pixels reserved right of the drawing for the names of lines, which are then placed there; 0 puts all names in the
   * legend. By default names go to whichever place is more legible.
   */
  readonly nameRoom?: number;
  /** Whether panels of heat maps are side by side as long as their names are legible, rather than large. */
  readonly dense?: boolean;
}

/** What is known about a figure before its points. */
export interface Outline {
  /** Series in the order of their colors. */
  readonly series: readonly string[];
  /** Categories of bars. */
  readonly categories: readonly string[];
  /** Axis ranges; undefined for an axis without numbers. */
  readonly x?: readonly [number, number];
  readonly y?: readonly [number, number];
}

/** A figure that is laid out but not yet drawn. */
export interface FigurePlan {
  /** Height of the drawing in pixels. */
  readonly height: number;
  /** Series to be named in a legend; empty when they are labeled in the drawing. */
  readonly legend: readonly DrawnSeries[];
  /** Width in pixels of the line names right of the drawing; 0 when there are none. */
  readonly nameRoom: number;
  /** Whether values run horizontally, so that the axis labels swap. */
  readonly lying: boolean;
  /** Whether the drawing includes axis labels and the color scale. */
  readonly complete: boolean;
  readonly outline: Outline;
  /** @throws TypeError when the document cannot create SVG elements */
  draw(): SVGSVGElement;
}

/** Of shorter ranges Plot makes no ticks, or fails: it divides by their power of ten. */
const LEAST_PLOTTED = 1e-300;

/** Whether the width of an interval is more than the largest number. */
const isHuge = ([low, high]: readonly [number, number]) => !Number.isFinite(high - low);

/** What numbers of huge intervals are multiplied by, so that their differences are finite; exact but for tiny ones. */
const SHRINK = 1 / 4;

/**
 * Ticks of an axis: our own when it is logarithmic, tiny or huge, else about `count` of Plot's. Labels of logarithmic axes are
 * passed as texts because Plot drops some of its formatted ones.
 */
export function axisTicks(
  scale: "linear" | "log" | undefined,
  domain: readonly [number, number],
  count: number,
) {
  if (scale !== "log") {
    const own = domain[1] - domain[0] < LEAST_PLOTTED || isHuge(domain);
    return { ticks: own ? linearTicks(domain, count) : count, text: tickText(domain, count) };
  }
  const { values, label } = logTicks(domain, count);
  return { ticks: [...values], text: label };
}

/** A scale of Plot and an axis on it, which takes differences of the ends of its domain. */
export function plottedAxis<Axis extends { readonly ticks: number | number[]; text(value: number): string }>(
  scale: "linear" | "log" | undefined,
  domain: readonly [number, number],
  axis: Axis,
) {
  const type = scale ?? "linear";
  if (type === "log" || !isHuge(domain)) return { scale: { type, domain, transform: undefined }, axis };
  const shrunk = (value: number) => SHRINK * value;
  const { ticks, text } = axis;
  return {
    scale: { type, domain: domain.map(shrunk), transform: shrunk },
    axis: {
      ...axis,
      ticks: typeof ticks === "number" ? ticks : ticks.map(shrunk),
      text: (value: number) => text(value / SHRINK),
    },
  };
}

/** Position of a value on an axis in pixels. */
export function position(
  value: number,
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  scale: "linear" | "log" = "linear",
): number {
  const unit = isHuge([low, high]) ? SHRINK : 1;
  const on = (v: number) => (scale === "log" ? Math.log(v) : unit * v);
  return from + ((on(value) - on(low)) / (on(high) - on(low))) * (to - from);
}

function isSvg(element: Element): element is SVGSVGElement {
  return element.namespaceURI === SVG && element.localName === "svg";
}

/** Removes Plot's style element, which a page's Content-Security-Policy may refuse; its style sheet has the rules. */
export function withoutStyles(svg: Element): SVGSVGElement {
  if (!isSvg(svg)) throw new TypeError("expected the plot to be an svg element");
  for (const element of svg.querySelectorAll("style")) element.remove();
  return svg;
}
