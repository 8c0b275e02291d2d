import { papers as registry, type Verdict } from "@gradus/papers";
import { and, desc, eq, inArray } from "drizzle-orm";
import { countLabel, dateLabel } from "#lib/days.ts";
import type { ListEntry, TopicView } from "#lib/views.ts";
import type { Orm } from "./database/connect.ts";
import { claimRuns, users } from "./database/schema.ts";
import { listFigure } from "./measurements/drawing.ts";
import type { ListedPaper } from "./papers.ts";

const NAMES_SHOWN = 3;

/** "A, B, C and 3 more"; up to four names in full. */
export function authorsLine(names: readonly string[]): string {
  if (names.length <= NAMES_SHOWN + 1) return names.join(", ");
  return `${names.slice(0, NAMES_SHOWN).join(", ")} and ${(names.length - NAMES_SHOWN).toLocaleString("en-US")} more`;
}

/** The names of accounts that have one. */
async function namesOf(orm: Orm, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await orm
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(inArray(users.id, [...ids]));
  return new Map(rows.flatMap(({ id, name }) => (name ? [[id, name] as const] : [])));
}

/** What was measured officially of a paper. */
interface Outcomes {
  /** Whether each claim held in the latest run of every experiment on it. */
  readonly held: Map<string, boolean>;
  /** When these runs began. */
  readonly instants: Set<string>;
}

async function officialOutcomes(orm: Orm, ids: readonly number[]): Promise<Map<number, Outcomes>> {
  if (ids.length === 0) return new Map();
  const rows = await orm
    .selectDistinctOn([claimRuns.paperId, claimRuns.claimCode, claimRuns.experiment], {
      paperId: claimRuns.paperId,
      claim: claimRuns.claimCode,
      held: claimRuns.held,
      ranAt: claimRuns.ranAt,
    })
    .from(claimRuns)
    .where(and(inArray(claimRuns.paperId, [...ids]), eq(claimRuns.origin, "ci")))
    .orderBy(
      claimRuns.paperId,
      claimRuns.claimCode,
      claimRuns.experiment,
      desc(claimRuns.ranAt),
      desc(claimRuns.runId),
    );
  const outcomes = new Map<number, Outcomes>();
  for (const { paperId, claim, held, ranAt } of rows) {
    const own = outcomes.get(paperId) ?? { held: new Map(), instants: new Set() };
    own.held.set(claim, held && (own.held.get(claim) ?? true));
    own.instants.add(ranAt.toISOString());
    outcomes.set(paperId, own);
  }
  return outcomes;
}

function verdict(held: boolean | undefined): Verdict {
  if (held === undefined) return "not run";
  return held ? "held" : "did not hold";
}

/** Papers as lists show them, the first with the rank `first`; `topics` are all topics, in their order. */
export async function listEntries(
  orm: Orm,
  papers: readonly ListedPaper[],
  {
    first,
    now,
    topics,
  }: { readonly first: number; readonly now: Date; readonly topics: readonly TopicView[] },
): Promise<ListEntry[]> {
  const runnable = papers.filter(({ specSlug }) => specSlug !== null);
  const submitters = papers.flatMap(({ submittedBy }) => submittedBy ?? []);
  const [outcomes, names] = await Promise.all([
    officialOutcomes(
      orm,
      runnable.map(({ id }) => id),
    ),
    namesOf(orm, submitters),
  ]);
  const entry = async (paper: ListedPaper, i: number): Promise<ListEntry> => {
    const registered = registry.find(({ slug }) => slug === paper.specSlug);
    const claims = registered?.claims.map(({ id }) => id) ?? [];
    const official = outcomes.get(paper.id);
    return {
      rank: first + i,
      arxivId: paper.arxivId,
      title: paper.title,
      authors: authorsLine(paper.authors),
      authorsCount: countLabel(paper.authorsCount, "author"),
      published: { label: dateLabel(paper.publishedAt, now), instant: paper.publishedAt.toISOString() },
      excerptHtml: paper.abstractExcerptHtml,
      codeUrl: paper.codeUrl,
      votes: paper.votesCount,
      topics: topics.filter(({ slug }) => paper.topics.includes(slug)),
      submitter: paper.submittedBy ? names.get(paper.submittedBy) : undefined,
      runnable: registered && {
        slug: registered.slug,
        claims,
        official: official && claims.map((claim) => verdict(official.held.get(claim))),
        figure: official && (await listFigure(registered, official.instants)),
      },
    };
  };
  return Promise.all(papers.map(entry));
}
