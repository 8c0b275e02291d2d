import type { PlotData, PlotSpecification } from "@gradus/papers";
import { parseHTML } from "linkedom";
import { type CompleteFigure, type CompleteFigureOptions, completeFigure } from "./complete-figure.ts";
import { estimatedWidth } from "./estimated-width.ts";
import { SVG } from "./svg.ts";
import { breakLines } from "./svg-lines.ts";
import { dark, light, resolveColor, type Theme } from "./themes.ts";

export type SvgOptions = Omit<CompleteFigureOptions, "interactive">;

export interface FileOptions extends SvgOptions {
  /** Whether to draw an opaque background, so that the figure is legible on any page. */
  readonly background?: boolean;
}

/**
 * A text wrapped at spaces into lines of at most `width` pixels in a sans face, by widths estimated without a page; a
 * longer word gets its own line. `font` is weight and size, such as `600 12px`.
 */
export function textLines(text: string, width: number, font: string): string[] {
  return breakLines(text, width, (line) => estimatedWidth(line, font));
}

/** The layout of a figure, for use without a page. Undefined while there is nothing to draw. */
export function figurePlan(
  specification: PlotSpecification,
  data: PlotData,
  options: SvgOptions = {},
): CompleteFigure | undefined {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  return completeFigure(specification, data, document, options);
}

/**
 * A figure as the text of an SVG element for a page, with axis labels and, unless lines are named at their ends, a
 * legend. Colors are the CSS variables of `Theme`, which the page defines. Undefined while there is nothing to draw.
 */
export function figureElement(
  specification: PlotSpecification,
  data: PlotData,
  options: SvgOptions = {},
): string | undefined {
  return figurePlan(specification, data, options)?.draw().toString();
}

/**
 * Sets colors as attributes in the light theme, which every SVG viewer supports, and returns rules that change them in
 * dark mode.
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
 * A figure as the text of a standalone SVG file with title, labels, legend and background, unless options say otherwise,
 * and a dark mode. Undefined when there is nothing to draw.
 */
export function figureFile(
  specification: PlotSpecification,
  data: PlotData,
  { title: titled = true, background: opaque = true, ...options }: FileOptions = {},
): string | undefined {
  const root = figurePlan(specification, data, { ...options, title: titled })?.draw();
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
