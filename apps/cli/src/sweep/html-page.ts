import manifest from "../../package.json" with { type: "json" };
import { quote } from "../command-line/arguments.ts";
import { formatValue } from "../experiments/parameters.ts";
import { Html, html, sentence } from "../html/markup.ts";
import { formatDateTime, htmlPage } from "../html/page.ts";
import { formatDuration, outOf, plural } from "../terminal/text.ts";
import { estimateHeader, formatEstimate, formatHeld } from "./format.ts";
import { intervalFigure } from "./interval-figure.ts";
import { cellsOf, runName, subject, sweepArguments } from "./plan.ts";
import { computing, inState, type SweepResult } from "./result.ts";
import { commonCondition, type Measure } from "./summarize.ts";

function measureRows(measure: Measure, names: readonly string[]): Html {
  const common = commonCondition(measure);
  return html`<tbody>
<tr><th scope="rowgroup" colspan="${names.length + 3}"><strong>${measure.claim ?? "Our check"}</strong>&ensp;${sentence(measure.label)}${
    common === undefined ? undefined : html` <small>must be ${common}</small>`
  }</th></tr>
${measure.cells.map((figure) => {
  const all = figure.held === figure.values.length;
  return html`<tr>${names.map((name) => html`<td class="number">${formatValue(figure.cell[name])}</td>`)}<td class="number">${formatEstimate(figure)}</td><td>${common === undefined ? (figure.condition ?? "varies") : undefined}</td><td class="number ${all ? "held" : "failed"}">${formatHeld(figure)}</td></tr>
`;
})}</tbody>
`;
}

function table({ plan, measures }: SweepResult): Html {
  const names = plan.grid.map(({ name }) => name);
  return html`<div class="scroll" role="region" aria-label="What was measured" tabindex="0"><table>
<thead><tr>${names.map((name) => html`<th scope="col" class="number"><code>${name}</code></th>`)}<th scope="col" class="number">${estimateHeader(plan.seeds)}</th><th scope="col"></th><th scope="col" class="number">held</th></tr></thead>
${measures.map((measure) => measureRows(measure, names))}</table></div>`;
}

function failures(result: SweepResult): Html {
  const failed = inState(result, "failed");
  if (failed.length === 0) return html``;
  const cells = cellsOf(result.plan);
  return html`<section aria-labelledby="failures"><h2 id="failures">Could not be run</h2>
<dl>${failed.map(({ cell, seed, failure }) => html`<dt>${runName(cells[cell], seed)}</dt><dd class="log">${failure ?? ""}</dd>`)}</dl></section>
`;
}

/** A sweep as one HTML page: the plot of its intervals, the table, what could not be run, and how to repeat it. */
export function sweepPage(result: SweepResult): string {
  const { plan, measures, runs, createdAt, id } = result;
  const title = `Sweep of ${subject(plan)}`;
  const single = plan.seeds === 1;
  const drawn = (size: "wide" | "narrow") => new Html(intervalFigure(measures, plan.seeds, size));
  const finished = inState(result, "finished").length;
  const axes = plan.grid.map(({ name, values }) => `${name} ∈ {${values.map(formatValue).join(", ")}}`);
  const facts: readonly (readonly [string, Html | string])[] = [
    ["Sweep", id],
    ["Started", formatDateTime(createdAt)],
    ["Profile", plan.profile],
    ["Grid", axes.join("; ") || "none"],
    single ? ["Seed", "1"] : ["Seeds", `1 to ${plan.seeds}`],
    [
      "Set",
      Object.entries(plan.set)
        .map(([name, value]) => `${name}=${formatValue(value)}`)
        .join(", ") || "nothing",
    ],
    ["Computing time", formatDuration(computing(result) / 1000)],
  ];
  const body = html`<header>
<p class="brand">gradus sweep</p>
<h1>${title}</h1>
<p class="muted">${plural(cellsOf(plan).length, "combination")} with ${plural(plan.seeds, "seed")} each: ${outOf(finished, runs.length, "run")} finished</p>
<p class="remark">Parameters vary here: a check is a verdict on the paper's claim only at the paper's parameters.</p>
</header>
<main>
${
  measures.length === 0
    ? html`<p>No run has finished yet.</p>`
    : html`<section aria-labelledby="plot"><h2 id="plot">${single ? "Figures of seed 1" : "Means over the seeds"}</h2>
<figure><div class="wide">${drawn("wide")}</div><div class="narrow">${drawn("narrow")}</div><figcaption><p>${single ? "Each figure of the one seed; an interval needs two seeds." : "Mean of each figure over the seeds, with the 95% interval by Student's t."} Dashed: the bounds that the figure must meet.</p></figcaption></figure></section>
<section aria-labelledby="table"><h2 id="table">Table</h2>
${table(result)}</section>`
}
${failures(result)}
<section aria-labelledby="repeat"><h2 id="repeat">How to reproduce it</h2>
<pre><code>${["gradus", ...sweepArguments(plan)].map(quote).join(" ")}</code></pre>
<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
</section>
</main>`;
  return htmlPage(title, manifest.version, body);
}
