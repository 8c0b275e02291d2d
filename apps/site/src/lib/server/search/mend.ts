import type { Orm } from "../database/connect.ts";
import { lexemesOf } from "./mark.ts";
import { type Spellings, spellingsOf } from "./spellings.ts";
import { type QueryTerm, quoted, type ReadQuery, unknownOf } from "./terms.ts";

/** Number of unknown words of a query that are corrected, longest first. */
const MENDED = 6;
/** Shortest word that is corrected: shorter ones resemble too many others. */
const SHORTEST = 4;
/** Least similarity of an unknown word to a known one: of a short word one letter is a larger part. */
const LEAST_SIMILARITY = { short: 0.5, long: 0.4 } as const;
const LONG = 6;

/** The known lexeme spelled most like each unknown one, if any is similar. */
function closestLexemes(spellings: Spellings): ReadonlyMap<string, QueryTerm> {
  const closest = new Map<string, QueryTerm>();
  for (const [word, [first]] of spellings) {
    const least = word.length < LONG ? LEAST_SIMILARITY.short : LEAST_SIMILARITY.long;
    if (first && first.similarity >= least)
      closest.set(word, { lexeme: first.lexeme, df: first.df, count: 1 });
  }
  return closest;
}

/** A query with its mended words. */
export interface Mended {
  readonly read: ReadQuery;
  /** What is spelled like its unknown words, of those that were looked up. */
  readonly spellings: Spellings;
  /** The lexemes that were taken for others. */
  readonly replaced: ReadonlySet<string>;
}

/** A query whose unknown words are taken for the known ones that are spelled alike: each of them. */
export async function mendQuery(orm: Orm, read: ReadQuery): Promise<Mended> {
  const unknown = unknownOf(read)
    .filter((lexeme) => lexeme.length >= SHORTEST && /^[\p{L}\p{N}]+$/u.test(lexeme))
    .sort((a, b) => b.length - a.length)
    .slice(0, MENDED);
  const spellings = await spellingsOf(orm, unknown);
  const closest = closestLexemes(spellings);
  if (closest.size === 0) return { read, spellings, replaced: new Set() };
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
  const replaced = new Set(closest.keys());
  return { read: { ...read, terms: [...terms.values()], query }, spellings, replaced };
}

/** The words of a text that stand for one of some lexemes, as they are written. */
export async function writtenAs(
  orm: Orm,
  text: string,
  lexemes: ReadonlySet<string>,
): Promise<readonly string[]> {
  if (lexemes.size === 0) return [];
  const words = new Set(text.match(/[\p{L}\p{N}]+/gu));
  const own = await lexemesOf(orm, [...words]);
  return own.filter(([, of]) => of.some((lexeme) => lexemes.has(lexeme))).map(([word]) => word);
}
