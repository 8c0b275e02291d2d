import { papers as registry } from "@gradus/papers";
import { inArray } from "drizzle-orm";
import { shownAuthors } from "#lib/authors.ts";
import { countLabel, dateLabel } from "#lib/days.ts";
import type { ListEntry, TopicView } from "#lib/views.ts";
import type { Orm } from "../database/connect.ts";
import { measurements, users } from "../database/schema/index.ts";
import { escapeHtml } from "./abstract/html.ts";
import { readableLine } from "./abstract/readable-line.ts";
import { officialVerdicts } from "./measurements/claim-measurements.ts";
import { listFigure } from "./measurements/drawing.ts";
import type { ListedPaper } from "./papers.ts";

/** The names of accounts that have one. */
async function namesOf(orm: Orm, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await orm
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(inArray(users.id, [...ids]));
  return new Map(rows.flatMap(({ id, name }) => (name ? [[id, name] as const] : [])));
}

/** When the official measurements of papers began, as their figures name them. */
export async function measuredInstants(orm: Orm, ids: readonly number[]): Promise<Map<number, Set<string>>> {
  if (ids.length === 0) return new Map();
  const rows = await orm
    .select({ paperId: measurements.paperId, at: measurements.measuredAt })
    .from(measurements)
    .where(inArray(measurements.paperId, [...ids]));
  const byPaper = Map.groupBy(rows, ({ paperId }) => paperId);
  return new Map([...byPaper].map(([id, own]) => [id, new Set(own.map(({ at }) => at.toISOString()))]));
}

/** A paper as it was just made for a list. */
export type MadeEntry = ListEntry & Required<Pick<ListEntry, "html">>;

/** Papers as lists show them, the first with the rank `first`; `topics` are all topics, in their order. */
export async function listEntries(
  orm: Orm,
  papers: readonly ListedPaper[],
  {
    first,
    now,
    topics,
  }: { readonly first: number; readonly now: Date; readonly topics: readonly TopicView[] },
): Promise<MadeEntry[]> {
  const runnable = papers.filter(({ specSlug }) => specSlug !== null);
  const submitters = papers.flatMap(({ submittedBy }) => submittedBy ?? []);
  const ids = runnable.map(({ id }) => id);
  const [verdicts, instants, names] = await Promise.all([
    officialVerdicts(orm, ids),
    measuredInstants(orm, ids),
    namesOf(orm, submitters),
  ]);
  const entry = async (paper: ListedPaper, i: number): Promise<MadeEntry> => {
    const registered = registry.find(({ slug }) => slug === paper.specSlug);
    const claims = registered?.claims.map(({ id }) => id) ?? [];
    const measured = instants.get(paper.id);
    const title = readableLine(paper.title);
    return {
      rank: first + i,
      arxivId: paper.arxivId,
      title,
      html: { title: escapeHtml(title), excerpt: paper.abstractExcerptHtml },
      ...shownAuthors(paper.authors),
      authorsCount: countLabel(paper.authorsCount, "author"),
      published: { label: dateLabel(paper.publishedAt, now), instant: paper.publishedAt.toISOString() },
      category: paper.primaryCategory,
      codeUrl: paper.codeUrl,
      votes: paper.votesCount,
      topics: topics.filter(({ slug }) => paper.topics.includes(slug)),
      submitter: paper.submittedBy ? names.get(paper.submittedBy) : undefined,
      runnable: registered && {
        slug: registered.slug,
        claims,
        official: measured && verdicts.get(paper.id),
        figure: measured && (await listFigure(registered, measured)),
      },
    };
  };
  return Promise.all(papers.map(entry));
}
