import { type SQL, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { searchSettings } from "../database/search-settings.ts";
import { isEmbedded, ranOutOfTime, withSettings } from "../database/settings.ts";
import type { Space } from "../embedding/nearness.ts";
import { LIST_LENGTH, lexicalLists } from "./lexical.ts";
import { hasUnwanted, titleList, vectorList } from "./lists.ts";
import type { QueryParts } from "./normalize.ts";
import type { ReadQuery } from "./terms.ts";

/** With fewer documents that match all of the query, those that match a part of it follow. */
const ENOUGH = 10;
/** Milliseconds for the statement, on a server: the embedded database has no timers, only limits of what it reads. */
const PATIENCE_MILLISECONDS = 400;

/** What is known of a paper that was found. */
export interface FoundPaper {
  readonly id: number;
  /** The ranking's score; negative infinity for a paper that was never featured. */
  readonly hot: number;
  /** In milliseconds. */
  readonly publishedAt: number;
  readonly arxivId: string;
  /** Whether its experiments run here. */
  readonly runs: boolean;
  /** Whether it passes the filters of the search. */
  readonly passes: boolean;
}

interface FoundRow {
  readonly list: number;
  readonly id: number | string;
  readonly hot: number | null;
  readonly published: number;
  readonly arxiv_id: string;
  readonly runs: boolean;
  readonly passes: boolean;
}

/** What is read of each paper found, as a part of a statement on `papers`; `condition` are the filters. */
function standing(condition: SQL | undefined): SQL {
  return sql`papers.id, papers.hot, (extract(epoch from papers.published_at) * 1000)::float8 as published,
    papers.arxiv_id, papers.spec_slug is not null as runs, (${condition ?? sql`true`}) as passes`;
}

const found = (row: FoundRow): FoundPaper => ({
  id: Number(row.id),
  hot: row.hot ?? Number.NEGATIVE_INFINITY,
  publishedAt: row.published,
  arxivId: row.arxiv_id,
  runs: row.runs,
  passes: row.passes,
});

/** The paper of an arXiv identifier. */
export async function identified(
  orm: Orm,
  arxivId: string,
  condition: SQL | undefined,
): Promise<FoundPaper | undefined> {
  const rows = rowsOf<FoundRow>(
    await orm.execute(
      sql`select ${standing(condition)} from papers where arxiv_id = ${arxivId} and not hidden`,
    ),
  );
  return rows.map(found)[0];
}

/** What ranks papers. */
export interface Ranking {
  readonly parts: QueryParts;
  readonly read: ReadQuery;
  /** Where the query is among the papers, by the model that says it. */
  readonly near?: { readonly space: Space; readonly vector: ArrayLike<number> };
  /** The filters of the search, which are told, not applied. */
  readonly condition?: SQL;
}

/** One statement for all lists: each is read once, and its papers with what orders and filters them. */
function statement(
  { parts, read, near, condition }: Ranking,
  { lexical }: { readonly lexical: boolean },
): SQL {
  const { whole, part } = lexical ? lexicalLists(read, parts) : {};
  const nothing = sql`select null::bigint as id, null::bigint as place where false`;
  // A query whose words are all known has no typing errors: its titles are compared among what was found.
  const known = read.terms.length > 0 && read.terms.every(({ df }) => df > 0);
  const among = sql`id in (select id from whole union select id from part union select id from near)`;
  // Marks alone are like no word.
  const titled = /[\p{L}\p{N}]/u.test(parts.wanted)
    ? titleList(read.folded, known ? among : undefined)
    : nothing;
  const unwanted = hasUnwanted(parts.unwanted);
  return sql`
    with whole as materialized (${whole ?? nothing}),
    part as materialized (
      select * from (${part ?? nothing}) loosened where (select count(*) from whole) < ${ENOUGH}
    ),
    near as materialized (${near ? vectorList(near.space, near.vector) : nothing}),
    titled as materialized (${titled})
    select list.list, ${standing(condition)}
    from (
      select 0 as list, id, place from whole union all select 1, id, place from part union all
      select 2, id, place from near union all select 3, id, place from titled
    ) list
    join papers on papers.id = list.id
    where not papers.hidden ${unwanted ? sql`and (${unwanted}) is not true` : sql``}
    order by list.list, list.place`;
}

/**
 * Up to 100 papers each by their words, by meaning and by spelling of titles. When the words take too long, the list
 * by words is empty.
 */
export async function rankedLists(orm: Orm, ranking: Ranking): Promise<readonly (readonly FoundPaper[])[]> {
  const settings = { ...searchSettings, statement_timeout: PATIENCE_MILLISECONDS, jit: "off" };
  const run = async (lexical: boolean) => {
    const asked = statement(ranking, { lexical });
    const result: unknown = isEmbedded(orm)
      ? await orm.execute(asked)
      : await withSettings(orm, settings, (tx) => tx.execute(asked));
    return rowsOf<FoundRow>(result);
  };
  const rows = await run(true).catch((error: unknown) => {
    if (!ranOutOfTime(error)) throw error;
    return run(false);
  });
  const papers = new Map<number, FoundPaper>();
  const lists: number[][] = [[], [], [], []];
  for (const row of rows) {
    const paper = found(row);
    papers.set(paper.id, paper);
    lists[row.list].push(paper.id);
  }
  const [whole, part, near, titled] = lists;
  const byWords = [...new Set([...whole, ...part])].slice(0, LIST_LENGTH);
  return [byWords, near, titled].map((list) => list.flatMap((id) => papers.get(id) ?? []));
}
