import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { queryWithTimeout } from "./query-with-timeout.ts";
import { type QueryTerm, quoted, type ReadQuery, unknownOf } from "./terms.ts";

/** Number of unknown words of a query that are corrected, longest first. */
const MENDED = 6;
/** Shortest word that is corrected: shorter ones resemble too many others. */
const SHORTEST = 4;
/** Least similarity of an unknown word to a known one: of a short word one letter is a larger part. */
const LEAST_SIMILARITY = { short: 0.5, long: 0.4 } as const;
const LONG = 6;

/** The known lexeme spelled most like each unknown one, if any is similar. */
async function closestLexemes(orm: Orm, unknown: readonly string[]): Promise<ReadonlyMap<string, QueryTerm>> {
  // One statement each: the planner takes the index only for a word that it sees.
  const closest = unknown.map(
    (word) => sql`(
      select ${word}::text as word, lexeme, df from term_stats
      where lexeme % ${word}::text and lexeme ~ '^[[:alnum:]]+$'
        and similarity(lexeme, ${word}::text) >= ${word.length < LONG ? LEAST_SIMILARITY.short : LEAST_SIMILARITY.long}
      order by similarity(lexeme, ${word}::text) desc, df desc, lexeme limit 1)`,
  );
  const result = await queryWithTimeout(orm, sql.join(closest, sql` union all `));
  if (result === undefined) return new Map();
  const rows = rowsOf<{ word: string; lexeme: string; df: number }>(result);
  return new Map(rows.map(({ word, lexeme, df }) => [word, { lexeme, df, count: 1 }]));
}

/** A query whose unknown words are taken for the known ones that are spelled alike: each of them. */
export async function mendQuery(orm: Orm, read: ReadQuery): Promise<ReadQuery> {
  const unknown = unknownOf(read)
    .filter((lexeme) => lexeme.length >= SHORTEST && /^[\p{L}\p{N}]+$/u.test(lexeme))
    .sort((a, b) => b.length - a.length)
    .slice(0, MENDED);
  if (unknown.length === 0) return read;
  const closest = await closestLexemes(orm, unknown);
  if (closest.size === 0) return read;
  const terms = new Map<string, QueryTerm>();
  for (const term of read.terms) {
    const known = { ...(closest.get(term.lexeme) ?? term), count: term.count };
    const { lexeme } = known;
    terms.set(lexeme, { ...known, count: known.count + (terms.get(lexeme)?.count ?? 0) });
  }
  const query = read.query.replace(/'((?:[^']|'')*)'/g, (all, lexeme: string) => {
    const known = closest.get(lexeme.replaceAll("''", "'"));
    return known ? quoted(known.lexeme) : all;
  });
  return { ...read, terms: [...terms.values()], query };
}
