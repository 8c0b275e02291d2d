import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { spelledOut } from "./abbreviations.ts";
import { normalizeQuery, splitQuery } from "./normalize.ts";
import { searchable } from "./searchable.ts";

/** A query as the database is asked: without operators, what its abbreviations stand for will do in their place. */
function asked(query: string): string {
  const { text } = normalizeQuery(query);
  return splitQuery(text).operators ? text : spelledOut(text);
}

/**
 * Which of some papers match each query as a whole, by their words: the ids in no order, for each query. Stop words
 * alone match nothing.
 */
export async function lexicalMatches(
  orm: Orm,
  queries: readonly string[],
  ids: readonly number[],
): Promise<Map<string, ReadonlySet<number>>> {
  const matches = new Map(queries.map((query) => [query, new Set<number>()]));
  if (queries.length === 0 || ids.length === 0) return matches;
  const texts = JSON.stringify(queries.map(asked));
  const rows = rowsOf<{ n: number; id: number | string }>(
    await orm.execute(sql`
      with read as materialized (
        select n::int as n, websearch_to_tsquery('english', ${searchable(sql`text`)}) as query
        from jsonb_array_elements_text(${texts}::text::jsonb) with ordinality as given (text, n)
      )
      select read.n, papers.id from read join papers on papers.tsv @@ read.query
      where papers.id = any(${`{${ids.join()}}`}::bigint[]) and not papers.hidden and numnode(read.query) > 0`),
  );
  for (const { n, id } of rows) matches.get(queries[n - 1])?.add(Number(id));
  return matches;
}
