import { type SQL, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { ranOutOfTime, withSettings } from "../database/settings.ts";
import type { QueryParts } from "./normalize.ts";

/** Documents in each ranked list. */
export const LIST_LENGTH = 100;
/** Documents that are scored, the hottest of those that match. */
const CANDIDATES = 2000;
/** With fewer documents that match all of the query, those that match a part of it follow. */
const ENOUGH = 10;
/** Milliseconds for the whole list, on a server: the embedded database has no timers, only the limits above. */
const PATIENCE_MILLISECONDS = 400;
/** Terms of more than this share of the papers say nothing in a query that has others. */
const COMMON = 0.3;

/** A term of the query, and in how many papers it occurs. */
export interface QueryTerm {
  readonly lexeme: string;
  readonly df: number;
  /** How often the query has it. */
  readonly count: number;
}

/** The terms of the query's wanted part, and the number of papers that are indexed. */
export async function queryTerms(
  orm: Orm,
  wanted: string,
): Promise<{ readonly terms: readonly QueryTerm[]; readonly papers: number }> {
  const rows = rowsOf<{ lexeme: string | null; count: number; df: number | null; papers: number | null }>(
    await orm.execute(sql`
      select q.lexeme, cardinality(q.positions)::int as count, s.df,
             (select df from term_stats where lexeme = '') as papers
      from (select 1) one
      left join unnest(to_tsvector('english', unaccent(${wanted}))) q on true
      left join term_stats s on s.lexeme = q.lexeme
      order by q.lexeme`),
  );
  const terms = rows
    .filter((row) => row.lexeme !== null)
    .map(({ lexeme, count, df }) => ({ lexeme: lexeme ?? "", count: count ?? 1, df: df ?? 0 }));
  return { terms, papers: rows[0]?.papers ?? 0 };
}

/** `ln(1 + (N - df + 1/2) / (df + 1/2))`. */
export function inverseFrequency(df: number, papers: number): number {
  return Math.log(1 + (papers - df + 0.5) / (df + 0.5));
}

/** A lexeme as a tsquery. */
function quoted(lexeme: string): string {
  return `'${lexeme.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/** Documents that match `query`, by the sum of their terms' inverse frequencies, twice for terms of the title. */
async function scored(
  orm: Orm,
  condition: SQL,
  terms: readonly QueryTerm[],
  papers: number,
): Promise<number[]> {
  const weights = JSON.stringify(
    terms.map(({ lexeme, df }) => ({ query: quoted(lexeme), idf: inverseFrequency(df, papers) })),
  );
  const rows = rowsOf<{ id: number | string }>(
    await orm.execute(sql`
      with term as (
        select query::tsquery as query, idf
        from jsonb_to_recordset(${weights}::text::jsonb) t (query text, idf double precision)
      ), hit as materialized (
        select id, tsv, hot, published_at, arxiv_id from papers where ${condition} and not hidden
        order by hot desc nulls last, id desc limit ${CANDIDATES}
      ), candidate as materialized (
        -- Each tsvector is unpacked here, once, not for every term.
        select id, strip(tsv) as words, ts_filter(tsv, '{a}') as title, hot, published_at, arxiv_id from hit
      )
      select c.id from candidate c
      cross join lateral (
        select sum(term.idf * ((c.words @@ term.query)::int + (c.title @@ term.query)::int)) as score from term
      ) s
      order by s.score desc, c.hot desc nulls last, c.published_at desc, c.arxiv_id
      limit ${LIST_LENGTH}`),
  );
  return rows.map(({ id }) => Number(id));
}

/**
 * Documents by their words: those that match the whole query first; where they are few and the query has no
 * operator, those that match any of its terms follow, very common terms left out when others remain. What has not
 * been found after `patience` milliseconds is left out.
 */
export async function lexicalList(
  orm: Orm,
  { wanted, operators }: QueryParts,
  terms: readonly QueryTerm[],
  papers: number,
  { patience = PATIENCE_MILLISECONDS }: { readonly patience?: number } = {},
): Promise<number[]> {
  const known = terms.filter(({ df }) => df > 0);
  if (known.length === 0) return [];
  const end = performance.now() + patience;
  const inTime = async (condition: SQL, by: readonly QueryTerm[]): Promise<number[]> => {
    const left = Math.ceil(end - performance.now());
    if (left <= 0) return [];
    try {
      return await withSettings(orm, { statement_timeout: left }, (tx) => scored(tx, condition, by, papers));
    } catch (error) {
      if (ranOutOfTime(error)) return [];
      throw error;
    }
  };
  const list = await inTime(sql`tsv @@ websearch_to_tsquery('english', unaccent(${wanted}))`, known);
  if (list.length >= ENOUGH || operators) return list;
  const rare = known.filter(({ df }) => df <= COMMON * papers);
  const any = rare.length > 0 ? rare : known;
  const query = any.map(({ lexeme }) => quoted(lexeme)).join(" | ");
  const more = await inTime(sql`tsv @@ ${query}::tsquery`, any);
  return [...new Set([...list, ...more])].slice(0, LIST_LENGTH);
}
