import type { TermCount } from "./lsa.ts";

const ENTRY = /'((?:[^'\\]|''|\\\\)*)'(?::([\dABCD,]+))?/g;

/** The lexemes of a `tsvector`, as the database prints it, and how often each occurs. */
export function termsOfVector(text: string): TermCount[] {
  return Array.from(text.matchAll(ENTRY), ([, lexeme, positions]) => ({
    term: lexeme.replace(/''|\\\\/g, ([first]) => first),
    count: positions ? positions.split(",").length : 1,
  }));
}
