import { createHash } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { paperAuthors, papers } from "../../database/schema/index.ts";
import { RENDERING_VERSION, renderAbstract } from "../abstract/render.ts";
import { hotWhenFeatured } from "../ranking.ts";
import entries from "./seed-papers.json" with { type: "json" };

const FEATURED = Date.UTC(2025, 11, 25);

type SeedEntry = (typeof entries)[number];

/** The row of a seed paper. Those earlier in the seed are featured seconds later, so that `hot` gives its order. */
function row(entry: SeedEntry) {
  const featuredAt = new Date(FEATURED + (entries.length - entry.order) * 1000);
  const abstract = renderAbstract(entry.abstract, "flattened");
  return {
    arxivId: entry.arxivId,
    title: entry.title,
    abstractRaw: entry.abstract,
    abstractKind: "flattened",
    abstractHtml: abstract.html,
    abstractExcerptHtml: abstract.excerptHtml,
    abstractText: abstract.text,
    authorsCount: entry.authors.length,
    codeUrl: entry.code ? `https://github.com/${entry.code}` : null,
    publishedAt: new Date(`${entry.arxivSubmittedDate ?? entry.publishedDate}T00:00:00Z`),
    lane: "seed",
    featuredAt,
    hot: hotWhenFeatured(featuredAt),
    contentHash: contentHash(entry),
    // Indexed anew.
    tsv: null,
  } as const;
}

function contentHash(entry: SeedEntry): string {
  return createHash("sha256")
    .update(JSON.stringify([RENDERING_VERSION, entry]))
    .digest("hex");
}

/**
 * Loads the seed papers, in the seed's order. Loading again changes nothing unless an entry or the rendering of
 * abstracts has changed; a text that came from arXiv is never overwritten. Returns how many papers were written.
 */
export async function loadSeed(orm: Orm): Promise<number> {
  const stored = await orm
    .select({ arxivId: papers.arxivId, contentHash: papers.contentHash })
    .from(papers)
    .where(eq(papers.lane, "seed"));
  const hashes = new Map(stored.map(({ arxivId, contentHash: hash }) => [arxivId, hash]));
  const changed = entries.filter((entry) => hashes.get(entry.arxivId) !== contentHash(entry));
  if (changed.length === 0) return 0;
  return orm.transaction(async (tx) => {
    let written = 0;
    for (const entry of changed) {
      const values = row(entry);
      const [paper] = await tx
        .insert(papers)
        .values(values)
        .onConflictDoUpdate({
          target: papers.arxivId,
          set: values,
          setWhere: sql`${papers.abstractKind} = 'flattened' and ${papers.lane} = 'seed'`,
        })
        .returning({ id: papers.id });
      if (!paper) continue;
      await tx.delete(paperAuthors).where(eq(paperAuthors.paperId, paper.id));
      await tx
        .insert(paperAuthors)
        .values(entry.authors.map((name, i) => ({ paperId: paper.id, position: i + 1, name })));
      written += 1;
    }
    return written;
  });
}
