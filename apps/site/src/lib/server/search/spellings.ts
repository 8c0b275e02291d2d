import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { queryWithTimeout } from "./query-with-timeout.ts";

/** A lexeme that papers have, spelled like a word that none has. */
export interface Spelling {
  readonly lexeme: string;
  /** In how many papers it occurs. */
  readonly df: number;
  /** How much it is like the word, from 0 to 1: by trigrams, and 1 where only two neighboring letters are swapped. */
  readonly similarity: number;
}

/** Words that no paper has, and what is spelled like each, most alike first. */
export type Spellings = ReadonlyMap<string, readonly Spelling[]>;

/** Number of lexemes for a word. */
const SPELLINGS = 3;

/**
 * A word with each two neighboring letters swapped. A swap is one slip, but takes up to four of a word's trigrams:
 * "gradeint" has fewer in common with "gradient" than a word with a letter too many.
 */
function swapped(word: string): readonly string[] {
  const letters = [...word];
  const words = letters
    .slice(1)
    .map((letter, i) => [...letters.slice(0, i), letter, letters[i], ...letters.slice(i + 2)].join(""));
  return [...new Set(words)].filter((other) => other !== word);
}

/** Looks up the lexemes spelled like each of some words; no word is told of when that takes too long. */
export async function spellingsOf(orm: Orm, words: readonly string[]): Promise<Spellings> {
  if (words.length === 0) return new Map();
  // One statement each: the planner takes the index only for a word that it sees.
  const close = words.map((word) => {
    const swaps = sql`string_to_array(${swapped(word).join(" ")}::text, ' ')`;
    return sql`(
      select ${word}::text as word, lexeme, df, similarity
      from (
        select lexeme, df, 1::real as similarity from term_stats where lexeme = any(${swaps})
        union all
        select lexeme, df, similarity(lexeme, ${word}::text)
        from term_stats where lexeme % ${word}::text and lexeme <> all(${swaps})
      ) as alike
      where lexeme ~ '^[[:alnum:]]+$'
      order by similarity desc, df desc, lexeme limit ${SPELLINGS})`;
  });
  const result = await queryWithTimeout(orm, sql.join(close, sql` union all `));
  if (result === undefined) return new Map();
  const found = Map.groupBy(rowsOf<Spelling & { word: string }>(result), ({ word }) => word);
  return new Map(
    words.map((word) => [
      word,
      (found.get(word) ?? []).map(({ lexeme, df, similarity }) => ({ lexeme, df, similarity })),
    ]),
  );
}
