/** Longest query, in code points after normalization. */
export const LONGEST_QUERY = 250;

/** A query as it is searched for. */
export interface NormalizedQuery {
  readonly text: string;
  /** In code points, before a too long query was cut. */
  readonly length: number;
  readonly tooLong: boolean;
}

/** Control, bidirectional and zero-width characters but for the zero-width joiner; and what replaces broken bytes. */
const INVISIBLE =
  /[\p{Cc}\u00AD\u061C\u180E\u200B\u200C\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB\uFFFD\p{Cs}]/gu;

/**
 * A query in the form in which it is compared: NFC, without invisible characters, white space collapsed and trimmed;
 * the first 250 code points of a longer one.
 */
export function normalizeQuery(raw: string): NormalizedQuery {
  const text = raw
    .normalize("NFC")
    .replace(/[^\S\uFEFF]+/gu, " ")
    .replace(INVISIBLE, "")
    .replace(/ {2,}/g, " ")
    .trim();
  const points = [...text];
  const tooLong = points.length > LONGEST_QUERY;
  return {
    text: tooLong ? points.slice(0, LONGEST_QUERY).join("").trim() : text,
    length: points.length,
    tooLong,
  };
}

/** The parts of a query in web search syntax. */
export interface QueryParts {
  /** Without what is negated. */
  readonly wanted: string;
  /** Words or phrases that must not occur. */
  readonly unwanted: readonly string[];
  /** Whether the reader used quotes, `or` or `-`: then nothing is loosened. */
  readonly operators: boolean;
}

/** Takes `-word` and `-"a phrase"` out of a normalized query. */
export function splitQuery(text: string): QueryParts {
  const unwanted: string[] = [];
  const wanted = text
    .replace(/(^|[\s(&|!])-("[^"]*"?|[^\s"()&|!]+)/g, (_, before: string, term: string) => {
      const bare = term.replaceAll('"', "").trim();
      if (bare) unwanted.push(term.startsWith('"') ? `"${bare}"` : bare);
      return before;
    })
    .replace(/\s+/g, " ")
    .trim();
  return { wanted, unwanted, operators: unwanted.length > 0 || /"|(^|\s)or(\s|$)/i.test(wanted) };
}
