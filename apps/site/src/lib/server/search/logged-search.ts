import { type LogFields, redacted } from "../log.ts";
import { isOn } from "../switch-setting.ts";
import { normalizeQuery } from "./normalize.ts";

/** The field by which a route tells the log how many papers a search found; it is taken from the response, not sent. */
const FOUND = "x-gradus-found";

/** What the log says of a search. */
export interface LoggedSearch extends LogFields {
  /** Characters of the query. */
  readonly query_length: number;
  readonly results: number;
  /** The query, where the operator wants it in the log. */
  readonly query?: string;
}

/** The header field that carries the number of papers a search found. */
export function foundField(papers: number): Readonly<Record<string, string>> {
  return { [FOUND]: String(papers) };
}

/** Whether an environment wants the words of searches in the log: `GRADUS_LOG_QUERIES=1`. */
export function logsQueries(environment: NodeJS.ProcessEnv): boolean {
  return isOn("GRADUS_LOG_QUERIES", environment);
}

/**
 * Takes from a response what the log says of the search that `url` asked for: how long the query was and how much it found;
 * with `words` also the query, without what could be an address or a token. Undefined for the response to something else.
 */
export function takeSearch(
  { headers }: Response,
  url: URL,
  { words }: { readonly words: boolean },
): LoggedSearch | undefined {
  const found = headers.get(FOUND);
  headers.delete(FOUND);
  if (found === null) return undefined;
  const { text, length } = normalizeQuery(url.searchParams.get("q") ?? "");
  return { query_length: length, results: Number(found), ...(words ? { query: redacted(text) } : {}) };
}
