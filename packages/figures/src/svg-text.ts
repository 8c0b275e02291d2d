import type { PlotData, PlotSpecification } from "@gradus/papers";
import { parseHTML } from "linkedom";
import { type CompleteFigure, type CompleteFigureOptions, completeFigure } from "./complete-figure.ts";
import { SVG } from "./svg.ts";
import { dark, light, resolveColor, type Theme } from "./themes.ts";

export type SvgOptions = Omit<CompleteFigureOptions, "interactive">;

export interface FileOptions extends SvgOptions {
  /** Opaque, so that it can be read on any page. */
  readonly background?: boolean;
}

/** A figure before it is drawn, where there is no page: how large it will be. Undefined while there is nothing to draw. */
export function figurePlan(
  specification: PlotSpecification,
  data: PlotData,
  options: SvgOptions = {},
): CompleteFigure | undefined {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  return completeFigure(specification, data, document, options);
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
  return figurePlan(specification, data, options)?.draw().toString();
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
