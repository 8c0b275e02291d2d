import { sql } from "drizzle-orm";
import { renderAbstract } from "../../apps/site/src/lib/server/abstract/render.ts";
import type { Orm } from "../../apps/site/src/lib/server/database/connect.ts";
import { paperAuthors, papers } from "../../apps/site/src/lib/server/database/schema.ts";
import { hotOf } from "../../apps/site/src/lib/server/ranking.ts";
import { type SyntheticPaper, syntheticPapers } from "./papers.ts";

/** Papers written in one statement. */
const BATCH = 100;

function row(paper: SyntheticPaper) {
  const { html, excerptHtml, text } = renderAbstract(paper.abstract, "source");
  return {
    arxivId: paper.arxivId,
    title: paper.title,
    abstractRaw: paper.abstract,
    abstractKind: "source",
    abstractHtml: html,
    abstractExcerptHtml: excerptHtml,
    abstractText: text,
    authorsCount: paper.authors.length,
    publishedAt: paper.publishedAt,
    lane: "daily",
    featuredAt: paper.featuredAt,
    votesCount: paper.votes.length,
    hot: hotOf(
      paper.featuredAt,
      paper.votes.map((at) => ({ at, weight: 1 })),
    ),
    contentHash: paper.arxivId,
  } as const;
}

/** Writes synthetic papers into a database that has the site's schema. Returns how many were new. */
export async function loadSynthetic(orm: Orm, count: number, seed: number): Promise<number> {
  let batch: SyntheticPaper[] = [];
  let written = 0;
  const write = () =>
    orm.transaction(async (tx) => {
      const rows = await tx
        .insert(papers)
        .values(batch.map(row))
        .onConflictDoNothing()
        .returning({ id: papers.id, arxivId: papers.arxivId });
      const byArxivId = new Map(rows.map(({ arxivId, id }) => [arxivId, id]));
      const authors = batch.flatMap(({ arxivId, authors: names }) => {
        const paperId = byArxivId.get(arxivId);
        return paperId === undefined ? [] : names.map((name, i) => ({ paperId, position: i + 1, name }));
      });
      if (authors.length > 0) await tx.insert(paperAuthors).values(authors);
      written += rows.length;
    });
  for (const paper of syntheticPapers(count, seed)) {
    batch.push(paper);
    if (batch.length < BATCH) continue;
    await write();
    batch = [];
  }
  if (batch.length > 0) await write();
  await orm.execute(sql`analyze`);
  return written;
}
