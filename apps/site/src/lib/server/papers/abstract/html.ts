import katex from "katex";
import { isAllowedHtml } from "./allow-list.ts";
import { withAlphabets } from "./math-alphabets.ts";
import type { Segment } from "./segments.ts";

export const MAX_FORMULAS = 200;
export const MAX_FORMULA_LENGTH = 2000;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c]);
}

/** Commands of packages that KaTeX does not have, and abbreviations that many authors define for themselves. */
const MACROS: Readonly<Record<string, string>> = {
  "\\mbox": "\\text{#1}",
  "\\textsc": "\\text{#1}",
  "\\ensuremath": "#1",
  "\\xspace": "",
  "\\label": "\\def\\ignored{#1}",
  "\\mathds": "\\mathbb{#1}",
  "\\mathbbm": "\\mathbb{#1}",
  "\\nicefrac": "{#1}/{#2}",
  "\\norm": "\\lVert #1\\rVert",
  "\\abs": "\\lvert #1\\rvert",
  "\\E": "\\mathbb{E}",
  "\\eps": "\\varepsilon",
};

/** A formula as MathML, or as its TeX in `<code>` when it cannot be read. */
export function formulaHtml(tex: string, display = false): string {
  const fallback = `<code>${escapeHtml(tex)}</code>`;
  if (tex.length > MAX_FORMULA_LENGTH) return fallback;
  try {
    const mathml = katex
      .renderToString(tex, {
        output: "mathml",
        displayMode: display,
        trust: false,
        throwOnError: true,
        strict: "ignore",
        macros: { ...MACROS },
        maxExpand: 200,
        maxSize: 10,
      })
      // The source is kept beside the result for copying; it would be read aloud and found by text search.
      .replace(/<annotation[^>]*>[^<]*<\/annotation>/g, "")
      .replace(/<\/?(?:span|semantics)[^>]*>/g, "")
      .replace(/<([a-z]+)([^<>]*)\/>/g, "<$1$2></$1>");
    return isAllowedHtml(mathml) ? withAlphabets(mathml) : fallback;
  } catch {
    return fallback;
  }
}

function segmentHtml(segment: Segment): string {
  switch (segment.kind) {
    case "text":
      return escapeHtml(segment.text);
    case "link":
      return `<a href="${escapeHtml(segment.url)}" rel="nofollow noopener">${escapeHtml(segment.url)}</a>`;
    case "emphasis":
      return `<em>${segmentsHtml(segment.children)}</em>`;
    case "strong":
      return `<strong>${segmentsHtml(segment.children)}</strong>`;
    case "math":
      return formulaHtml(segment.tex, segment.display);
  }
}

/** Segments as HTML: escaped text, emphasis, links and MathML. */
export function segmentsHtml(segments: readonly Segment[]): string {
  return segments.map(segmentHtml).join("");
}
