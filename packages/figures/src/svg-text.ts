import { isMatrix, type PlotData, type PlotSpecification } from "@gradus/papers";
import { parseHTML } from "linkedom";
import { axisLabel } from "./axis-label.ts";
import { drawFigure } from "./draw.ts";
import { estimatedWidth } from "./estimated-width.ts";
import { legend } from "./legend.ts";
import { SVG } from "./svg.ts";
import { block, type LineStyle } from "./svg-lines.ts";
import { dark, light, resolveColor, type Theme } from "./themes.ts";

export interface SvgOptions {
  /** Pixels. */
  readonly width?: number;
  /** With the plot's title above it; a file has one unless it is said otherwise. */
  readonly title?: boolean;
  /** Of the drawing between the axis labels, pixels; by its width when left out. */
  readonly height?: number;
  /** With the names of lines that are not named at their ends. */
  readonly legend?: boolean;
}

export interface FileOptions extends SvgOptions {
  /** Opaque, so that it can be read on any page. */
  readonly background?: boolean;
}

const FACES = "Inter, system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const PADDING = 12;
// Plot leaves more room below the ticks than a label needs.
const X_LABEL_LIFT = 16;

const titleStyle: LineStyle = { size: 15, weight: 600, color: "var(--ink)", anchor: "start" };
const yStyle: LineStyle = { size: 12, weight: 600, color: "var(--ink)", anchor: "start" };
const xStyle: LineStyle = { size: 12, weight: 400, color: "var(--muted)", anchor: "middle" };

/** What a page says of the lines' labels in its style sheet, said in attributes. */
function styleLabels(svg: Element): void {
  const attributes = {
    "font-weight": "600",
    "text-anchor": "start",
    stroke: "var(--surface)",
    "stroke-width": "3",
    "stroke-linejoin": "round",
    "paint-order": "stroke",
  };
  for (const label of svg.querySelectorAll(".line-label"))
    for (const [name, value] of Object.entries(attributes)) label.setAttribute(name, value);
}

function compose(
  specification: PlotSpecification,
  data: PlotData,
  { width = 680, title = false, height: drawingHeight, legend: named = true }: SvgOptions,
): SVGElement | undefined {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const textWidth = estimatedWidth;
  const inner = width - 2 * PADDING;
  const height = drawingHeight ?? Math.round(Math.min(330, Math.max(230, inner * 0.52)));
  const figure = drawFigure(specification, data, { width: inner, height, document, textWidth });
  if (!figure) return undefined;

  const root = document.createElementNS(SVG, "svg");
  let top = PADDING;
  const write = (text: string, style: LineStyle, x: number) => {
    const { elements, height: taken } = block(document, text, style, { x, y: top, width: inner, textWidth });
    root.append(...elements);
    top += taken;
  };
  if (title) {
    write(specification.title, titleStyle, PADDING);
    top += 6;
  }
  const [upper, lower] = figure.lying
    ? [specification.x, specification.y]
    : [specification.y, specification.x];
  if (!figure.complete) {
    write(axisLabel(upper), yStyle, PADDING);
    top += 2;
  }

  const { svg } = figure;
  styleLabels(svg);
  for (const name of ["class", "font-family"]) svg.removeAttribute(name);
  const drawnHeight = Number(svg.getAttribute("height"));
  for (const [name, value] of Object.entries({
    x: PADDING,
    y: top,
    fill: "var(--ink)",
    "font-size": 12,
    overflow: "visible",
  }))
    svg.setAttribute(name, String(value));
  root.append(svg);
  top += drawnHeight;
  if (!figure.complete) {
    top -= X_LABEL_LIFT;
    write(axisLabel(lower), xStyle, width / 2);
  }
  if (named && figure.legend.length > 0) {
    const place = { x: PADDING, y: top + 6, width: inner, textWidth };
    const { elements, height: taken } = legend(document, figure.legend, specification.mark, place);
    root.append(...elements);
    top += 6 + taken;
  }
  const total = Math.ceil(top + PADDING);
  root.setAttribute("viewBox", `0 0 ${width} ${total}`);
  root.setAttribute("width", String(width));
  root.setAttribute("height", String(total));
  root.setAttribute("font-family", FACES);
  root.setAttribute("role", "img");
  root.setAttribute("aria-label", describe(specification, data));
  return root;
}

/** What a figure shows, for readers who do not see it. */
function describe({ title, x, y, color }: PlotSpecification, data: PlotData): string {
  const names = Object.keys(data).filter((name) => {
    const one = data[name];
    return isMatrix(one) ? one.values.length > 0 : one.length > 0;
  });
  if (color) return `${title}: ${color.label}, by ${axisLabel(y)} and ${axisLabel(x)}; ${names.join(", ")}`;
  return `${title}: ${axisLabel(y)}, against ${axisLabel(x)}; ${names.join(", ")}`;
}

/**
 * A figure as an SVG element for a page, as text: with axis labels and, where lines are not named at their ends, a
 * legend. Its colors are the CSS variables of `Theme`, which the page defines. Undefined while there is nothing to draw.
 */
export function figureElement(
  specification: PlotSpecification,
  data: PlotData,
  options: SvgOptions = {},
): string | undefined {
  return compose(specification, data, options)?.toString();
}

/**
 * Colors as attributes in the light theme, which every reader of SVG knows, and as classes whose rules change them where
 * the reader prefers dark.
 */
function bakeColors(root: Element): string {
  const rules = new Map<string, string>();
  for (const element of [root, ...root.querySelectorAll("*")])
    for (const property of ["fill", "stroke"]) {
      const color = element.getAttribute(property);
      if (color === null || !/var\(/.test(color)) continue;
      const [day, night] = [light, dark].map((theme: Theme) => resolveColor(color, theme));
      const name = `${property}-${night.slice(1)}`;
      element.setAttribute(property, day);
      element.setAttribute("class", [element.getAttribute("class"), name].filter(Boolean).join(" "));
      rules.set(name, `.${name}{${property}:${night}}`);
    }
  return `@media(prefers-color-scheme:dark){${[...rules.values()].join("")}}`;
}

/**
 * A figure as the text of an SVG file that stands alone: title, labels, legend and a background, unless options say
 * otherwise, and a dark appearance where its reader prefers one. Undefined when there is nothing to draw.
 */
export function figureFile(
  specification: PlotSpecification,
  data: PlotData,
  { title: titled = true, background: opaque = true, ...options }: FileOptions = {},
): string | undefined {
  const root = compose(specification, data, { ...options, title: titled });
  if (!root) return undefined;
  const { ownerDocument: document } = root;
  if (opaque) {
    const background = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: "var(--surface)" }))
      background.setAttribute(name, value);
    root.prepend(background);
  }
  const style = document.createElementNS(SVG, "style");
  style.textContent = bakeColors(root);
  const title = document.createElementNS(SVG, "title");
  title.textContent = specification.title;
  root.prepend(title, style);
  root.setAttribute("xmlns", SVG);
  return `${root.toString()}\n`;
}
