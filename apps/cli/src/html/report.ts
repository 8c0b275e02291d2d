import { quote, repeatArguments } from "../command-line/arguments.ts";
import { drawnReports, elapsedOf, isModified, type RunRecord, verdictsOf } from "../runs/record.ts";
import { OFFICIAL_SEEDS } from "../session/session.ts";
import type { PaperVerdicts } from "../terminal/claims.ts";
import { formatDuration, plural } from "../terminal/text.ts";
import { claimsTable, verdictSummary } from "./claims.ts";
import { experimentSection } from "./experiment.ts";
import { type Html, heading, html, sentence } from "./markup.ts";
import { formatDateTime, htmlPage } from "./page.ts";

/** What the record says of one paper. */
type Part = PaperVerdicts & { readonly paper: RunRecord["papers"][number] };

function titleOf({ papers, plan }: RunRecord): string {
  if (papers.length === 1) return papers[0].title;
  return plan.names.length === 0 ? "The claims of all papers" : `The claims of ${papers.length} papers`;
}

function arxiv(id: string): Html {
  return html`<a href="https://arxiv.org/abs/${id}">arXiv:${id}</a>`;
}

function paperSection(record: RunRecord, part: Part, level: number): Html {
  const { paper, verdicts } = part;
  const id = `claims-${paper.slug}`;
  return html`<section aria-labelledby="${id}">
${heading(level, html`Claims`, id)}
${claimsTable(part)}
${verdicts.length === 0 ? html`<p>This experiment measures no claim.</p>` : undefined}
</section>
${drawnReports(record)
  .filter((report) => report.paper === paper.slug)
  .map((report) => experimentSection(report, level))}`;
}

function failuresSection({ failures }: RunRecord): Html {
  if (failures.length === 0) return html``;
  return html`<section aria-labelledby="failures"><h2 id="failures">Could not be run</h2>
<dl>${failures.map(({ experiment, reason }) => html`<dt>${experiment}</dt><dd class="log">${reason}</dd>`)}</dl></section>
`;
}

/** The seeds of a plan, such as `Seed 1` or `Seeds 1 to 20`; nothing where no experiment has any randomness. */
function seedsOf({
  plan: { profile, seed, seeds },
  reports,
}: RunRecord): readonly [name: string, value: string] | undefined {
  if (reports.length > 0 && reports.every(({ seedless }) => seedless)) return undefined;
  const count = seeds === "official" ? OFFICIAL_SEEDS[profile] : seeds;
  return count === 1 ? ["Seed", String(seed)] : ["Seeds", `${seed} to ${seed + count - 1}`];
}

function factsSection(record: RunRecord): Html {
  const { plan, threads, id, reports } = record;
  const environments = [
    ...new Set(reports.map(({ environment: e }) => `${e.runtime}, ${e.platform}, ${e.cores} cores`)),
  ];
  const seeds = seedsOf(record);
  const command = ["gradus", ...repeatArguments(plan, threads).map(quote)].join(" ");
  const facts: readonly (readonly [string, Html | string])[] = [
    ["Run", id],
    ["Finished", formatDateTime(record.finishedAt)],
    ["Computing time", formatDuration(elapsedOf(record) / 1000)],
    ["Profile", plan.profile],
    ...(seeds ? [seeds] : []),
    ["Threads", threads === null ? "chosen by the engine" : String(threads)],
    ["Environment", environments.join("; ") || "nothing was run"],
    [
      "Versions",
      Object.entries(record.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
    ],
  ];
  return html`<section aria-labelledby="repeat"><h2 id="repeat">How to reproduce it</h2>
<p>With gradus ${record.versions.gradus}; ${seeds ? "the same seed" : "every run"} gives the same figures, except for times.</p>
<pre><code>${command}</code></pre>
<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
</section>`;
}

/**
 * A run as one HTML page that needs nothing from outside and no script: verdicts, claims, figures, tables, parameters,
 * and how to repeat it.
 */
export function htmlReport(record: RunRecord): string {
  const title = titleOf(record);
  const parts: Part[] = verdictsOf(record).map((verdicts, i) => ({ ...verdicts, paper: record.papers[i] }));
  const all = parts.flatMap(({ verdicts }) => verdicts);
  const several = parts.length > 1;
  const seeds = seedsOf(record);
  const about = [
    `${record.plan.profile} profile`,
    ...(seeds ? [seeds.join(" ").toLowerCase()] : []),
    plural(drawnReports(record).length, "experiment"),
    `${formatDuration(elapsedOf(record) / 1000)} of compute time`,
  ];
  const body = html`<header>
<p class="brand">gradus ${record.plan.command}</p>
<h1>${sentence(title)}</h1>
<p class="muted">${several ? undefined : html`${parts.map(({ paper }) => arxiv(paper.arxivId))}, `}${formatDateTime(record.finishedAt)}, ${about.join(", ")}</p>
${verdictSummary(all)}
${
  isModified(record)
    ? html`<p class="remark">Parameters were changed: the results are not a verdict on the paper's claims.</p>`
    : undefined
}
</header>
<main>
${parts.map((part) => {
  if (!several) return paperSection(record, part, 2);
  const { paper, verdicts } = part;
  return html`<section aria-labelledby="${paper.slug}">
${heading(2, sentence(paper.title), paper.slug)}
<p class="muted">${arxiv(paper.arxivId)}</p>
${verdictSummary(verdicts)}
${paperSection(record, part, 3)}
</section>
`;
})}
${failuresSection(record)}
${factsSection(record)}
</main>`;
  return htmlPage(title, record.versions.gradus, body);
}
