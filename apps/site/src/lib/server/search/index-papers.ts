import { inArray, isNull, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { lockPapers } from "../database/row-locks.ts";
import { paperEmbeddings, papers } from "../database/schema/index.ts";
import { yieldToEventLoop } from "../yield-to-event-loop.ts";
import { countTerms } from "./count-terms.ts";
import type { ActiveModel } from "./embedding/store.ts";
import { joinedNameParts, searchable } from "./searchable.ts";
import { decideMentions } from "./topics/agree.ts";
import { matchTopics } from "./topics/store.ts";

/** Papers whose text is indexed in one statement: few, because the embedded database answers nobody else meanwhile. */
const BATCH = 50;

/**
 * What the lexical search reads of a paper, of `title`, `people`, `labels` and `abstract_text`: title (weight A), authors (B), topics (C), abstract (D), all without
 * accents. Authors are indexed as they are written and, because queries are stemmed, stemmed too.
 */
export const indexedText = sql`
  setweight(to_tsvector('english', ${searchable(sql`title`)} || ' . ' || ${joinedNameParts(sql`title`)}), 'A') ||
  setweight(to_tsvector('simple', unaccent(people)) || to_tsvector('english', unaccent(people)), 'B') ||
  setweight(to_tsvector('english', unaccent(labels)), 'C') ||
  setweight(to_tsvector('english', ${searchable(sql`abstract_text`)} || ' . ' || ${joinedNameParts(sql`abstract_text`)}), 'D')`;

/** Writes what the search reads of some papers, in a transaction. */
async function writeWords(tx: Orm, ids: readonly number[]): Promise<void> {
  await lockPapers(tx, inArray(papers.id, [...ids]));
  await tx.execute(sql`
    update papers set tsv = text.tsv, title_folded = lower(unaccent(papers.title)) from (
      select id, ${indexedText} as tsv from (
        select p.id, p.title, p.abstract_text,
          coalesce((select string_agg(name, ' . ' order by position) from paper_authors where paper_id = p.id), '') as people,
          coalesce((select string_agg(t.label, ' . ' order by t.position, t.slug) from paper_topics pt join topics t on t.slug = pt.topic
                    where pt.paper_id = p.id), '') as labels
        from papers p where ${inArray(sql`p.id`, [...ids])}
      ) parts
    ) text where text.id = papers.id`);
}

/**
 * Indexes papers that are not indexed yet: their topics and their words. A change of a paper's text sets `tsv` to
 * null; its vectors go too, to be made anew. Returns how many there were.
 */
export async function indexPapers(
  orm: Orm,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<number> {
  let done = 0;
  for (;;) {
    await yieldToEventLoop(signal);
    const rows = await orm
      .select({ id: papers.id })
      .from(papers)
      .where(isNull(papers.tsv))
      .orderBy(papers.id)
      .limit(BATCH);
    if (rows.length === 0) break;
    const ids = rows.map(({ id }) => id);
    await matchTopics(orm, ids);
    await orm.transaction(async (tx) => {
      await tx.delete(paperEmbeddings).where(inArray(paperEmbeddings.paperId, ids));
      await writeWords(tx, ids);
    });
    done += ids.length;
  }
  if (done > 0) {
    await countTerms(orm, signal);
    // The embedded database never does this by itself, and without it does not use the indexes.
    await orm.execute(sql`analyze papers, paper_topics, term_stats`);
  }
  return done;
}

/** Decides which topics of abstracts papers have, and has the search know them. Returns how many papers changed. */
export async function indexTopics(
  orm: Orm,
  model: ActiveModel,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<number> {
  const ids = await decideMentions(orm, model, { signal });
  for (let i = 0; i < ids.length; i += BATCH) {
    await yieldToEventLoop(signal);
    await orm.transaction((tx) => writeWords(tx, ids.slice(i, i + BATCH)));
  }
  if (ids.length > 0) await countTerms(orm, signal);
  return ids.length;
}
