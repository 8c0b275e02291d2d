import { papers as registry } from "@gradus/papers";
import { and, asc, desc, eq, lte } from "drizzle-orm";
import { authorsLine } from "#lib/authors.ts";
import { dateLabel, fullDateLabel } from "#lib/days.ts";
import type {
  DateView,
  ExperimentView,
  OfficialMeasurement,
  PaperView,
  RelatedPaper,
  RunnableView,
} from "#lib/views.ts";
import type { Orm } from "../database/connect.ts";
import { papers, paperVersions, relatedPapers } from "../database/schema/index.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";
import { abstractFormulas, renderAbstract } from "../papers/abstract/render.ts";
import { bibtex } from "../papers/bibtex.ts";
import { uniqueKey } from "../papers/citation.ts";
import { citationFiles } from "../papers/citation-files.ts";
import { runnableView } from "../papers/experiment-view.ts";
import { officialClaims, officialMeasurements } from "../papers/measurements/official.ts";
import { pictureViews } from "../papers/measurements/pictures.ts";
import { authorNames, type StoredPaper } from "../papers/papers.ts";
import { shownAsRelated } from "../papers/shown-as-related.ts";
import { readerReports } from "../reports/published.ts";
import { topicsByPaper } from "../search/topics/paper-topics.ts";

async function related(orm: Orm, paperId: number): Promise<RelatedPaper[]> {
  const { arxivId, title, specSlug } = papers;
  const near = await orm
    .select({ arxivId, title, specSlug, authors: authorNames })
    .from(relatedPapers)
    .innerJoin(papers, shownAsRelated)
    .where(eq(relatedPapers.paperId, paperId))
    .orderBy(asc(relatedPapers.rank));
  return near.map(({ arxivId, title, authors, specSlug }) => ({
    arxivId,
    title: readableLine(title),
    authors: authorsLine(authors),
    runnable: specSlug !== null,
  }));
}

/** The title and abstract of a version other than the latest, where they were kept. */
async function versionText(orm: Orm, paperId: number, version: number) {
  const [row] = await orm
    .select()
    .from(paperVersions)
    .where(and(eq(paperVersions.paperId, paperId), eq(paperVersions.version, version)));
  if (!row) return undefined;
  const { html, text } = renderAbstract(row.abstractRaw, row.abstractKind);
  const formulas = abstractFormulas(row.abstractRaw, row.abstractKind);
  return { title: row.title, abstractHtml: html, abstractText: text, formulas };
}

/** What the latest version changed since the one before it that was kept. */
async function latestChanges(orm: Orm, { id, latestVersion }: StoredPaper) {
  if (latestVersion === 1) return undefined;
  const { version, title, abstractRaw: abstract } = paperVersions;
  const [latest, before] = await orm
    .select({ version, title, abstract })
    .from(paperVersions)
    .where(and(eq(paperVersions.paperId, id), lte(version, latestVersion)))
    .orderBy(desc(version))
    .limit(2);
  if (!before || latest.version !== latestVersion) return undefined;
  const what = (["title", "abstract"] as const).filter((part) => latest[part] !== before[part]);
  return { since: before.version, what: what.join(", ") };
}

/** Official figures are shown with the official measurement that they belong to, and with no other. */
async function withOwnFigures(
  view: RunnableView,
  official: readonly OfficialMeasurement[],
): Promise<RunnableView> {
  const isOfficial = ({ id, measured }: ExperimentView) =>
    official.some(({ experiment, on }) => experiment === id && on.instant === measured?.on.instant);
  const experiments = await Promise.all(
    view.experiments.map(async (one) =>
      isOfficial(one)
        ? one
        : { ...one, measured: undefined, pictures: await pictureViews(view.slug, one, false) },
    ),
  );
  return { ...view, experiments };
}

const inFull = (instant: Date): DateView => ({
  label: fullDateLabel(instant),
  instant: instant.toISOString(),
});

/** What a paper's page shows. */
export async function paperView(
  orm: Orm,
  paper: StoredPaper,
  now: Date,
  version?: number,
): Promise<PaperView> {
  const runnable = registry.find(({ slug }) => slug === paper.specSlug);
  const { id, latestVersion } = paper;
  const [lab, official, measurements, reports, near, topics, key, older, changed] = await Promise.all([
    runnable && runnableView(runnable),
    runnable ? officialClaims(orm, id) : [],
    runnable ? officialMeasurements(orm, id) : [],
    runnable ? readerReports(orm, id) : { total: 0, latest: [], figures: [] },
    related(orm, id),
    topicsByPaper(orm, [id]),
    uniqueKey(orm, paper),
    version === undefined ? undefined : versionText(orm, id, version),
    latestChanges(orm, paper),
  ]);
  const { title, abstractHtml, abstractText } = older ?? paper;
  const formulas = older?.formulas ?? abstractFormulas(paper.abstractRaw, paper.abstractKind);
  return {
    arxivId: paper.arxivId,
    title: readableLine(title),
    authors: paper.authors,
    published: inFull(paper.publishedAt),
    latest:
      latestVersion > 1
        ? { version: latestVersion, updated: paper.arxivUpdatedAt && inFull(paper.arxivUpdatedAt), changed }
        : null,
    featured:
      paper.featuredAt && paper.featuredOn
        ? {
            label: dateLabel(paper.featuredAt, now),
            instant: paper.featuredAt.toISOString(),
            day: paper.featuredOn,
          }
        : null,
    abstractHtml,
    abstractText,
    votes: paper.votesCount,
    formulas,
    category: paper.primaryCategory,
    codeUrl: paper.codeUrl,
    projectUrl: paper.projectUrl,
    withdrawn: paper.withdrawn,
    citations: citationFiles(paper, key, bibtex(paper, key)),
    topics: topics.get(id) ?? [],
    related: near,
    version: version === undefined ? undefined : { number: version, shown: older !== undefined },
    runnable: lab && (await withOwnFigures(lab, measurements)),
    official,
    measurements,
    reports,
  };
}
