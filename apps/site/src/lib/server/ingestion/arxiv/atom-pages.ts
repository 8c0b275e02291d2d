import { type AtomPage, parseAtom } from "./atom.ts";
import { SCOPE } from "./categories.ts";
import { type ArxivClient, ArxivUnavailableError } from "./client.ts";

/** Results of a page: arXiv allows more, but then answers slowly. */
const PAGE_SIZE = 100;
/** Pauses before a page that lacks entries is asked for again. */
const AGAIN = [5000, 20_000, 60_000];

/** An instant as arXiv's queries have it: `YYYYMMDDHHMM`, UTC. */
const minuteOf = (instant: Date) => instant.toISOString().replace(/\D/g, "").slice(0, 12);

/** The query for the papers of the site's categories whose first version came in an interval. */
export function submittedBetween(from: Date, to: Date): string {
  const categories = SCOPE.map((category) => `cat:${category}`).join(" OR ");
  return `(${categories}) AND submittedDate:[${minuteOf(from)} TO ${minuteOf(to)}]`;
}

interface Asked {
  readonly parameters: Readonly<Record<string, string>>;
  /** The most results that any page has promised. */
  readonly promised: number;
  readonly start: number;
  readonly mayBeEmpty?: boolean;
}

/**
 * A page with all entries that it should have. arXiv sometimes answers with an empty page, or with fewer entries than
 * it promises: that never means that there are no papers, but where there may be none and every try says so.
 *
 * @throws ArxivUnavailableError when entries are still missing after three more tries
 */
async function wholePage(
  client: ArxivClient,
  { parameters, promised, start, mayBeEmpty = false }: Asked,
  signal: AbortSignal | undefined,
): Promise<AtomPage> {
  let most = promised;
  for (const pause of [...AGAIN, undefined]) {
    const page = parseAtom(await client.query({ ...parameters, start: String(start) }, { signal }));
    const left = Math.max(promised, page.total) - start;
    if (page.entries > 0 && page.entries >= Math.min(PAGE_SIZE, left)) return page;
    most = Math.max(most, page.total, page.entries);
    if (pause === undefined && mayBeEmpty && most === 0) return page;
    if (pause !== undefined) await client.timing.wait(pause, signal);
  }
  throw new ArxivUnavailableError("arXiv's answers lack entries");
}

interface PagesOptions {
  readonly signal?: AbortSignal;
  /** Whether arXiv may have announced none of the papers yet. */
  readonly mayBeEmpty?: boolean;
}

/** All pages of a query, by the instant of the first version: what comes meanwhile comes at the end. */
export async function* atomPages(
  client: ArxivClient,
  query: string,
  { signal, mayBeEmpty }: PagesOptions = {},
): AsyncGenerator<AtomPage, void, undefined> {
  const parameters = {
    search_query: query,
    max_results: String(PAGE_SIZE),
    sortBy: "submittedDate",
    sortOrder: "ascending",
  };
  let promised = 0;
  for (let start = 0; start === 0 || start < promised; ) {
    const page = await wholePage(client, { parameters, promised, start, mayBeEmpty }, signal);
    promised = Math.max(promised, page.total);
    start += page.entries;
    yield page;
    if (page.entries === 0) return;
  }
}

/** A paper that arXiv certainly has: an answer without it lacks entries, one with it alone says that the others are not there. */
export const WITNESS = "1412.6980";

/** The latest versions of papers by their identifiers; those that arXiv does not have are left out. */
export async function* atomPapers(
  client: ArxivClient,
  ids: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<AtomPage, void, undefined> {
  const others = ids.filter((id) => id !== WITNESS);
  for (let i = 0; i < ids.length; i += PAGE_SIZE - 1) {
    const asked = [WITNESS, ...others.slice(i, i + PAGE_SIZE - 1)];
    const parameters = { id_list: asked.join(), max_results: String(PAGE_SIZE) };
    const page = await wholePage(client, { parameters, promised: 0, start: 0 }, signal);
    yield { ...page, records: page.records.filter(({ arxivId }) => ids.includes(arxivId)) };
  }
}
