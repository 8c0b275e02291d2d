import { type SQL, sql } from "drizzle-orm";
import { inverseFrequency, type QueryTerm, quoted, type ReadQuery } from "./terms.ts";

/** Documents in each ranked list. */
export const LIST_LENGTH = 100;
/** Documents that are scored, the hottest of those that match. */
const CANDIDATES = 2000;
/** Comparisons of documents with terms: a query of many terms has fewer candidates. */
const COMPARISONS = 16_000;
/** Terms of more than this share of the papers say nothing in a query that has others. */
const COMMON = 0.3;
/** From so many documents that are likely to match, going through all by `hot` finds the hottest sooner than an index. */
const MANY = 5000;

/** `sum_t idf(t) ([t in words] + [t in title])`; where all papers have all terms, only the title tells them apart. */
function score(terms: readonly QueryTerm[], papers: number, titleOnly: boolean): SQL {
  const parts = terms.map(({ lexeme, df }) => {
    const term = sql`${quoted(lexeme)}::tsquery`;
    const idf = sql`${inverseFrequency(df, papers)}::float8`;
    const title = sql`(title_words @@ ${term})::int`;
    return titleOnly ? sql`${idf} * ${title}` : sql`${idf} * ((words @@ ${term})::int + ${title})`;
  });
  return sql.join(parts, sql` + `);
}

/** The best of the papers that pass a condition: their ids and places. */
function best(condition: SQL, terms: readonly QueryTerm[], papers: number, titleOnly: boolean): SQL {
  const most = Math.min(CANDIDATES, Math.max(LIST_LENGTH, Math.floor(COMPARISONS / terms.length)));
  return sql`
    select id, row_number() over (order by score desc, hot desc nulls last, published_at desc, arxiv_id) as place
    from (
      select id, hot, published_at, arxiv_id, ${score(terms, papers, titleOnly)} as score
      from (
        select id, hot, published_at, arxiv_id, words, title_words from papers where ${condition} and not hidden
        order by hot desc nulls last, id desc limit ${most}
      ) candidate
    ) scored
    order by place limit ${LIST_LENGTH}`;
}

/** How many papers are likely to have all of some terms: between independent terms and terms that come together. */
function likely(terms: readonly QueryTerm[], papers: number): number {
  const most = Math.min(...terms.map(({ df }) => df));
  const independent = terms.reduce((share, { df }) => share * (df / papers), papers);
  return Math.sqrt(most * independent);
}

/** The terms by which candidates are found: the rarest, and others as long as they bring no crowd. */
function telling(terms: readonly QueryTerm[]): readonly QueryTerm[] {
  const [rarest, ...others] = terms.toSorted((a, b) => a.df - b.df);
  let sum = rarest.df;
  return [
    rarest,
    ...others.filter(({ df }) => {
      sum += df;
      return sum <= CANDIDATES;
    }),
  ];
}

/** The lists of papers by their words, each a statement of ids and places. */
export interface LexicalLists {
  /** Papers that match the whole query; missing when none can. */
  readonly whole?: SQL;
  /** Papers that match a part of it, for a query without operators. */
  readonly part?: SQL;
}

/**
 * Documents by their words: by the sum of the inverse frequencies of the query's terms that they have, twice for terms
 * of the title. Very common terms are left out of a part of a query when others remain.
 */
export function lexicalLists(
  { terms, papers, query }: ReadQuery,
  { operators }: { readonly operators: boolean },
): LexicalLists {
  const known = terms.filter(({ df }) => df > 0);
  if (known.length === 0) return {};
  if (operators) return { whole: best(sql`tsv @@ ${query}::tsquery`, known, papers, false) };
  const rare = known.filter(({ df }) => df <= COMMON * papers);
  const any = rare.length > 0 ? rare : known;
  const crowd = sql.param(
    telling(any)
      .map(({ lexeme }) => quoted(lexeme))
      .join(" | "),
  );
  const part =
    known.length > 1 || terms.length > 1
      ? best(sql`tsv @@ ${crowd}::tsquery`, any, papers, false)
      : undefined;
  if (known.length < terms.length) return { part };
  // Words without positions know no phrases, which compound words are.
  const wordsDo = !query.includes("<") && likely(known, papers) > MANY;
  const condition = wordsDo ? sql`words @@ ${query}::tsquery` : sql`tsv @@ ${query}::tsquery`;
  return { whole: best(condition, known, papers, true), part };
}
