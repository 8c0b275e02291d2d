/** The orders of a list. */
export type Sort = "top" | "trending" | "new";

/** The filters and order of a list. */
export interface ListParameters {
  readonly sort: Sort;
  /** Topic slugs; a paper of any of them is listed. */
  readonly topics: readonly string[];
  readonly runnable: boolean;
  /** Least number of votes. */
  readonly minVotes: number;
  /** From 0. */
  readonly page: number;
}

/** A known parameter with an invalid value: pages use the default and say so, the API answers 400. */
export interface ParameterProblem {
  readonly field: string;
  readonly message: string;
}

/** Papers on a page of a list. */
export const PAGE_SIZE = 50;
const LARGEST_PAGE = 10_000;
const MOST_VOTES = 1_000_000;
/** Topics that a list can be narrowed to. */
export const MOST_LISTED_TOPICS = 20;

/** A whole number within bounds in ASCII digits, or undefined. */
export function wholeNumber(text: string, least: number, most: number): number | undefined {
  if (!/^[0-9]{1,9}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

/**
 * Reads the parameters `sort`, `topic` (repeatable), `runnable`, `min_votes` and `p` of a list. The first of several
 * values counts, unknown parameters are ignored, and an empty value is none. `known` are the slugs of the topics.
 */
export function readListParameters(
  query: URLSearchParams,
  { sort: usual, known }: { readonly sort: Sort; readonly known: readonly string[] },
): { readonly parameters: ListParameters; readonly problems: readonly ParameterProblem[] } {
  const problems: ParameterProblem[] = [];
  const read = <T>(field: string, fallback: T, parse: (text: string) => T | undefined, wanted: string): T => {
    const text = query.get(field);
    if (text === null || text === "") return fallback;
    const value = parse(text);
    if (value !== undefined) return value;
    problems.push({ field, message: `“${field}” must be ${wanted}.` });
    return fallback;
  };

  const sort = read<Sort>(
    "sort",
    usual,
    (text) => (text === "top" || text === "trending" || text === "new" ? text : undefined),
    "one of top, trending, new",
  );
  const runnable = read(
    "runnable",
    false,
    (text) => (text === "1" ? true : text === "0" ? false : undefined),
    "0 or 1",
  );
  const minVotes = read(
    "min_votes",
    0,
    (text) => wholeNumber(text, 0, MOST_VOTES),
    `an integer from 0 to ${MOST_VOTES}`,
  );
  const page = read(
    "p",
    0,
    (text) => wholeNumber(text, 0, LARGEST_PAGE),
    `a page number from 0 to ${LARGEST_PAGE}`,
  );
  const asked = [...new Set(query.getAll("topic").filter((slug) => slug !== ""))].slice(
    0,
    MOST_LISTED_TOPICS,
  );
  const topics = asked.filter((slug) => known.includes(slug));
  if (topics.length < asked.length)
    problems.push({ field: "topic", message: `“topic” must be one of ${known.join(", ")}.` });
  return { parameters: { sort, topics, runnable, minVotes, page }, problems };
}
