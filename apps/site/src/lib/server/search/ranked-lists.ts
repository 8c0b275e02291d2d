import { type SQL, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import {
  closeLexemes,
  excludedCondition,
  spelledList,
  type Titled,
  titleList,
  titleMatchesAmong,
  vectorList,
} from "./candidates.ts";
import type { VectorSpace } from "./embedding/vector-index.ts";
import { type LeastHot, leastHot } from "./hottest.ts";
import { LIST_LENGTH, lexicalLists } from "./lexical.ts";
import type { QueryParts } from "./normalize.ts";
import { queryWithTimeout } from "./query-with-timeout.ts";
import type { Spelling, Spellings } from "./spellings.ts";
import { type ReadQuery, unknownOf } from "./terms.ts";

/** Up to this many papers, a query with an unknown word is compared with every title. */
const COMPARE_ALL = 5000;
/** With fewer documents that match all of the query, those that match a part of it follow. */
const ENOUGH = 10;

/** The lists of a statement. */
const WHOLE = 0;
const PART = 1;
const NEAR = 2;
const TITLED = 3;
const SPELLED = 4;

/** A search hit. */
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
  /** Whether it is about the query: it has all of its words, a title like it, or nearly as much as the best. */
  readonly close: boolean;
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
  folded: string | null,
  share: number,
];

/** Share of the best score or cosine from which on a paper is about the query as much as the best. */
const CLOSE = 0.6;

/** What is read of each paper found, as a part of a statement on `papers`; `condition` are the filters. */
function foundColumns(condition: SQL | undefined): SQL {
  return sql`papers.id, papers.hot, (extract(epoch from papers.published_at) * 1000)::bigint, papers.arxiv_id,
    papers.spec_slug is not null, (${condition ?? sql`true`}), papers.title_folded`;
}

const found = ([list, id, hot, publishedAt, arxivId, runs, passes, folded, share]: FoundValue): FoundPaper &
  Titled => ({
  id,
  hot: hot ?? Number.NEGATIVE_INFINITY,
  publishedAt,
  arxivId,
  runs,
  passes,
  close: list === WHOLE || list === TITLED || share >= CLOSE,
  // Missing until a paper is indexed.
  folded: folded ?? "",
});

/** The papers that a statement found. */
function valuesOf(result: unknown): readonly FoundValue[] {
  return rowsOf<{ found: readonly FoundValue[] | null }>(result)[0]?.found ?? [];
}

/** The paper of an arXiv identifier. */
export async function paperById(
  orm: Orm,
  arxivId: string,
  condition: SQL | undefined,
): Promise<FoundPaper | undefined> {
  const values = valuesOf(
    await orm.execute(sql`
      select json_agg(json_build_array(0, ${foundColumns(condition)}, 1)) as found
      from papers where arxiv_id = ${arxivId} and not hidden`),
  );
  return values.map(found)[0];
}

/** Inputs of the ranking. */
export interface Ranking {
  readonly parts: QueryParts;
  readonly read: ReadQuery;
  /** What is spelled like its unknown words, of those that were looked up. */
  readonly spellings?: Spellings;
  /** Where the query is among the papers, by the model that says it. */
  readonly near?: { readonly space: VectorSpace; readonly vector: ArrayLike<number> };
  /** The filters of the search, whose result is reported, not applied. */
  readonly condition?: SQL;
}

/** Which titles are compared with the query. */
type Compared =
  /** None: the query has no word. */
  | "none"
  /** All. */
  | "all"
  /** Those of papers found otherwise: the words are known, so that none is misspelled. */
  | "found"
  /** Those and what has words spelled like the unknown ones: there are too many to compare all. */
  | "spelled alike";

function compared({ parts, read }: Ranking): Compared {
  if (!/[\p{L}\p{N}]/u.test(parts.wanted)) return "none";
  const unknown = unknownOf(read);
  if (read.terms.length > 0 && unknown.length === 0) return "found";
  if (read.papers <= COMPARE_ALL) return "all";
  return unknown.length > 0 ? "spelled alike" : "found";
}

/** The titles that are compared, `close` being the lexemes spelled like unknown ones, and how words are looked for. */
interface Lookup {
  readonly titles: Compared;
  readonly close: readonly Spelling[];
  /** Whether words are looked for. */
  readonly lexical: boolean;
  readonly hot: LeastHot;
}

/** One statement for all lists: each is read once, and its papers with what orders and filters them. */
function statement({ parts, read, near, condition }: Ranking, { titles, close, lexical, hot }: Lookup): SQL {
  const { whole, part } = lexical ? lexicalLists(read, parts, hot) : {};
  const lists: SQL[] = [];
  const withs: SQL[] = [];
  const add = (list: number, name: string, rows: SQL) => {
    withs.push(sql`${sql.identifier(name)} as materialized (${rows})`);
    lists.push(sql`select ${list}::int as list, id, place, share from ${sql.identifier(name)}`);
  };
  if (whole) add(WHOLE, "whole", whole);
  if (part)
    add(
      PART,
      "part",
      whole ? sql`select * from (${part}) loosened where (select count(*) from whole) < ${ENOUGH}` : part,
    );
  if (near) add(NEAR, "near", vectorList(near.space, near.vector));
  if (titles === "all") add(TITLED, "titled", titleList(read.folded));
  if (close.length > 0)
    add(
      SPELLED,
      "spelled",
      sql`select id, 0 as place, 0::float8 as share from (${spelledList(close, hot)}) spelled`,
    );
  if (lists.length === 0) return sql`select null as found`;
  const unwanted = excludedCondition(parts.unwanted);
  return sql`
    with ${sql.join(withs, sql`, `)}
    select json_agg(json_build_array(list.list, ${foundColumns(condition)}, list.share) order by list.list, list.place) as found
    from (${sql.join(lists, sql` union all `)}) list
    join papers on papers.id = list.id
    where not papers.hidden ${unwanted ? sql`and (${unwanted}) is not true` : sql``}`;
}

/**
 * Up to 100 papers each by their words, by meaning and by spelling of titles. When the words take too long, the list
 * by words is empty.
 */
export async function rankedLists(orm: Orm, ranking: Ranking): Promise<readonly (readonly FoundPaper[])[]> {
  const titles = compared(ranking);
  const close =
    titles === "spelled alike" ? await closeLexemes(orm, unknownOf(ranking.read), ranking.spellings) : [];
  const lookup = { titles, close, hot: await leastHot(orm) };
  const result =
    (await queryWithTimeout(orm, statement(ranking, { ...lookup, lexical: true }))) ??
    (await queryWithTimeout(orm, statement(ranking, { ...lookup, lexical: false })));
  const papers = new Map<number, FoundPaper & Titled>();
  const lists: number[][] = [[], [], [], [], []];
  for (const value of result === undefined ? [] : valuesOf(result)) {
    const paper = found(value);
    papers.set(paper.id, { ...paper, close: paper.close || (papers.get(paper.id)?.close ?? false) });
    lists[value[0]].push(paper.id);
  }
  const byWords = [...new Set([...lists[WHOLE], ...lists[PART]])].slice(0, LIST_LENGTH);
  const listed = (ids: readonly number[]) => ids.flatMap((id) => papers.get(id) ?? []);
  const titled =
    titles === "all"
      ? listed(lists[TITLED])
      : titles === "none"
        ? []
        : titleMatchesAmong(ranking.read.folded, papers.values());
  const asTitled = titled.map((paper) => ({ ...paper, close: true }));
  for (const paper of asTitled) papers.set(paper.id, paper);
  return [listed(byWords), listed(lists[NEAR]), listed(asTitled.map(({ id }) => id))];
}
