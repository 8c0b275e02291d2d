import { type SQL, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import type { Space } from "../embedding/nearness.ts";
import { ask } from "./ask.ts";
import { LIST_LENGTH, lexicalLists } from "./lexical.ts";
import { hasUnwanted, spelledList, titleList, vectorList } from "./lists.ts";
import type { QueryParts } from "./normalize.ts";
import type { ReadQuery } from "./terms.ts";

/** Up to this many papers, a query with an unknown word is compared with every title. */
const COMPARE_ALL = 5000;
/** With fewer documents that match all of the query, those that match a part of it follow. */
const ENOUGH = 10;

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

/** A paper as the statements give it: one value a statement, because the drivers read a value in little time. */
type FoundValue = readonly [
  list: number,
  id: number,
  hot: number | null,
  publishedAt: number,
  arxivId: string,
  runs: boolean,
  passes: boolean,
];

/** What is read of each paper found, as a part of a statement on `papers`; `condition` are the filters. */
function standing(condition: SQL | undefined): SQL {
  return sql`papers.id, papers.hot, extract(epoch from papers.published_at) * 1000, papers.arxiv_id,
    papers.spec_slug is not null, (${condition ?? sql`true`})`;
}

const found = ([_list, id, hot, publishedAt, arxivId, runs, passes]: FoundValue): FoundPaper => ({
  id,
  hot: hot ?? Number.NEGATIVE_INFINITY,
  publishedAt,
  arxivId,
  runs,
  passes,
});

/** The papers that a statement found. */
function valuesOf(result: unknown): readonly FoundValue[] {
  return rowsOf<{ found: readonly FoundValue[] | null }>(result)[0]?.found ?? [];
}

/** The paper of an arXiv identifier. */
export async function identified(
  orm: Orm,
  arxivId: string,
  condition: SQL | undefined,
): Promise<FoundPaper | undefined> {
  const values = valuesOf(
    await orm.execute(sql`
      select json_agg(json_build_array(0, ${standing(condition)})) as found
      from papers where arxiv_id = ${arxivId} and not hidden`),
  );
  return values.map(found)[0];
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
  const unknown = read.terms.filter(({ df }) => df === 0).map(({ lexeme }) => lexeme);
  // A query whose words are all known has no typing errors: its titles are compared among what was found.
  const known = read.terms.length > 0 && unknown.length === 0;
  const bounded = known || read.papers > COMPARE_ALL;
  const among = sql`id in (
    select id from whole union select id from part union select id from near union select id from spelled)`;
  // Marks alone are like no word.
  const titled = /[\p{L}\p{N}]/u.test(parts.wanted)
    ? titleList(read.folded, bounded ? among : undefined)
    : nothing;
  const unwanted = hasUnwanted(parts.unwanted);
  return sql`
    with whole as materialized (${whole ?? nothing}),
    part as materialized (
      select * from (${part ?? nothing}) loosened where (select count(*) from whole) < ${ENOUGH}
    ),
    near as materialized (${near ? vectorList(near.space, near.vector) : nothing}),
    spelled as materialized (${bounded && unknown.length > 0 ? spelledList(unknown) : sql`select null::bigint as id where false`}),
    titled as materialized (${titled})
    select json_agg(json_build_array(list.list, ${standing(condition)}) order by list.list, list.place) as found
    from (
      select 0 as list, id, place from whole union all select 1, id, place from part union all
      select 2, id, place from near union all select 3, id, place from titled
    ) list
    join papers on papers.id = list.id
    where not papers.hidden ${unwanted ? sql`and (${unwanted}) is not true` : sql``}`;
}

/**
 * Up to 100 papers each by their words, by meaning and by spelling of titles. When the words take too long, the list
 * by words is empty.
 */
export async function rankedLists(orm: Orm, ranking: Ranking): Promise<readonly (readonly FoundPaper[])[]> {
  const result =
    (await ask(orm, statement(ranking, { lexical: true }))) ??
    (await ask(orm, statement(ranking, { lexical: false })));
  const values = result === undefined ? [] : valuesOf(result);
  const papers = new Map<number, FoundPaper>();
  const lists: number[][] = [[], [], [], []];
  for (const value of values) {
    const paper = found(value);
    papers.set(paper.id, paper);
    lists[value[0]].push(paper.id);
  }
  const [whole, part, near, titled] = lists;
  const byWords = [...new Set([...whole, ...part])].slice(0, LIST_LENGTH);
  return [byWords, near, titled].map((list) => list.flatMap((id) => papers.get(id) ?? []));
}
