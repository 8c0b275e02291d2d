import { ARCHIVES } from "#lib/arxiv-id.ts";
import type { PaperRecord } from "../../papers/writing/record.ts";

/** The categories of papers that the site takes in, as primary category or cross-list. */
export const SCOPE: readonly string[] = [
  "cs.LG",
  "stat.ML",
  "math.OC",
  "cs.NE",
  "math.NA",
  "cs.NA",
  "cs.DC",
  "cs.AI",
  "math.ST",
  "stat.TH",
  "stat.CO",
];

/** Whether a paper of some categories belongs on the site. */
export function inScope(categories: readonly string[]): boolean {
  return categories.some((category) => SCOPE.includes(category));
}

/** Whether a term names a category of arXiv; ACM and MSC classes come mixed with them. */
export function isArxivCategory(term: string): boolean {
  const [archive, subject, ...more] = term.split(".");
  if (!ARCHIVES.has(archive) || more.length > 0) return false;
  return subject === undefined || /^(?:[A-Z]{2}|[a-z]+(?:-[a-z]+)*)$/.test(subject);
}

/** Terms apart by kind, each once, in their order. */
export function splitTerms(terms: readonly string[]): Pick<PaperRecord, "categories" | "otherClasses"> {
  const unique = [...new Set(terms)].filter((term) => term !== "");
  return {
    categories: unique.filter(isArxivCategory),
    otherClasses: unique.filter((term) => !isArxivCategory(term)),
  };
}
