import type { Paper } from "@gradus/papers";
import { exitStatus } from "../errors.ts";
import { address, formatNumber, resolveSelection, type Target } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import { json } from "../results/json.ts";
import { type Output, writeLines } from "../terminal/output.ts";
import { layoutTable } from "../terminal/table.ts";
import { displayWidth, formatDuration, paragraph, stack, truncate, wrap } from "../terminal/text.ts";

/** Cells below which a title is not shortened. */
const LEAST_TITLE = 20;

type Hint = readonly [command: string, effect: string];

/** What to do next: command lines and what they do. */
function hints(rows: readonly Hint[], { columns: width, palette }: Output): string[] {
  const cells = rows.map(([command, effect]) => [{ text: command }, { text: effect, style: palette.muted }]);
  return layoutTable([{ header: "", wraps: false }, { header: "" }], cells, { width });
}

function listPapers({ out, invocation }: Host, papers: readonly Paper[]): string[] {
  const { palette } = out;
  // One line a paper, so that a screen holds them all and a pipe has whole titles; narrow screens wrap.
  const width = out.bounded ? out.columns : Number.POSITIVE_INFINITY;
  const columns = [{ header: "no.", wraps: false }, { header: "name", wraps: false }, { header: "paper" }];
  const names = Math.max(0, ...papers.map(({ slug }) => displayWidth(slug)));
  const room = width - displayWidth("no.    ") - names;
  const titleOf = ({ title }: Paper) => (room < LEAST_TITLE ? title : truncate(title, room));
  const rows = papers.map((paper) =>
    [formatNumber(paper), paper.slug, titleOf(paper)].map((text) => ({ text })),
  );
  const shortened = papers.some((paper) => titleOf(paper) !== paper.title);
  return stack([
    layoutTable(columns, rows, { width, header: palette.muted }),
    hints(
      [
        ...papers
          .toSorted((a, b) => a.slug.length - b.slug.length)
          .slice(0, 1)
          .map(({ slug }): Hint => [`${invocation} list ${slug}`, "shows a paper's claims and experiments"]),
        ...(shortened ? [[`${invocation} list --json`, "has the whole titles"] as const] : []),
      ],
      out,
    ),
  ]);
}

async function listPaper({ out, invocation }: Host, paper: Paper): Promise<string[]> {
  const { columns: width, palette } = out;
  const header = palette.muted;
  const claims = paper.claims.map(({ id, statement, reported }) =>
    [id, statement, reported].map((text) => ({ text })),
  );
  const experiments = await Promise.all(
    paper.experiments.map(async (entry) => {
      const { seconds } = await entry.load();
      return [
        entry.id,
        entry.title,
        entry.claims.join(" "),
        formatDuration(seconds.quick),
        formatDuration(seconds.full),
      ].map((text) => ({ text }));
    }),
  );
  return stack([
    [
      ...paragraph(paper.title, width, `${formatNumber(paper)}  `).map(palette.strong),
      ...paragraph(`${paper.slug}, arXiv:${paper.arxivId}`, width, "    ").map(palette.muted),
    ],
    layoutTable(
      [{ header: "claim", wraps: false }, { header: "" }, { header: "the paper reports" }],
      claims,
      { width, header },
    ),
    layoutTable(
      [
        { header: "experiment", wraps: false },
        { header: "" },
        { header: "claims" },
        { header: "quick", align: "right", wraps: false },
        { header: "full", align: "right", wraps: false },
      ],
      experiments,
      { width, header },
    ),
    hints(
      [
        [`${invocation} run ${paper.slug}`, "runs all experiments"],
        ...paper.experiments.slice(0, 1).flatMap(({ id }): Hint[] => [
          [`${invocation} run ${paper.slug}/${id}`, "runs one"],
          [`${invocation} list ${paper.slug}/${id}`, "shows its parameters"],
        ]),
      ],
      out,
    ),
  ]);
}

async function listExperiment({ out, invocation }: Host, target: Target): Promise<string[]> {
  const { columns: width, palette } = out;
  // Only here, because parameters bring zod, which the list of papers does without.
  const { parameterTable } = await import("../experiments/parameters.ts");
  const experiment = await target.entry.load();
  const { quick, full } = experiment.seconds;
  return stack([
    [
      ...wrap(`${address(target)}: ${experiment.title}`, width).map(palette.strong),
      ...wrap(`about ${formatDuration(quick)} quick, ${formatDuration(full)} full`, width).map(palette.muted),
    ],
    wrap(experiment.description, width),
    parameterTable(experiment, ["quick", "full"], width, palette.muted),
    hints(
      [[`${invocation} run ${address(target)} --set name=value`, "runs it with a changed parameter"]],
      out,
    ),
  ]);
}

const outline = ({ number, slug, title, arxivId, claims, experiments }: Paper) => ({
  number,
  slug,
  title,
  arxivId,
  claims: claims.length,
  experiments: experiments.length,
});

async function paperAsData(paper: Paper) {
  const claims = paper.claims.map(({ id, statement, reported }) => ({ id, statement, reported }));
  const experiments = await Promise.all(
    paper.experiments.map(async ({ id, title, claims, load }) => {
      const { seconds } = await load();
      return { id, title, claims, seconds };
    }),
  );
  return { ...outline(paper), claims, experiments };
}

async function experimentAsData(target: Target) {
  const { listParameters } = await import("../experiments/parameters.ts");
  const experiment = await target.entry.load();
  const { title, description, seconds } = experiment;
  return { name: address(target), title, description, seconds, parameters: listParameters(experiment) };
}

function listedData(papers: readonly Paper[], name: string | undefined): Promise<object> | object {
  if (name === undefined) return papers.map(outline);
  const { whole, targets, paper } = resolveSelection(papers, name);
  return whole ? paperAsData(paper) : experimentAsData(targets[0]);
}

export interface ListOptions {
  readonly json?: boolean;
}

/** `gradus list`: the papers, a paper's claims and experiments, or an experiment's parameters. */
export async function list(host: Host, name?: string, { json: asJson }: ListOptions = {}): Promise<number> {
  const papers = await host.loadPapers();
  if (asJson) {
    host.out.write(json(await listedData(papers, name)));
    return exitStatus.success;
  }
  if (name === undefined) writeLines(host.out, listPapers(host, papers));
  else {
    const { whole, targets, paper } = resolveSelection(papers, name);
    writeLines(host.out, whole ? await listPaper(host, paper) : await listExperiment(host, targets[0]));
  }
  return exitStatus.success;
}
