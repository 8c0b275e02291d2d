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

/** Markup, and words. */
const PART = new RegExp(`${MARKUP}|${LETTER}+`, "gs");
const isForeign = new RegExp(`^[${FOREIGN}]`);

/** Where words are in a text: the place of each and its number, by turns. */
type Places = Int32Array;

/** Words with numbers and lexemes, and where they are in texts, but for those of one more page. */
interface Words {
  readonly numbers: Map<string, number>;
  readonly words: string[];
  /** By number, whether the lexemes of the word are known. */
  readonly known: boolean[];
  /** The numbers of the words that stand for a lexeme. */
  readonly byLexeme: Map<string, number[]>;
  readonly texts: Map<string, Places>;
}

/** Words and texts that are kept at most. */
const MOST_WORDS = 50_000;
const MOST_TEXTS = 6000;

export function noWords(): Words {
  return { numbers: new Map(), words: [], known: [], byLexeme: new Map(), texts: new Map() };
}

function numberOf(word: string, { numbers, words, known }: Words): number {
  let number = numbers.get(word);
  if (number === undefined) {
    number = words.length;
    numbers.set(word, number);
    words.push(word);
    known.push(false);
  }
  return number;
}

/** The words of HTML: only of text, never of a tag, an entity or a formula. */
function placesOf(html: string, words: Words): Places {
  const cached = words.texts.get(html);
  if (cached) return cached;
  const found: number[] = [];
  for (const { 0: part, index } of html.matchAll(PART)) {
    const first = part.charCodeAt(0);
    if (first !== 38 && first !== 60) found.push(index, numberOf(part, words));
  }
  const places = Int32Array.from(found);
  words.texts.set(html, places);
  return places;
}

/** A word always has the same lexemes. */
export function learn(word: string, lexemes: readonly string[], words: Words): void {
  const number = numberOf(word, words);
  if (words.known[number]) return;
  words.known[number] = true;
  for (const lexeme of new Set(lexemes)) {
    const same = words.byLexeme.get(lexeme);
    if (same) same.push(number);
    else words.byLexeme.set(lexeme, [number]);
  }
}

/**
 * Words of some HTML whose lexemes are not known and which may have one of those given: a stem begins as its word does,
 * but for accents.
 */
export function unknownWords(pieces: readonly string[], lexemes: readonly string[], words: Words): string[] {
  const first = new Set(lexemes.map((lexeme) => lexeme[0]));
  const unknown = new Set<number>();
  for (const html of pieces) {
    const places = placesOf(html, words);
    for (let i = 1; i < places.length; i += 2) if (!words.known[places[i]]) unknown.add(places[i]);
  }
  return [...unknown]
    .map((number) => words.words[number])
    .filter((word) => first.has(word[0].toLowerCase()) || isForeign.test(word));
}

/** HTML with the known words that stand for one of some lexemes in `<mark>`. */
export function markWords(pieces: readonly string[], lexemes: readonly string[], words: Words): string[] {
  const wanted = new Uint8Array(words.words.length);
  for (const lexeme of lexemes) for (const number of words.byLexeme.get(lexeme) ?? []) wanted[number] = 1;
  return pieces.map((html) => {
    const places = placesOf(html, words);
    let marked = "";
    let end = 0;
    for (let i = 0; i < places.length; i += 2) {
      if (wanted[places[i + 1]] !== 1) continue;
      const word = words.words[places[i + 1]];
      marked += `${html.slice(end, places[i])}<mark>${word}</mark>`;
      end = places[i] + word.length;
    }
    return end === 0 ? html : marked + html.slice(end);
  });
}

let kept = noWords();

/** Marks in some pieces of HTML the words that stand for one of the lexemes of a query. */
export async function markFound(
  orm: Orm,
  pieces: readonly string[],
  lexemes: readonly string[],
): Promise<string[]> {
  if (lexemes.length === 0) return [...pieces];
  // Whoever waits for words of the earlier ones goes on with these.
  if (kept.words.length > MOST_WORDS || kept.texts.size > MOST_TEXTS) kept = noWords();
  const words = kept;
  const unknown = unknownWords(pieces, lexemes, words);
  if (unknown.length > 0) {
    const rows = rowsOf<{ word: string; lexemes: readonly string[] }>(
      await orm.execute(sql`
        select word, tsvector_to_array(to_tsvector('english', ${searchable(sql`word`)})) as lexemes
        from jsonb_array_elements_text(${JSON.stringify(unknown)}::text::jsonb) word`),
    );
    for (const { word, lexemes } of rows) learn(word, lexemes, words);
  }
  return markWords(pieces, lexemes, words);
}
