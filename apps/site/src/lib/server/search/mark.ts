import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";

/** What HTML consists of: formulas, tags, entities, words. */
const PART = /<math[\s>].*?<\/math>|<[^>]*>|&[#\w]+;|[\p{L}\p{N}]+/gsu;
/** Words whose stems are kept, but for those of one more page. */
const LARGEST = 50_000;

/** The lexemes of words, as they are written; a word always has the same ones. */
const known = new Map<string, readonly string[]>();

async function learn(orm: Orm, words: ReadonlySet<string>): Promise<void> {
  if (words.size === 0) return;
  const rows = rowsOf<{ word: string; lexemes: readonly string[] }>(
    await orm.execute(sql`
      select word, tsvector_to_array(to_tsvector('english', unaccent(word))) as lexemes
      from jsonb_array_elements_text(${JSON.stringify([...words])}::text::jsonb) word`),
  );
  for (const { word, lexemes } of rows) known.set(word, lexemes);
}

/** HTML with its found words in `<mark>`: only in text, never in a tag, an entity or a formula. */
export function markHtml(html: string, isFound: (word: string) => boolean): string {
  return html.replace(PART, (part) => {
    const first = part.charCodeAt(0);
    // Most parts are words, and most words were not asked for.
    return first !== 38 && first !== 60 && isFound(part) ? `<mark>${part}</mark>` : part;
  });
}

/** Marks in some pieces of HTML the words that stand for one of the lexemes of a query. */
export async function markFound(
  orm: Orm,
  pieces: readonly string[],
  lexemes: readonly string[],
): Promise<string[]> {
  if (lexemes.length === 0) return [...pieces];
  if (known.size > LARGEST) known.clear();
  const wanted = new Set(lexemes);
  const unknown = new Set<string>();
  const isFound = (word: string) => {
    const own = known.get(word);
    if (!own) unknown.add(word);
    return own?.some((lexeme) => wanted.has(lexeme)) ?? false;
  };
  const marked = pieces.map((html) => markHtml(html, isFound));
  if (unknown.size === 0) return marked;
  await learn(orm, unknown);
  return pieces.map((html) => markHtml(html, isFound));
}
