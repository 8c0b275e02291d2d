import { papers as registry } from "@gradus/papers";
import { dateLabel, longDate } from "#lib/days.ts";
import type { PaperView } from "#lib/views.ts";
import { bibtex } from "./bibtex.ts";
import { runnableView } from "./experiment-view.ts";
import type { StoredPaper } from "./papers.ts";

/** What a paper's page shows. */
export async function paperView(paper: StoredPaper, now: Date, version?: number): Promise<PaperView> {
  const runnable = registry.find(({ arxivId }) => arxivId === paper.arxivId);
  return {
    arxivId: paper.arxivId,
    title: paper.title,
    authors: paper.authors,
    published: { label: longDate(paper.publishedAt), instant: paper.publishedAt.toISOString() },
    featured:
      paper.featuredAt && paper.featuredOn
        ? {
            label: dateLabel(paper.featuredAt, now),
            instant: paper.featuredAt.toISOString(),
            day: paper.featuredOn,
          }
        : null,
    abstractHtml: paper.abstractHtml,
    abstractText: paper.abstractText,
    codeUrl: paper.codeUrl,
    bibtex: bibtex(paper),
    version,
    runnable: runnable && (await runnableView(runnable)),
  };
}
