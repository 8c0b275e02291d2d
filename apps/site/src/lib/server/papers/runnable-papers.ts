import { papers as registry } from "@gradus/papers";

/** What lists of runs need to show a run's paper. */
export interface RunnablePaper {
  readonly slug: string;
  readonly arxivId: string;
  readonly title: string;
  readonly experiments: Readonly<Record<string, string>>;
  /** Its experiments in which nothing is random. */
  readonly seedless: readonly string[];
}

/** The runnable papers with the titles of their experiments. */
export function runnablePapers(): RunnablePaper[] {
  return registry.map(({ slug, arxivId, title, experiments }) => ({
    ...{ slug, arxivId, title },
    experiments: Object.fromEntries(experiments.map((entry) => [entry.id, entry.title])),
    seedless: experiments.filter(({ seedless }) => seedless).map(({ id }) => id),
  }));
}
