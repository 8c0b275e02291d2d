import type { AbstractKind } from "../abstract/segments.ts";

/** An author of a paper. */
export interface AuthorRecord {
  readonly name: string;
  readonly affiliation: string | null;
}

/** One version of a paper as a source describes it, normalized. */
export interface PaperRecord {
  /** Canonical, without version. */
  readonly arxivId: string;
  readonly version: number;
  /** When version 1 came. */
  readonly publishedAt: Date;
  /** When this version came; null where the source does not say. */
  readonly updatedAt: Date | null;
  readonly title: string;
  /** Paragraphs are apart by an empty line. Empty when the source has none. */
  readonly abstract: string;
  readonly abstractKind: AbstractKind;
  readonly authors: readonly AuthorRecord[];
  readonly primaryCategory: string | null;
  readonly categories: readonly string[];
  /** Classes of other systems (ACM, MSC). */
  readonly otherClasses: readonly string[];
  readonly comment: string | null;
  readonly journalRef: string | null;
  readonly doi: string | null;
  readonly license: string | null;
  readonly codeUrl: string | null;
  /** Its authors or arXiv took it back. */
  readonly withdrawn: boolean;
  /** Without abstract, authors, categories or links: not to be featured. */
  readonly incomplete: boolean;
}

/** In which list a paper stands, and since when. */
export interface Featuring {
  readonly lane: "seed" | "daily" | "classic";
  readonly at: Date;
}
