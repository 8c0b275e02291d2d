import { isMatrix, type PlotData, type PlotSpecification } from "@gradus/papers";
import { figureAltText } from "./alt-text.ts";
import { axisLabel } from "./axis-label.ts";
import { estimatedWidth } from "./estimated-width.ts";
import { legend } from "./legend.ts";
import { planFigure } from "./plan-figure.ts";
import { type FigureOptions, type Outline, SVG } from "./svg.ts";
import { type LineStyle, textBlock } from "./svg-lines.ts";

export interface CompleteFigureOptions extends Pick<FigureOptions, "interactive" | "outline" | "nameRoom"> {
  /** Pixels. */
  readonly width?: number;
  /** Around all of it, pixels. */
  readonly padding?: number;
  /** With the plot's title above it. */
  readonly title?: boolean;
  /** Of the drawing between the axis labels, pixels; by its width when left out. */
  readonly height?: number;
  /** Of all of it, pixels; bars that lie and heat maps, whose height is their own, are scaled to it. */
  readonly total?: number;
  /** With the names of what is not named in the drawing: all of them, or the first so many. */
  readonly legend?: boolean | number;
}

/** A figure with its axis labels and legend, before it is drawn. */
export interface CompleteFigure {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels right of the drawing that the names of lines take; 0 where none are named there. */
  readonly nameRoom: number;
  readonly outline: Outline;
  draw(): SVGElement;
}

const FACES = "'Inter Variable', system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const WIDTH = 680;
const PADDING = 12;
/** Of a drawing, however much stands beside it. */
const LEAST_HEIGHT = 120;
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

/** The drawing's height where nothing is said of it. */
const heightFor = (inner: number) => Math.round(Math.min(330, Math.max(230, inner * 0.52)));

/** As high as what stands beside the drawing leaves it. */
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
    height: Math.max(LEAST_HEIGHT, height + total - first.height),
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
 * A figure with its axis labels and, where lines are not named at their ends, a legend, as an SVG element: the same
 * picture of the same size with and without a page, since texts are measured by estimates. Undefined while there is
 * nothing to draw. Its colors are the CSS variables of `Theme`.
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
  const { height = heightFor(inner), interactive, outline, nameRoom } = options;
  const sizes = { width: inner, height, document, textWidth };
  const plan = planFigure(specification, data, { ...sizes, interactive, outline, nameRoom });
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
      // An image is one thing to those who hear it; names of its parts are prohibited.
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
