import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";

const WORD = /[\p{L}\p{N}]+/gu;
/** Words whose stems are kept. */
const LARGEST = 50_000;

/** The lexemes of words; a word always has the same ones. */
const known = new Map<string, readonly string[]>();

async function lexemesOf(orm: Orm, words: ReadonlySet<string>): Promise<void> {
  const unknown = [...words].filter((word) => !known.has(word));
  if (unknown.length === 0) return;
  const rows = rowsOf<{ word: string; lexemes: readonly string[] }>(
    await orm.execute(sql`
      select word, tsvector_to_array(to_tsvector('english', unaccent(word))) as lexemes
      from jsonb_array_elements_text(${JSON.stringify(unknown)}::text::jsonb) word`),
  );
  if (known.size + rows.length > LARGEST) known.clear();
  for (const { word, lexemes } of rows) known.set(word, lexemes);
}

/** The words of some texts that stand for one of the lexemes of a query. */
export async function wordsFound(
  orm: Orm,
  texts: readonly string[],
  lexemes: readonly string[],
): Promise<ReadonlySet<string>> {
  const words = new Set(texts.flatMap((text) => text.match(WORD) ?? []).map((word) => word.toLowerCase()));
  if (words.size === 0 || lexemes.length === 0) return new Set();
  await lexemesOf(orm, words);
  return new Set([...words].filter((word) => known.get(word)?.some((lexeme) => lexemes.includes(lexeme))));
}

/** HTML with its found words in `<mark>`: only in text, never in a tag, an entity or a formula. */
export function markHtml(html: string, found: ReadonlySet<string>): string {
  if (found.size === 0) return html;
  return html.replace(/<math[\s>].*?<\/math>|<[^>]*>|&[#\w]+;|[\p{L}\p{N}]+/gsu, (part) =>
    found.has(part.toLowerCase()) ? `<mark>${part}</mark>` : part,
  );
}
