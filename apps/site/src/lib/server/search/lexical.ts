import { type SQL, sql } from "drizzle-orm";
import { hottestMatching, type LeastHot, type Matching } from "./hottest.ts";
import { inverseFrequency, type QueryTerm, quoted, type ReadQuery, type SpelledOut } from "./terms.ts";

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
export const hottestAfterMatching = sql`hot + 0 desc nulls last, id desc`;
/** The order of an index: for a condition that is quickly checked, where many papers pass it. */
export const hottestByIndex = sql`hot desc nulls last, id desc`;

/** Papers that are scored, the first of them where there are too many. */
interface Candidates extends Matching {
  /** How many there are, at most. */
  readonly most: number;
  /** The least score among the first papers wanted, where it helps to find them. */
  readonly least?: (first: number) => number | undefined;
}

/** Papers that are looked through for one that is wanted, when only about so many match: an estimate may be too high. */
const MARGIN = 2;

/** Of the papers that have all terms, the share that has them in the title, where many have: an estimate, too. */
const TITLED = 0.5;

/** All papers that are searched. */
interface Crowd {
  readonly papers: number;
  /** What is known of their scores. */
  readonly leastHot?: LeastHot;
}

/** The least score among the first matches wanted, when about `expected` papers match. */
function leastOf({ leastHot }: Crowd, expected: number): (first: number) => number | undefined {
  return (first) => leastHot?.((MARGIN * first) / expected);
}

/** How papers with equal scores are ordered. */
const columns = sql`id, hot, published_at, arxiv_id`;
/** Papers with equal scores. */
const hottestFirst = sql`hot desc nulls last, published_at desc, arxiv_id`;
/** From the best on; each score is computed once. */
const bestFirst = sql`score desc, ${hottestFirst}`;

/** The best of some papers: their ids, places, and scores as shares of the best one's. */
function best(
  candidates: Candidates,
  terms: readonly QueryTerm[],
  { papers }: Crowd,
  titleOnly: boolean,
): SQL {
  const scored = Math.min(CANDIDATES, Math.max(LIST_LENGTH, Math.floor(COMPARISONS / terms.length)));
  const { column, query, most, least } = candidates;
  const first = (columns: SQL) => hottestMatching(columns, candidates, scored, least?.(scored));
  // Words are too long to be carried along while papers are put in order.
  const source = () =>
    titleOnly
      ? sql`(${first(sql`${columns}, title_words`)}) papers`
      : sql`papers where id in (select id from (${first(sql`id`)}) first)`;
  const whole = sql`papers where ${column} @@ ${query}::tsquery and not hidden`;
  return sql`
    select id, row_number() over (order by ${bestFirst}) as place,
      coalesce(score / nullif(max(score) over (), 0), 1) as share
    from (
      select ${columns}, ${score(terms, papers, titleOnly)} as score
      from ${most > scored ? source() : whole} order by ${bestFirst} limit ${LIST_LENGTH}
    ) best`;
}

/** The papers that have the words of a query, up to a number. */
function matching(query: string, most: number, least?: Candidates["least"]): Candidates {
  return { column: sql`tsv`, query, most, order: hottestAfterMatching, least };
}

/** With more papers that have all terms, those that have them in the title are looked for first. */
const FEW = 300;

/** Papers with all terms in the title whose positions are compared with a phrase, the hottest. */
const COMPARED = 3 * LIST_LENGTH;

/**
 * The best by terms that all of them have: where enough have all in the title, these are the best, and the others need
 * not be read, so that these need no bound on how many are scored. `all` are the terms as a query, `phrase` the query
 * when it has phrases, `rest` the best however many have them in the title.
 */
function titlesFirst(all: string, phrase: string | undefined, least: Candidates["least"], rest: SQL): SQL {
  const titled = { column: sql`title_words`, query: all, order: hottestByIndex };
  const having = (columns: SQL, most: number) => hottestMatching(columns, titled, most, least?.(most));
  // Positions lie outside of the rows.
  const titles = phrase
    ? sql`select ${columns} from (${having(sql`${columns}, tsv`, COMPARED)}) papers
        where tsv @@ ${phrase}::tsquery order by ${hottestByIndex} limit ${LIST_LENGTH}`
    : having(columns, LIST_LENGTH);
  return sql`
    with titles as materialized (${titles}),
    enough as materialized (select count(*) = ${LIST_LENGTH} as yes from titles)
    select id, row_number() over (order by ${hottestFirst}) as place, 1::float8 as share
    from titles where (select yes from enough)
    union all
    select id, place, share from (${rest}) rest where not (select yes from enough)`;
}

/** How many papers have one of some terms, at most. */
function matchingAnyAtMost(terms: readonly QueryTerm[]): number {
  return terms.reduce((sum, { df }) => sum + df, 0);
}

/** How many papers are likely to have all of some terms: between independent terms and terms that come together. */
function expectedMatchingAll(terms: readonly Pick<QueryTerm, "df">[], papers: number): number {
  const most = Math.min(...terms.map(({ df }) => df));
  const independent = terms.reduce((share, { df }) => share * (df / papers), papers);
  return Math.sqrt(most * independent);
}

/** How many papers are likely to have all of some terms in the title, of which one has terms that come together rather. */
function expectedTitled(terms: readonly QueryTerm[], papers: number): number {
  const most = Math.min(...terms.map(({ df }) => df));
  return TITLED * Math.sqrt(most * expectedMatchingAll(terms, papers));
}

/** Some columns of the hottest papers that have one of some terms in the title, in no order. */
export function hottestTitled(
  columns: SQL,
  terms: readonly Pick<QueryTerm, "lexeme" | "df">[],
  most: number,
  leastHot?: LeastHot,
): SQL {
  // At least those that have the most common of them.
  const expected = TITLED * Math.max(...terms.map(({ df }) => df));
  const matching = { column: sql`title_words`, query: asQuery(terms, "|"), order: hottestByIndex };
  return hottestMatching(columns, matching, most, leastHot?.((MARGIN * most) / expected));
}

/** The terms by which candidates are found: the rarest, and others as long as they bring no crowd. */
function selectiveTerms(terms: readonly QueryTerm[]): readonly QueryTerm[] {
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

/** The lists of papers by their words, each a statement of ids, places and shares of the best score. */
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
  read: ReadQuery,
  { operators }: { readonly operators: boolean },
  leastHot?: LeastHot,
): LexicalLists {
  const { terms, papers, query } = read;
  const crowd = { papers, leastHot };
  if (read.spelledOut.length > 0 && !operators && !query.includes("<")) return spelledOutLists(read, crowd);
  const known = terms.filter(({ df }) => df > 0);
  if (known.length === 0) return {};
  const operations = query.replace(/'(?:[^']|'')*'/g, "");
  if (operations.includes("!")) return { whole: best(matching(query, papers), known, crowd, false) };
  if (operations.includes("|"))
    return { whole: best(matching(query, matchingAnyAtMost(known)), known, crowd, false) };
  const part = operators ? undefined : matchingSome(known, terms.length, crowd);
  return known.length < terms.length ? { part } : { whole: matchingAll(known, crowd, query), part };
}

const asQuery = (terms: readonly Pick<QueryTerm, "lexeme">[], operator: "&" | "|") =>
  terms.map(({ lexeme }) => quoted(lexeme)).join(` ${operator} `);

/** What will do in place of an abbreviation, of what papers have: a form of it, or all words of what it stands for. */
function alternativesOf({ forms, phrase }: SpelledOut): readonly (readonly QueryTerm[])[] {
  const groups = [...forms.map((form) => [form]), phrase];
  return groups.filter((group) => group.every(({ df }) => df > 0));
}

/** The lists of a query with abbreviations. */
function spelledOutLists({ terms, papers, query, spelledOut }: ReadQuery, crowd: Crowd): LexicalLists {
  const alternatives = new Map(
    spelledOut.flatMap((one) => one.forms.map(({ lexeme }) => [lexeme, alternativesOf(one)] as const)),
  );
  const groupsOf = (term: QueryTerm) => alternatives.get(term.lexeme) ?? [[term]];
  const either = query.replace(/'(?:[^']|'')*'/g, (own) => {
    const groups = alternatives.get(own.slice(1, -1)) ?? [];
    return groups.length > 0 ? `(${groups.map((group) => `(${asQuery(group, "&")})`).join(" | ")})` : own;
  });
  const all = new Map(terms.flatMap(groupsOf).flatMap((group) => group.map((term) => [term.lexeme, term])));
  const known = [...all.values()].filter(({ df }) => df > 0);
  if (known.length === 0) return {};
  const most = terms.map((term) =>
    groupsOf(term).reduce((sum, group) => sum + Math.min(...group.map(({ df }) => df)), 0),
  );
  const part = matchingSome(known, all.size, crowd);
  if (most.includes(0)) return { part };
  const expected = expectedMatchingAll(
    most.map((df) => ({ df })),
    papers,
  );
  const candidates = matching(either, Math.min(...most), leastOf(crowd, expected));
  return { whole: best(candidates, known, crowd, false), part };
}

/** The best that have all of some terms, as the query wants them. */
function matchingAll(terms: readonly QueryTerm[], crowd: Crowd, query: string): SQL {
  const { papers } = crowd;
  // Words without positions know no phrases, which compound words are.
  const phrases = query.includes("<");
  const expected = expectedMatchingAll(terms, papers);
  const most = Math.min(...terms.map(({ df }) => df));
  const least = leastOf(crowd, expected);
  // What each way reads.
  const byWords = least(CANDIDATES) === undefined ? expected : MARGIN * CANDIDATES;
  const inOrder = (STEP * CANDIDATES * papers) / expected;
  const candidates =
    inOrder < byWords && !phrases
      ? { column: sql`words`, query, most, order: hottestByIndex }
      : matching(query, most, least);
  const rest = best(candidates, terms, crowd, true);
  if (most <= FEW) return rest;
  const leastTitled = leastOf(crowd, expectedTitled(terms, papers));
  return titlesFirst(asQuery(terms, "&"), phrases ? query : undefined, leastTitled, rest);
}

/** The best that have some of the known terms; nothing where that is the whole query. */
function matchingSome(known: readonly QueryTerm[], all: number, crowd: Crowd): SQL | undefined {
  if (all === 1) return undefined;
  const rare = known.filter(({ df }) => df <= COMMON * crowd.papers);
  const any = rare.length > 0 ? rare : known;
  const found = selectiveTerms(any);
  const alone = any.length === 1;
  // At least those that have the most common of them.
  const least = leastOf(crowd, Math.max(...found.map(({ df }) => df)));
  const candidates = matching(asQuery(found, "|"), matchingAnyAtMost(found), least);
  const rest = best(candidates, any, crowd, alone);
  if (!alone || any[0].df <= FEW) return rest;
  return titlesFirst(asQuery(any, "&"), undefined, leastOf(crowd, expectedTitled(any, crowd.papers)), rest);
}
