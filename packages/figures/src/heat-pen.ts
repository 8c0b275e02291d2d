import { SVG, type TextWidth } from "./svg.ts";
import { lineOfText } from "./svg-lines.ts";

/** Pixels of the text of a heat map. */
export const LABEL = 12;

type Attributes = Readonly<Record<string, string | number>>;

/** Creates SVG elements and measures text. */
export interface Pen {
  readonly document: Document;
  readonly textWidth: TextWidth;
}

export function shape({ document }: Pen, name: string, attributes: Attributes): Element {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

export function write(
  { document }: Pen,
  text: string,
  at: { readonly x: number; readonly y: number },
  { anchor = "start", color = "var(--muted)", weight = 400 as 400 | 600, size = LABEL } = {},
): Element {
  const line = lineOfText(document, text, { size, weight, color, anchor: "start" }, at);
  line.setAttribute("text-anchor", anchor);
  return line;
}

export const px = (value: number) => Number(value.toFixed(2));

/** A text as wide as it is written. */
export const widthOf = ({ textWidth }: Pen, text: string): number => textWidth(text, `400 ${LABEL}px`);

/** A text that fits a width: shortened with an ellipsis where it must be. */
export function fitted(pen: Pen, text: string, width: number): string {
  if (widthOf(pen, text) <= width) return text;
  for (let length = text.length - 1; length > 1; length--) {
    const short = `${text.slice(0, length).trimEnd()}…`;
    if (widthOf(pen, short) <= width) return short;
  }
  return "…";
}
