import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { searchable } from "./searchable.ts";

/** What HTML consists of beside its words: formulas, tags, entities. */
const MARKUP = String.raw`<math[\s>].*?<\/math>|<[^>]*>|&[#\w]+;`;
/**
 * Letters beyond ASCII, of nearly all scripts, without the signs between them; Unicode's own classes take five times as
 * long.
 */
const FOREIGN = String.raw`\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u1fff\u2c00-\u2fff\u3040-\ud7ff\uf900-\ufaff`;
const LETTER = `[A-Za-z0-9${FOREIGN}]`;
const isPlain = /^[a-z0-9]$/;

/** The lexemes of words. */
export type KnownWords = Map<string, readonly string[]>;

/** A word of some HTML. */
interface Place {
  readonly index: number;
  readonly word: string;
}

/** Both cases of a letter; a stem may have "i" for the "y" of its word: "die" is that of "dying". */
const alike = (letter: string) => (letter === "i" || letter === "y" ? "iIyY" : letter + letter.toUpperCase());

/**
 * Finds markup, and the words that may have one of some lexemes: a stem begins with the two letters with which its word
 * does, but for accents.
 */
export function candidateWords(lexemes: readonly string[]): RegExp {
  const seconds = new Map<string, Set<string>>();
  for (const [first, second] of lexemes)
    if (isPlain.test(first)) seconds.set(first, (seconds.get(first) ?? new Set()).add(second ?? ""));
  const beginnings = [...seconds].map(([first, after]) => {
    const letters = [...after];
    // After a letter that stands alone, or before a sign, anything may follow.
    const second = letters.every((letter) => isPlain.test(letter))
      ? `[${letters.map(alike).join("")}${FOREIGN}]`
      : "";
    return `[${alike(first)}]${second}`;
  });
  return new RegExp(
    `${MARKUP}|(?<!${LETTER})(?:${[...beginnings, `[${FOREIGN}]`].join("|")})${LETTER}*`,
    "gs",
  );
}

/** Where such words are in HTML: only in text, never in a tag, an entity or a formula. */
function placesOf(html: string, pattern: RegExp): Place[] {
  const found: Place[] = [];
  pattern.lastIndex = 0;
  // `matchAll` would copy the pattern for each piece.
  for (let match = pattern.exec(html); match !== null; match = pattern.exec(html)) {
    const [word] = match;
    const first = word.charCodeAt(0);
    if (first !== 38 && first !== 60) found.push({ index: match.index, word });
  }
  return found;
}

/** HTML with the words that stand for one of some lexemes in `<mark>`. */
function withMarks(
  html: string,
  places: readonly Place[],
  lexemes: ReadonlySet<string>,
  known: KnownWords,
): string {
  let marked = "";
  let end = 0;
  for (const { index, word } of places) {
    if (!known.get(word)?.some((lexeme) => lexemes.has(lexeme))) continue;
    marked += `${html.slice(end, index)}<mark>${word}</mark>`;
    end = index + word.length;
  }
  return end === 0 ? html : marked + html.slice(end);
}

/**
 * Marks in some pieces of HTML the words that stand for one of some lexemes. `lookUp` is asked for the lexemes of words
 * that are not known yet.
 */
export async function markWords(
  pieces: readonly string[],
  lexemes: readonly string[],
  known: KnownWords,
  lookUp: (
    words: readonly string[],
  ) => Promise<Iterable<readonly [word: string, lexemes: readonly string[]]>>,
): Promise<string[]> {
  if (lexemes.length === 0) return [...pieces];
  const pattern = candidateWords(lexemes);
  const places = pieces.map((html) => placesOf(html, pattern));
  const unknown = new Set<string>();
  for (const { word } of places.flat()) if (!known.has(word)) unknown.add(word);
  if (unknown.size > 0) for (const [word, own] of await lookUp([...unknown])) known.set(word, own);
  const wanted = new Set(lexemes);
  return pieces.map((html, i) => withMarks(html, places[i], wanted, known));
}

/** Has the database say which lexemes words stand for. */
export async function lexemesOf(
  orm: Orm,
  words: readonly string[],
): Promise<(readonly [word: string, lexemes: readonly string[]])[]> {
  const rows = rowsOf<{ word: string; lexemes: readonly string[] }>(
    await orm.execute(sql`
      select word, tsvector_to_array(to_tsvector('english', ${searchable(sql`word`)})) as lexemes
      from jsonb_array_elements_text(${JSON.stringify(words)}::text::jsonb) word`),
  );
  return rows.map(({ word, lexemes }) => [word, lexemes] as const);
}

/** Words that are remembered at most. */
const MOST_WORDS = 50_000;

let kept: KnownWords = new Map();

/** Marks in some pieces of HTML the words that stand for one of the lexemes of a query. */
export function markFound(
  orm: Orm,
  pieces: readonly string[],
  lexemes: readonly string[],
): Promise<string[]> {
  // Whoever waits for words of the earlier ones goes on with these.
  if (kept.size > MOST_WORDS) kept = new Map();
  return markWords(pieces, lexemes, kept, (words) => lexemesOf(orm, words));
}
