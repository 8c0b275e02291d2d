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

/** Words whose stems are kept, but for those of one more page. */
const LARGEST = 50_000;

type Lexemes = Map<string, readonly string[]>;

/** The lexemes of words, as they are written; a word always has the same ones. */
let kept: Lexemes = new Map();

async function learn(orm: Orm, words: ReadonlySet<string>, known: Lexemes): Promise<void> {
  const rows = rowsOf<{ word: string; lexemes: readonly string[] }>(
    await orm.execute(sql`
      select word, tsvector_to_array(to_tsvector('english', ${searchable(sql`word`)})) as lexemes
      from jsonb_array_elements_text(${JSON.stringify([...words])}::text::jsonb) word`),
  );
  for (const { word, lexemes } of rows) known.set(word, lexemes);
}

/**
 * Markup, and the words that may have one of some lexemes: a stem begins as its word does, but for accents. Most words
 * of a text are passed over without a look at each.
 */
function candidates(lexemes: readonly string[]): RegExp {
  const first = new Set(lexemes.flatMap((lexeme) => lexeme.match(/^[a-z0-9]/) ?? []));
  const letters = [...first].map((letter) => letter + letter.toUpperCase()).join("");
  return new RegExp(`${MARKUP}|(?<!${LETTER})[${letters}${FOREIGN}]${LETTER}*`, "gs");
}

/**
 * HTML with its found words in `<mark>`: only in text, never in a tag, an entity or a formula. `isFound` tells of a
 * word that begins like one of the lexemes whether it stands for one.
 */
export function markHtml(
  pieces: readonly string[],
  lexemes: readonly string[],
  isFound: (word: string) => boolean,
): string[] {
  const pattern = candidates(lexemes);
  return pieces.map((html) =>
    html.replace(pattern, (part) => {
      const first = part.charCodeAt(0);
      return first !== 38 && first !== 60 && isFound(part) ? `<mark>${part}</mark>` : part;
    }),
  );
}

/** Marks in some pieces of HTML the words that stand for one of the lexemes of a query. */
export async function markFound(
  orm: Orm,
  pieces: readonly string[],
  lexemes: readonly string[],
): Promise<string[]> {
  if (lexemes.length === 0) return [...pieces];
  // Whoever waits for words of the earlier ones goes on with these.
  if (kept.size > LARGEST) kept = new Map();
  const known = kept;
  const wanted = new Set(lexemes);
  const unknown = new Set<string>();
  const isFound = (word: string) => {
    const own = known.get(word);
    if (!own) unknown.add(word);
    return own?.some((lexeme) => wanted.has(lexeme)) ?? false;
  };
  const marked = markHtml(pieces, lexemes, isFound);
  if (unknown.size === 0) return marked;
  await learn(orm, unknown, known);
  return markHtml(pieces, lexemes, isFound);
}
