import type { Orm } from "../../database/connect.ts";
import type { PaperRecord } from "../writing/record.ts";
import { writePapers } from "../writing/write.ts";
import entries from "./seed-papers.json" with { type: "json" };

const FEATURED = Date.UTC(2025, 11, 25);

type SeedEntry = (typeof entries)[number];

function recordOf(entry: SeedEntry): PaperRecord {
  return {
    arxivId: entry.arxivId,
    version: 1,
    publishedAt: new Date(`${entry.arxivSubmittedDate ?? entry.publishedDate}T00:00:00Z`),
    updatedAt: null,
    title: entry.title,
    abstract: entry.abstract,
    abstractKind: "flattened",
    authors: entry.authors.map((name) => ({ name, affiliation: null })),
    primaryCategory: null,
    categories: [],
    otherClasses: [],
    comment: null,
    journalRef: null,
    doi: null,
    license: null,
    codeUrl: entry.code ? `https://github.com/${entry.code}` : null,
    withdrawn: false,
    incomplete: false,
  };
}

const orders = new Map(entries.map(({ arxivId, order }) => [arxivId, order]));

/** The seed's papers are featured on one day; those earlier in it seconds later, so that `hot` gives its order. */
function featuringOf({ arxivId }: PaperRecord) {
  const order = orders.get(arxivId) ?? entries.length;
  return { lane: "seed", at: new Date(FEATURED + (entries.length - order) * 1000) } as const;
}

/**
 * Loads the seed papers, in the seed's order. Loading again changes nothing unless an entry has changed; a text that
 * came from arXiv is never overwritten. Returns how many papers were written.
 */
export async function loadSeed(orm: Orm): Promise<number> {
  const { added, updated } = await writePapers(orm, entries.map(recordOf), { featuring: featuringOf });
  return added.length + updated.length;
}
