import { papers as registry } from "@gradus/papers";
import { countLabel, type Day, dateLabel, dayHeading } from "#lib/days.ts";
import type { DayLink, FeedEntry, FeedView } from "#lib/views.ts";
import { neighborDays, papersOfDay, type StoredPaper } from "./papers.ts";
import type { Site } from "./site.ts";

const NAMES_SHOWN = 3;

/** "A, B, C and 3 more"; up to four names in full. */
export function authorsLine(names: readonly string[]): string {
  if (names.length <= NAMES_SHOWN + 1) return names.join(", ");
  return `${names.slice(0, NAMES_SHOWN).join(", ")} and ${(names.length - NAMES_SHOWN).toLocaleString("en-US")} more`;
}

function entry(paper: StoredPaper, rank: number, now: Date): FeedEntry {
  const runnable = registry.find(({ arxivId }) => arxivId === paper.arxivId);
  return {
    rank,
    arxivId: paper.arxivId,
    title: paper.title,
    authors: authorsLine(paper.authors),
    authorsCount: countLabel(paper.authorsCount, "author"),
    published: { label: dateLabel(paper.publishedAt, now), instant: paper.publishedAt.toISOString() },
    excerptHtml: paper.abstractExcerptHtml,
    codeUrl: paper.codeUrl,
    runnable: runnable && { slug: runnable.slug, claims: runnable.claims.map(({ id }) => id) },
  };
}

/** The `runnable` parameter: `1` narrows the list to papers that run; another value is said to be wrong. */
export function readRunnable(query: URLSearchParams): { readonly only: boolean; readonly notice?: string } {
  const value = query.get("runnable");
  if (value === null || value === "" || value === "0") return { only: false };
  if (value === "1") return { only: true };
  return { only: false, notice: "“runnable” is 1 or left out; all papers are shown." };
}

/** The list of a day, its ranks those of the whole day. */
export async function feedOfDay(site: Site, day: Day, query: URLSearchParams): Promise<FeedView> {
  const now = site.now();
  const today = now.toISOString().slice(0, 10);
  const { only, notice } = readRunnable(query);
  const { orm } = site.database;
  const link = (to: Day | undefined): DayLink | undefined =>
    to ? { day: to, label: dateLabel(new Date(`${to}T00:00:00Z`), now) } : undefined;
  const [papers, neighbors] = await Promise.all([papersOfDay(orm, day), neighborDays(orm, day, today)]);
  const entries = papers.map((paper, i) => entry(paper, i + 1, now));
  const runnable = entries.filter((e) => e.runnable);
  return {
    day,
    heading: dayHeading(day),
    entries: only ? runnable : entries,
    previous: link(neighbors.previous),
    next: link(neighbors.next),
    runnableOnly: only,
    total: entries.length,
    runnable: runnable.length,
    notice,
  };
}
