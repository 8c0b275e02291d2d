import type { TextWidth } from "./svg.ts";
import { SVG } from "./svg.ts";
import { textRuns } from "./text-runs.ts";

export interface LineStyle {
  readonly size: number;
  readonly weight: 400 | 600;
  readonly color: string;
  readonly anchor: "start" | "middle";
}

/** Wraps text at spaces into lines of at most `width` pixels; a longer word gets its own line. */
export function breakLines(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const joined = lines.length === 0 ? word : `${lines[lines.length - 1]} ${word}`;
    if (lines.length > 0 && measure(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}

const SCRIPT_SIZE = 0.75;
const SCRIPT_SHIFT = { sub: 0.22, sup: -0.34 } as const;

/** One line of text at a position, with subscripts and superscripts (`θ_t`). */
export function lineOfText(
  document: Document,
  text: string,
  { size, weight, color, anchor }: LineStyle,
  at: { readonly x: number; readonly y: number },
): Element {
  const line = document.createElementNS(SVG, "text");
  line.setAttribute("x", String(at.x));
  line.setAttribute("y", String(at.y));
  line.setAttribute("fill", color);
  line.setAttribute("font-size", String(size));
  line.setAttribute("font-weight", String(weight));
  line.setAttribute("text-anchor", anchor);
  appendTextRuns(document, line, text, size);
  return line;
}

/** Appends text with subscripts and superscripts to a text element of font size `size` pixels. */
export function appendTextRuns(document: Document, line: Element, text: string, size: number): void {
  let shifted = 0;
  for (const word of textRuns(text)) {
    const wanted = word.kind === "plain" ? 0 : SCRIPT_SHIFT[word.kind] * size;
    if (word.kind === "plain" && shifted === 0) {
      line.append(document.createTextNode(word.text));
      continue;
    }
    const span = document.createElementNS(SVG, "tspan");
    // Browsers disagree on baseline-shift; they agree on dy.
    span.setAttribute("dy", (wanted - shifted).toFixed(2));
    if (word.kind !== "plain") span.setAttribute("font-size", String(size * SCRIPT_SIZE));
    span.textContent = word.text;
    line.append(span);
    shifted = wanted;
  }
}

/** Wrapped lines of text and their total height. */
export function textBlock(
  document: Document,
  text: string,
  style: LineStyle,
  { x, y, width, textWidth }: { x: number; y: number; width: number; textWidth: TextWidth },
): { readonly elements: readonly Element[]; readonly height: number } {
  const lineHeight = style.size * 1.35;
  const lines = breakLines(text, width, (line) => textWidth(line, `${style.weight} ${style.size}px`));
  return {
    elements: lines.map((line, i) =>
      lineOfText(document, line, style, { x, y: y + i * lineHeight + style.size }),
    ),
    height: lines.length * lineHeight,
  };
}
