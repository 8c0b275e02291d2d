import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";

const WORD = /[\p{L}\p{N}]+/gu;

/** The words of some texts that stand for one of the lexemes of a query. */
export async function wordsFound(
  orm: Orm,
  texts: readonly string[],
  lexemes: readonly string[],
): Promise<ReadonlySet<string>> {
  const words = new Set(texts.flatMap((text) => text.match(WORD) ?? []).map((word) => word.toLowerCase()));
  if (words.size === 0 || lexemes.length === 0) return new Set();
  const rows = rowsOf<{ word: string }>(
    await orm.execute(sql`
      select word from jsonb_array_elements_text(${JSON.stringify([...words])}::text::jsonb) word
      where tsvector_to_array(to_tsvector('english', unaccent(word)))
            && array(select jsonb_array_elements_text(${JSON.stringify(lexemes)}::text::jsonb))`),
  );
  return new Set(rows.map(({ word }) => word));
}

/** HTML with its found words in `<mark>`: only in text, never in a tag, an entity or a formula. */
export function markHtml(html: string, found: ReadonlySet<string>): string {
  if (found.size === 0) return html;
  return html.replace(/<math[\s>].*?<\/math>|<[^>]*>|&[#\w]+;|[\p{L}\p{N}]+/gsu, (part) =>
    found.has(part.toLowerCase()) ? `<mark>${part}</mark>` : part,
  );
}
