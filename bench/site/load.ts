// Writes synthetic papers into a database that has the site's schema, as many at once as it takes, and makes the
// indexes after: the site's own maintenance, which answers requests meanwhile, takes ten times as long.
import { type SQL, sql } from "drizzle-orm";
import type { Orm } from "../../apps/site/src/lib/server/database/connect.ts";
import { rowsOf } from "../../apps/site/src/lib/server/database/rows.ts";
import { RENDERING_VERSION, renderAbstract } from "../../apps/site/src/lib/server/papers/abstract/render.ts";
import { hotOf } from "../../apps/site/src/lib/server/papers/ranking.ts";
import { countTerms } from "../../apps/site/src/lib/server/search/count-terms.ts";
import { indexedText } from "../../apps/site/src/lib/server/search/index-papers.ts";
import { type SyntheticPaper, syntheticPapers } from "./papers.ts";

/** Papers written in one statement. */
const BATCH = 250;

function row(paper: SyntheticPaper) {
  const { html, excerptHtml, text } = renderAbstract(paper.abstract, "source");
  return {
    arxiv_id: paper.arxivId,
    title: paper.title,
    abstract_raw: paper.abstract,
    abstract_html: html,
    abstract_excerpt_html: excerptHtml,
    abstract_text: text,
    rendering: RENDERING_VERSION,
    authors: paper.authors,
    published_at: paper.publishedAt,
    featured_at: paper.featuredAt,
    votes_count: paper.votes.length,
    hot: hotOf(
      paper.featuredAt,
      paper.votes.map((at) => ({ at, weight: 1 })),
    ),
  };
}

/** Rows of `papers` with their topics and words, and their authors. */
function writing(batch: readonly SyntheticPaper[]): SQL {
  const rows = JSON.stringify(batch.map(row));
  return sql`
    with given as materialized (
      select g.*, (select string_agg(name, ' . ') from jsonb_array_elements_text(authors) name) as people,
        array(select t.slug from topics t where words @@ websearch_to_tsquery('english', unaccent(t.query))) as slugs
      from jsonb_to_recordset(${rows}::text::jsonb) g (
        arxiv_id text, title text, abstract_raw text, abstract_html text, abstract_excerpt_html text,
        abstract_text text, rendering integer, authors jsonb, published_at timestamptz, featured_at timestamptz, votes_count int,
        hot double precision
      ), lateral (select to_tsvector('english', unaccent(title || ' ' || abstract_text)) as words offset 0) text
    ), labeled as (
      select *, coalesce((select string_agg(t.label, ' . ') from topics t where t.slug = any (slugs)), '') as labels
      from given
    ), paper as (
      insert into papers (arxiv_id, title, abstract_raw, abstract_kind, abstract_html, abstract_excerpt_html,
        abstract_text, rendering, authors_count, published_at, lane, featured_at, votes_count, hot, content_hash, title_folded, tsv)
      select arxiv_id, title, abstract_raw, 'source', abstract_html, abstract_excerpt_html, abstract_text,
        rendering, jsonb_array_length(authors), published_at, 'daily', featured_at, votes_count, hot, arxiv_id,
        lower(unaccent(title)), ${indexedText}
      from labeled on conflict (arxiv_id) do nothing returning id, arxiv_id
    ), topic as (
      insert into paper_topics (paper_id, topic)
      select paper.id, slug from paper join given using (arxiv_id), unnest(slugs) slug
    )
    insert into paper_authors (paper_id, position, name)
    select paper.id, number, name from paper join given using (arxiv_id),
      jsonb_array_elements_text(authors) with ordinality a (name, number)`;
}

/** The indexes of words: slow to extend, quick to make. */
async function wordIndexes(orm: Orm): Promise<readonly { readonly name: string; readonly made: string }[]> {
  return rowsOf(
    await orm.execute(sql`
      select indexname as name, indexdef as made from pg_indexes
      where tablename = 'papers' and indexdef like '%USING gin%'`),
  );
}

/** Writes synthetic papers, found by their words, unless they are there. Returns whether any were missing. */
export async function loadSynthetic(orm: Orm, count: number, seed: number): Promise<boolean> {
  const [{ there }] = rowsOf<{ there: number }>(
    await orm.execute(sql`select count(*)::int as there from papers where lane = 'daily'`),
  );
  // One of them may have the number of a paper of the seed.
  if (there >= count - 21) return false;
  const indexes = await wordIndexes(orm);
  for (const { name } of indexes) await orm.execute(sql`drop index ${sql.identifier(name)}`);
  let batch: SyntheticPaper[] = [];
  for (const paper of syntheticPapers(count, seed)) {
    batch.push(paper);
    if (batch.length < BATCH) continue;
    await orm.execute(writing(batch));
    batch = [];
  }
  if (batch.length > 0) await orm.execute(writing(batch));
  // The definitions are the database's own words.
  for (const { made } of indexes) await orm.execute(sql.raw(made));
  await countTerms(orm);
  await orm.execute(sql`vacuum analyze`);
  return true;
}
