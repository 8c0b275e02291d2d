import { isMatrix, type PlotData, type PlotSpecification } from "@gradus/papers";
import { figureAltText } from "./alt-text.ts";
import { axisLabel } from "./axis-label.ts";
import { estimatedWidth } from "./estimated-width.ts";
import { legend } from "./legend.ts";
import { planFigure } from "./plan-figure.ts";
import { type FigureOptions, type Outline, SVG } from "./svg.ts";
import { type LineStyle, textBlock } from "./svg-lines.ts";

export interface CompleteFigureOptions
  extends Pick<FigureOptions, "interactive" | "outline" | "nameRoom" | "dense"> {
  /** In pixels. */
  readonly width?: number;
  /** Padding around the figure in pixels. */
  readonly padding?: number;
  /** Whether to show the plot's title. */
  readonly title?: boolean;
  /** Height of the drawing between the axis labels in pixels; default: by its width. */
  readonly height?: number;
  /** Total height in pixels; horizontal bars and heat maps, which have their own height, are scaled to it. */
  readonly total?: number;
  /** Whether to show a legend of series not labeled in the drawing, or how many of them to list. */
  readonly legend?: boolean | number;
}

/** A figure with axis labels and legend that is laid out but not yet drawn. */
export interface CompleteFigure {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Width in pixels of the line names right of the drawing; 0 when there are none. */
  readonly nameRoom: number;
  readonly outline: Outline;
  draw(): SVGElement;
}

const FACES = "'Inter Variable', system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const WIDTH = 680;
const PADDING = 12;
/** Smallest share of a given total height that the drawing has; the rest is for labels and legend. */
const LEAST_SHARE = 0.45;
const LEGEND_GAP = 6;
// Plot leaves more room below the ticks than a label needs.
const X_LABEL_LIFT = 16;

const titleStyle: LineStyle = { size: 15, weight: 600, color: "var(--ink)", anchor: "start" };
const yStyle: LineStyle = { size: 12, weight: 600, color: "var(--ink)", anchor: "start" };
const xStyle: LineStyle = { size: 12, weight: 400, color: "var(--muted)", anchor: "middle" };

/** The names of the series that have points. */
function namesIn(data: PlotData): string[] {
  return Object.keys(data).filter((name) => {
    const one = data[name];
    return isMatrix(one) ? one.values.length > 0 : one.length > 0;
  });
}

/** Default height of the drawing. */
const heightFor = (inner: number) => Math.round(Math.min(330, Math.max(230, inner * 0.52)));

/** Fits the drawing into the total height. */
function fitted(
  specification: PlotSpecification,
  data: PlotData,
  document: Document,
  { total = 0, ...options }: CompleteFigureOptions,
): CompleteFigure | undefined {
  const height = heightFor(options.width ?? WIDTH);
  const first = completeFigure(specification, data, document, { ...options, height });
  if (!first || first.height === total) return first;
  const second = completeFigure(specification, data, document, {
    ...options,
    nameRoom: first.nameRoom,
    // Heat maps have a height of their own: panels below one another would be scaled until nobody can read their names.
    dense: first.height > total,
    height: Math.max(Math.round(LEAST_SHARE * total), height + total - first.height),
  });
  return (
    second && {
      ...second,
      height: total,
      draw() {
        const svg = second.draw();
        svg.setAttribute("height", String(total));
        return svg;
      },
    }
  );
}

/**
 * A figure with axis labels and, unless lines are named at their ends, a legend, as an SVG element. It looks the same
 * with and without a page because text widths are estimated. Undefined while there is nothing to draw. Colors are the CSS
 * variables of `Theme`.
 */
export function completeFigure(
  specification: PlotSpecification,
  data: PlotData,
  document: Document,
  options: CompleteFigureOptions = {},
): CompleteFigure | undefined {
  if (options.total !== undefined) return fitted(specification, data, document, options);
  const { width = WIDTH, padding = PADDING, title = false, legend: named = true } = options;
  const textWidth = estimatedWidth;
  const inner = width - 2 * padding;
  const { height = heightFor(inner), interactive, outline, nameRoom, dense } = options;
  const sizes = { width: inner, height, document, textWidth };
  const plan = planFigure(specification, data, { ...sizes, interactive, outline, nameRoom, dense });
  if (!plan) return undefined;

  const texts: Element[] = [];
  let top = padding;
  const write = (text: string, style: LineStyle, x: number) => {
    const { elements, height: taken } = textBlock(document, text, style, {
      x,
      y: top,
      width: inner,
      textWidth,
    });
    texts.push(...elements);
    top += taken;
  };
  if (title) {
    write(specification.title, titleStyle, padding);
    top += 6;
  }
  const [upper, lower] = plan.lying ? [specification.x, specification.y] : [specification.y, specification.x];
  if (!plan.complete) {
    write(axisLabel(upper), yStyle, padding);
    top += 2;
  }
  const drawingTop = top;
  top += plan.height;
  if (!plan.complete) {
    top -= X_LABEL_LIFT;
    write(axisLabel(lower), xStyle, width / 2);
  }
  const names = typeof named === "number" ? plan.legend.slice(0, named) : named ? plan.legend : [];
  if (names.length > 0) {
    const place = { x: padding, y: top + LEGEND_GAP, width: inner, textWidth };
    const { elements, height: taken } = legend(document, names, specification.mark, place);
    texts.push(...elements);
    top += LEGEND_GAP + taken;
  }
  const total = Math.ceil(top + padding);

  return {
    width,
    height: total,
    nameRoom: plan.nameRoom,
    outline: plan.outline,
    draw() {
      const svg = plan.draw();
      for (const name of ["class", "font-family"]) svg.removeAttribute(name);
      // Screen readers announce an image as one element; ARIA prohibits names of its parts.
      for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
      const placed = {
        x: padding,
        y: drawingTop,
        fill: "var(--ink)",
        "font-size": 12,
        overflow: "visible",
      };
      for (const [name, value] of Object.entries(placed)) svg.setAttribute(name, String(value));
      const root = document.createElementNS(SVG, "svg");
      root.append(svg, ...texts);
      const attributes = {
        viewBox: `0 0 ${width} ${total}`,
        width,
        height: total,
        "font-family": FACES,
        role: "img",
        "aria-label": figureAltText(specification, namesIn(data)),
      };
      for (const [name, value] of Object.entries(attributes)) root.setAttribute(name, String(value));
      return root;
    },
  };
}
