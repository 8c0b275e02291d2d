import { type Paper, papers as registry } from "@gradus/papers";
import { and, eq, inArray, isNotNull, notInArray } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { claims, papers } from "../database/schema/index.ts";

/**
 * Brings the rows of claims to what this version's papers say: the measurements of a claim are kept
 * as long as the claim is. Returns how many runnable papers are stored.
 */
export async function syncRegistry(orm: Orm, runnable: readonly Paper[] = registry): Promise<number> {
  return orm.transaction(async (tx) => {
    const rows = await tx
      .select({ id: papers.id, arxivId: papers.arxivId, specSlug: papers.specSlug })
      .from(papers)
      .where(
        inArray(
          papers.arxivId,
          runnable.map(({ arxivId }) => arxivId),
        ),
      );
    const ids = new Map(rows.map((row) => [row.arxivId, row]));
    const known = runnable.map(({ slug }) => slug);
    await tx
      .update(papers)
      .set({ specSlug: null })
      .where(and(isNotNull(papers.specSlug), notInArray(papers.specSlug, known)));
    for (const paper of runnable) {
      const row = ids.get(paper.arxivId);
      if (!row) continue;
      if (row.specSlug !== paper.slug)
        await tx.update(papers).set({ specSlug: paper.slug }).where(eq(papers.id, row.id));
      await tx.delete(claims).where(
        and(
          eq(claims.paperId, row.id),
          notInArray(
            claims.code,
            paper.claims.map(({ id }) => id),
          ),
        ),
      );
      for (const [position, { id: code, statement, short, source, reported }] of paper.claims.entries()) {
        const values = { position: position + 1, statement, short, source, paperValue: reported };
        await tx
          .insert(claims)
          .values({ paperId: row.id, code, ...values })
          .onConflictDoUpdate({ target: [claims.paperId, claims.code], set: values });
      }
    }
    return ids.size;
  });
}
