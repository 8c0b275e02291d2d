import type { ExperimentEntry, Paper } from "@gradus/papers";
import { didYouMean, either } from "../command-line/suggest.ts";
import { UsageError } from "../errors.ts";

/** One experiment of a paper. */
export interface Target {
  readonly paper: Paper;
  readonly entry: ExperimentEntry;
}

/** What a name on the command line stands for. */
export interface Selection {
  readonly paper: Paper;
  /** True when the name is of the paper: all its experiments, in order. */
  readonly whole: boolean;
  readonly targets: readonly Target[];
}

/** A paper's number as it is written: two digits. */
export function formatNumber(paper: Pick<Paper, "number">): string {
  return String(paper.number).padStart(2, "0");
}

/** An experiment's full name. */
export function address({ paper, entry }: Target): string {
  return `${paper.slug}/${entry.id}`;
}

const arxivPattern = /^(?:arxiv:)?(\d{4}\.\d{4,5})(?:v\d+)?$/i;

function lookUpPaper(papers: readonly Paper[], name: string): Paper | undefined {
  const lower = name.toLowerCase();
  const arxivId = arxivPattern.exec(name)?.[1];
  return papers.find(
    (paper) =>
      paper.slug === lower ||
      paper.arxivId === arxivId ||
      (/^\d{1,3}$/.test(name) && paper.number === Number(name)),
  );
}

function unknownPaper(papers: readonly Paper[], name: string, alsoNear: readonly string[] = []): UsageError {
  const known = papers.map((paper) => `${formatNumber(paper)} ${paper.slug}`);
  const hint = didYouMean(name, [...papers.map((paper) => paper.slug), ...alsoNear]);
  const list = known.length === 0 ? "" : ` Papers: ${known.join(", ")}.`;
  return new UsageError(`there is no paper "${name}".${hint || list} "list" lists all papers.`);
}

/**
 * Finds a paper by slug, number (`4`, `04`) or arXiv id (with or without `arXiv:` and version).
 *
 * @throws UsageError with the nearest names
 */
export function resolvePaper(papers: readonly Paper[], name: string): Paper {
  const paper = lookUpPaper(papers, name);
  if (paper) return paper;
  throw unknownPaper(papers, name);
}

function resolveExperiment(paper: Paper, id: string): Target {
  const entry = paper.experiments.find((experiment) => experiment.id === id.toLowerCase());
  if (entry) return { paper, entry };
  const known = paper.experiments.map((experiment) => experiment.id);
  const list = known.length === 0 ? "It has none." : `It has ${known.join(", ")}.`;
  throw new UsageError(`${paper.slug} has no experiment "${id}".${didYouMean(id, known)} ${list}`);
}

/**
 * Finds what a name stands for: a paper, `paper/experiment`, or an experiment's id where only one paper has it.
 *
 * @throws UsageError with the nearest names, or with the candidates of an id that several papers have
 */
export function resolveSelection(papers: readonly Paper[], name: string): Selection {
  const slash = name.indexOf("/");
  if (slash >= 0) {
    const paper = resolvePaper(papers, name.slice(0, slash));
    return { paper, whole: false, targets: [resolveExperiment(paper, name.slice(slash + 1))] };
  }
  const paper = lookUpPaper(papers, name);
  if (paper) return { paper, whole: true, targets: paper.experiments.map((entry) => ({ paper, entry })) };
  const all = papers.flatMap((p) => p.experiments.map((entry) => ({ paper: p, entry })));
  const targets = all.filter(({ entry }) => entry.id === name.toLowerCase());
  if (targets.length === 1) return { paper: targets[0].paper, whole: false, targets };
  if (targets.length > 1)
    throw new UsageError(`"${name}" is an experiment of several papers: ${either(targets.map(address))}?`);
  throw unknownPaper(
    papers,
    name,
    all.map(({ entry }) => entry.id),
  );
}

/**
 * What is measured for the claims of papers, in the papers' order: of a paper that is named, every experiment that measures
 * a claim; of all papers when there are no names.
 *
 * @throws UsageError as `resolveSelection` does
 */
export function selectClaims(papers: readonly Paper[], names: readonly string[]): Selection[] {
  const named = (names.length === 0 ? papers.map(({ slug }) => slug) : names).map((name) =>
    resolveSelection(papers, name),
  );
  return [...Map.groupBy(named, ({ paper }) => paper)]
    .toSorted(([a], [b]) => papers.indexOf(a) - papers.indexOf(b))
    .map(([paper, own]) => {
      const whole = own.some((selection) => selection.whole);
      const alone = new Set(own.flatMap((one) => (one.whole ? [] : one.targets.map(({ entry }) => entry))));
      const chosen = paper.experiments.filter(
        (entry) => alone.has(entry) || (whole && entry.claims.length > 0),
      );
      return { paper, whole, targets: chosen.map((entry) => ({ paper, entry })) };
    });
}
