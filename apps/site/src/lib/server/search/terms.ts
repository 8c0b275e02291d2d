import { sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import type { Abbreviation } from "./abbreviations.ts";
import { searchable } from "./searchable.ts";

/** A term of the query, and in how many papers it occurs. */
export interface QueryTerm {
  readonly lexeme: string;
  readonly df: number;
  /** How often the query has it. */
  readonly count: number;
}

/** An abbreviation in a query. */
export interface SpelledOut {
  /** The word and its plural. */
  readonly forms: readonly QueryTerm[];
  /** The terms of what it stands for. */
  readonly phrase: readonly QueryTerm[];
}

/** The wanted part of a query as the database reads it. */
export interface ReadQuery {
  readonly terms: readonly QueryTerm[];
  /** The abbreviations among its terms. */
  readonly spelledOut: readonly SpelledOut[];
  /** How many papers are indexed. */
  readonly papers: number;
  /** As a `tsquery`. */
  readonly query: string;
  /** Without accents, in lower case, as titles are compared. */
  readonly folded: string;
}

/** A hyphenated word of a `tsquery`, followed by its parts, between two operators that are no phrase's. */
const COMPOUND =
  /(?<=^|[&|(!]\s?)'([\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)+)'((?: <(?:-|\d+)> '[\p{L}\p{N}]+')+)(?= [&|)]|$)/gu;

/** Whether lexemes are some of these words in their order: a stem may differ from its word in its last letters. */
function areParts(lexemes: readonly string[], words: readonly string[]): boolean {
  let next = 0;
  return lexemes.every((lexeme) => {
    const stem = lexeme.length > 2 ? lexeme.slice(0, -1) : lexeme;
    const at = words.findIndex((word, i) => i >= next && word.startsWith(stem));
    next = at + 1;
    return at >= 0;
  });
}

/**
 * A `tsquery` whose hyphenated words stand alone: Postgres reads them, in texts as in queries, as one lexeme followed
 * by those of the parts, and to compare positions takes longer than all else of a search.
 */
function compoundsAlone(query: string): string {
  return query.replace(COMPOUND, (all: string, compound: string, parts: string) => {
    const lexemes = [...parts.matchAll(/'([^']+)'/g)].map(([, lexeme]) => lexeme);
    return areParts(lexemes, compound.split("-")) ? `'${compound}'` : all;
  });
}

/** Parses the positive part of a query in the database, with the expansions of its abbreviations. */
export async function readQuery(
  orm: Orm,
  wanted: string,
  abbreviations: readonly Abbreviation[] = [],
): Promise<ReadQuery> {
  const asked = abbreviations.flatMap(({ word, plural, phrase }, n) => [
    { part: `forms ${n}`, words: `${word} ${plural}` },
    { part: `phrase ${n}`, words: phrase },
  ]);
  const rows = rowsOf<{
    part: string | null;
    lexeme: string | null;
    count: number;
    df: number | null;
    papers: number | null;
    query: string;
    folded: string;
  }>(
    await orm.execute(sql`
      select null::text as part, t.lexeme, cardinality(t.positions)::int as count, s.df,
             (select df from term_stats where lexeme = '') as papers,
             websearch_to_tsquery('english', plain)::text as query, lower(plain) as folded
      from (select ${searchable(sql`${wanted}::text`)} as plain) q
      left join unnest(to_tsvector('english', plain)) t on true
      left join term_stats s on s.lexeme = t.lexeme
      union all
      select a.part, t.lexeme, 1, s.df, null, '', ''
      from jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) a(part text, words text)
      cross join unnest(to_tsvector('english', a.words)) t
      left join term_stats s on s.lexeme = t.lexeme
      order by 1 nulls first, 2`),
  );
  const [{ papers, query, folded }] = rows;
  const termsOf = (wanted: string | null) =>
    rows.flatMap(({ part, lexeme, count, df }) =>
      part !== wanted || lexeme === null ? [] : [{ lexeme, count: count ?? 1, df: df ?? 0 }],
    );
  return {
    terms: termsOf(null),
    spelledOut: abbreviations.map((_, n) => ({
      forms: termsOf(`forms ${n}`),
      phrase: termsOf(`phrase ${n}`),
    })),
    papers: papers ?? 0,
    query: compoundsAlone(query),
    folded,
  };
}

/** The terms that no paper has, but for abbreviations, which are not misspelled. */
export function unknownOf({ terms, spelledOut }: ReadQuery): readonly string[] {
  const known = new Set(spelledOut.flatMap(({ forms }) => forms.map(({ lexeme }) => lexeme)));
  return terms.filter(({ df, lexeme }) => df === 0 && !known.has(lexeme)).map(({ lexeme }) => lexeme);
}

/** `ln(1 + (N - df + 1/2) / (df + 1/2))`. */
export function inverseFrequency(df: number, papers: number): number {
  return Math.log(1 + (papers - df + 0.5) / (df + 0.5));
}

/** A lexeme as a `tsquery`. */
export function quoted(lexeme: string): string {
  return `'${lexeme.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
