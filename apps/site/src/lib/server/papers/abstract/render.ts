import { isAllowedHtml } from "./allow-list.ts";
import { excerpt } from "./excerpt.ts";
import { escapeHtml, MAX_FORMULAS, segmentsHtml } from "./html.ts";
import { segmentsText } from "./plain-text.ts";
import { recoverFormulas } from "./recover-formulas.ts";
import type { AbstractKind, Segment } from "./segments.ts";
import { parseTextTeX } from "./text-tex.ts";

/** Raised with every change of what rendering gives: stored abstracts of an older number are rendered anew. */
export const RENDERING_VERSION = 4;

/**
 * Characters of an abstract, five times what arXiv allows. So many take at most 40 ms to render, whatever they are: the
 * limit of 50 ms is held by this and not by a clock, so that a busy machine stores what an idle one does.
 */
export const LONGEST_ABSTRACT = 10_000;

/** An abstract as it is stored: HTML for pages, the beginning for lists, Unicode text for everything else. */
export interface RenderedAbstract {
  readonly html: string;
  readonly excerptHtml: string;
  readonly text: string;
}

/** The pieces of an abstract: text, emphasis, links and formulas. */
export function abstractSegments(raw: string, kind: AbstractKind): Segment[] {
  const segments = parseTextTeX(raw, kind);
  return kind === "flattened" ? recoverFormulas(segments) : segments;
}

function formulasOf(segments: readonly Segment[]): string[] {
  return segments.flatMap((segment) =>
    segment.kind === "math"
      ? [segment.tex.trim()]
      : segment.kind === "emphasis" || segment.kind === "strong"
        ? formulasOf(segment.children)
        : [],
  );
}

/** The TeX of an abstract's formulas in the order in which its HTML has them; none where it is kept as raw text. */
export function abstractFormulas(raw: string, kind: AbstractKind): string[] {
  const rendered = raw.length <= LONGEST_ABSTRACT ? formulasOf(abstractSegments(raw, kind)) : [];
  return rendered.length <= MAX_FORMULAS ? rendered : [];
}

/** The abstract with its formulas; undefined when it has too much of them, or anything outside the allow-list. */
function withFormulas(raw: string, kind: AbstractKind): RenderedAbstract | undefined {
  if (raw.length > LONGEST_ABSTRACT) return undefined;
  const segments = abstractSegments(raw, kind);
  if (formulasOf(segments).length > MAX_FORMULAS) return undefined;
  const html = segmentsHtml(segments);
  const excerptHtml = segmentsHtml(excerpt(segments));
  if (!isAllowedHtml(html) || !isAllowedHtml(excerptHtml)) return undefined;
  return { html, excerptHtml, text: segmentsText(segments) };
}

/**
 * Renders an abstract once, for storing. One of more than 10,000 characters or 200 formulas, or whose HTML would hold
 * anything outside the allow-list, is kept as its raw text.
 */
export function renderAbstract(raw: string, kind: AbstractKind): RenderedAbstract {
  const rendered = withFormulas(raw, kind);
  if (rendered) return rendered;
  const text: Segment[] = [{ kind: "text", text: raw }];
  return { html: escapeHtml(raw), excerptHtml: segmentsHtml(excerpt(text)), text: raw };
}
