import { type SQL, type SQLChunk, sql } from "drizzle-orm";
import { inverseFrequency, type QueryTerm, quoted, type ReadQuery } from "./terms.ts";

/** Documents in each ranked list. */
export const LIST_LENGTH = 100;
/** Documents that are scored, the hottest of those that match. */
const CANDIDATES = 2000;
/** Comparisons of documents with terms: a query of many terms has fewer candidates. */
const COMPARISONS = 16_000;
/** Terms of more than this share of the papers say nothing in a query that has others. */
const COMMON = 0.3;
/** What it takes to go through a document in the order of `hot`, in documents that an index finds. */
const STEP = 1.5;

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

/**
 * An order that no index has: papers are found by their words, then put in order. Going through all of them in order
 * until enough have the words would unpack the words of each.
 */
export const afterwards = sql`hot + 0 desc nulls last, id desc`;
/** The order of an index: for a condition that is quickly checked, and that many papers pass. */
const throughout = sql`hot desc nulls last, id desc`;

/** Which papers are scored, the first in an order. */
interface Candidates {
  readonly condition: SQL;
  readonly order: SQL;
}

/** The best of some papers: their ids and places. */
function best(
  { condition, order }: Candidates,
  terms: readonly QueryTerm[],
  papers: number,
  titleOnly: boolean,
): SQL {
  const most = Math.min(CANDIDATES, Math.max(LIST_LENGTH, Math.floor(COMPARISONS / terms.length)));
  return sql`
    select id, row_number() over (order by score desc, hot desc nulls last, published_at desc, arxiv_id) as place
    from (
      select id, hot, published_at, arxiv_id, ${score(terms, papers, titleOnly)} as score
      from (
        select id, hot, published_at, arxiv_id, words, title_words from papers where ${condition} and not hidden
        order by ${order} limit ${most}
      ) candidate
    ) scored
    order by place limit ${LIST_LENGTH}`;
}

/** The papers that the index finds for a query. */
function matching(query: SQLChunk): Candidates {
  return { condition: sql`tsv @@ ${query}::tsquery`, order: afterwards };
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
  if (operators) return { whole: best(matching(sql.param(query)), known, papers, false) };
  const rare = known.filter(({ df }) => df <= COMMON * papers);
  const any = rare.length > 0 ? rare : known;
  const crowd = sql.param(
    telling(any)
      .map(({ lexeme }) => quoted(lexeme))
      .join(" | "),
  );
  const part = known.length > 1 || terms.length > 1 ? best(matching(crowd), any, papers, false) : undefined;
  if (known.length < terms.length) return { part };
  // Words without positions know no phrases, which compound words are.
  const many = likely(known, papers) ** 2 > STEP * CANDIDATES * papers;
  const candidates =
    many && !query.includes("<")
      ? { condition: sql`words @@ ${query}::tsquery`, order: throughout }
      : matching(sql.param(query));
  return { whole: best(candidates, known, papers, true), part };
}
