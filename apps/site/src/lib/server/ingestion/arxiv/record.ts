import { isArxivCategory } from "./categories.ts";

/** An author of a paper. */
export interface AuthorRecord {
  readonly name: string;
  readonly affiliation: string | null;
}

/** One version of a paper as arXiv describes it, normalized. */
export interface ArxivRecord {
  /** Canonical, without version. */
  readonly arxivId: string;
  readonly version: number;
  /** When version 1 came. */
  readonly publishedAt: Date;
  /** When this version came. */
  readonly updatedAt: Date;
  readonly title: string;
  /** arXiv's own text; paragraphs are apart by an empty line. Empty when arXiv sent none. */
  readonly abstract: string;
  readonly authors: readonly AuthorRecord[];
  readonly primaryCategory: string | null;
  readonly categories: readonly string[];
  /** Classes of other systems (ACM, MSC). */
  readonly otherClasses: readonly string[];
  readonly comment: string | null;
  readonly journalRef: string | null;
  readonly doi: string | null;
  readonly license: string | null;
  /** Its authors or arXiv took it back. */
  readonly withdrawn: boolean;
  /** Without abstract, authors, categories or links: not to be featured. */
  readonly incomplete: boolean;
}

/** What `withdrawn` in a comment or an abstract means: the paper, and not that it was withdrawn from a venue. */
const WITHDRAWN =
  /^\W*(?:(?:this|the) )?(?:(?:paper|article|submission|manuscript|preprint|work|version)s? )?(?:(?:has|have) been |is |was )?(?:temporarily )?withdrawn\b(?! from\b)/i;
const WITHDRAWN_WITHIN =
  /\b(?:paper|article|submission|manuscript|preprint) (?:has been|is|was) (?:temporarily )?withdrawn by\b/i;

/** Whether a comment or an abstract says that the paper was withdrawn. */
export function saysWithdrawn(comment: string | null, abstract: string): boolean {
  return [comment ?? "", abstract].some((text) => WITHDRAWN.test(text) || WITHDRAWN_WITHIN.test(text));
}

/** Terms apart by kind, each once, in their order. */
export function splitTerms(terms: readonly string[]): Pick<ArxivRecord, "categories" | "otherClasses"> {
  const unique = [...new Set(terms)].filter((term) => term !== "");
  return {
    categories: unique.filter(isArxivCategory),
    otherClasses: unique.filter((term) => !isArxivCategory(term)),
  };
}
