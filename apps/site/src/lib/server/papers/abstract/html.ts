import katex from "katex";
import { isAllowedHtml } from "./allow-list.ts";
import { withAlphabets } from "./math-alphabets.ts";
import type { Segment } from "./segments.ts";

export const MAX_FORMULAS = 200;
const MAX_FORMULA_LENGTH = 2000;

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
  "\\color": "\\def\\ignored{#1}",
  "\\textcolor": "\\def\\ignored{#1}#2",
};

/** What KaTeX says of a command that it does not know. */
const UNKNOWN = /Undefined control sequence: \\([a-zA-Z]{2,})/;
/** Commands of a formula that are not known, of which the names are shown; a formula with more is its TeX. */
const MOST_UNKNOWN = 4;

/** A formula as MathML, names for commands that its authors defined; or as its TeX in `<code>` when it cannot be read. */
export function formulaHtml(tex: string, display = false): string {
  const fallback = `<code>${escapeHtml(tex)}</code>`;
  if (tex.length > MAX_FORMULA_LENGTH) return fallback;
  const macros = { ...MACROS };
  for (let tries = 0; tries <= MOST_UNKNOWN; tries++) {
    try {
      const mathml = katex
        .renderToString(tex, {
          output: "mathml",
          displayMode: display,
          trust: false,
          throwOnError: true,
          strict: "ignore",
          macros,
          maxExpand: 200,
          maxSize: 10,
        })
        // The source is kept beside the result for copying; it would be read aloud and found by text search.
        .replace(/<annotation[^>]*>[^<]*<\/annotation>/g, "")
        .replace(/<\/?(?:span|semantics)[^>]*>/g, "")
        .replace(/<([a-z]+)([^<>]*)\/>/g, "<$1$2></$1>");
      return isAllowedHtml(mathml) ? withAlphabets(mathml) : fallback;
    } catch (error) {
      const unknown = UNKNOWN.exec(error instanceof Error ? error.message : "")?.[1];
      if (unknown === undefined || Object.hasOwn(macros, `\\${unknown}`)) return fallback;
      macros[`\\${unknown}`] = `\\mathrm{${unknown}}`;
    }
  }
  return fallback;
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
