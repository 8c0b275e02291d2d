import { type Paper, papers as registry } from "@gradus/papers";
import { and, eq, inArray, isNotNull, notInArray } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { claims, papers } from "../database/schema/index.ts";

/** What is stored of a paper's claims, in their order. */
function claimRows({ claims: told }: Paper) {
  return told.map(({ id: code, statement, short, source, reported }, i) => {
    return { code, position: i + 1, statement, short, source, paperValue: reported };
  });
}

type ClaimRow = ReturnType<typeof claimRows>[number];

/** Claims as a text that is the same for the same claims. */
function asText(rows: readonly ClaimRow[]): string {
  return JSON.stringify(
    rows.map(({ code, position, statement, short, source, paperValue }) => [
      code,
      position,
      statement,
      short,
      source,
      paperValue,
    ]),
  );
}

/** The claims of some papers as they are stored, in their order. */
async function storedClaims(orm: Orm, ids: readonly number[]) {
  const { paperId, code, position, statement, short, source, paperValue } = claims;
  const rows = await orm
    .select({ paperId, code, position, statement, short, source, paperValue })
    .from(claims)
    .where(inArray(paperId, [...ids]))
    .orderBy(position, code);
  return Map.groupBy(rows, (row) => row.paperId);
}

/**
 * Brings the rows of claims to what this version's papers say: the measurements of a claim are kept
 * as long as the claim is, and what has not changed is not written. Returns how many runnable papers are stored.
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
    const stored = await storedClaims(
      tx,
      rows.map(({ id }) => id),
    );
    for (const paper of runnable) {
      const row = ids.get(paper.arxivId);
      if (!row) continue;
      if (row.specSlug !== paper.slug)
        await tx.update(papers).set({ specSlug: paper.slug }).where(eq(papers.id, row.id));
      const told = claimRows(paper);
      if (asText(stored.get(row.id) ?? []) === asText(told)) continue;
      const codes = told.map(({ code }) => code);
      await tx.delete(claims).where(and(eq(claims.paperId, row.id), notInArray(claims.code, codes)));
      for (const { code, ...values } of told)
        await tx
          .insert(claims)
          .values({ paperId: row.id, code, ...values })
          .onConflictDoUpdate({ target: [claims.paperId, claims.code], set: values });
    }
    return ids.size;
  });
}
