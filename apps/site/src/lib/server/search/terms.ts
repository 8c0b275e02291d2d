import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";

/** A term of the query, and in how many papers it occurs. */
export interface QueryTerm {
  readonly lexeme: string;
  readonly df: number;
  /** How often the query has it. */
  readonly count: number;
}

/** The wanted part of a query as the database reads it. */
export interface ReadQuery {
  readonly terms: readonly QueryTerm[];
  /** How many papers are indexed. */
  readonly papers: number;
  /** As a `tsquery`. */
  readonly query: string;
  /** Without accents, in lower case, as titles are compared. */
  readonly folded: string;
}

/** Has the database read the wanted part of a query. */
export async function readQuery(orm: Orm, wanted: string): Promise<ReadQuery> {
  const rows = rowsOf<{
    lexeme: string | null;
    count: number;
    df: number | null;
    papers: number | null;
    query: string;
    folded: string;
  }>(
    await orm.execute(sql`
      select t.lexeme, cardinality(t.positions)::int as count, s.df,
             (select df from term_stats where lexeme = '') as papers,
             websearch_to_tsquery('english', plain)::text as query, lower(plain) as folded
      from (select unaccent(${wanted}) as plain) q
      left join unnest(to_tsvector('english', plain)) t on true
      left join term_stats s on s.lexeme = t.lexeme
      order by t.lexeme`),
  );
  const [{ papers, query, folded }] = rows;
  const terms = rows.flatMap(({ lexeme, count, df }) =>
    lexeme === null ? [] : [{ lexeme, count: count ?? 1, df: df ?? 0 }],
  );
  return { terms, papers: papers ?? 0, query, folded };
}

/** `ln(1 + (N - df + 1/2) / (df + 1/2))`. */
export function inverseFrequency(df: number, papers: number): number {
  return Math.log(1 + (papers - df + 0.5) / (df + 0.5));
}

/** A lexeme as a `tsquery`. */
export function quoted(lexeme: string): string {
  return `'${lexeme.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
