import { figureElement } from "@gradus/figures/svg-text";
import {
  formatFigure,
  type PlotData,
  type PlotSpecification,
  plotData,
  type RunReport,
  type Table,
} from "@gradus/papers";
import { formatValue } from "../experiments/parameters.ts";
import { formatDuration } from "../terminal/text.ts";
import { Html, heading, html, sentence } from "./markup.ts";

/** Pixels: the width of the text, and that of the narrowest screens, where a shrunk figure could not be read. */
const WIDE = 696;
const NARROW = 310;
/** Largest table on a page; the record has all rows. */
const MOST_ROWS = 500;

/** A plot in two widths, of which the page shows the one that fits, with its caption. */
export function figure(
  plot: PlotSpecification,
  data: PlotData,
  caption: string | undefined,
  level: number,
): Html {
  const wide = figureElement(plot, data, { width: WIDE });
  const narrow = figureElement(plot, data, { width: NARROW });
  return html`<figure>
${heading(level, sentence(plot.title))}
${
  wide !== undefined && narrow !== undefined
    ? html`<div class="wide">${new Html(wide)}</div><div class="narrow">${new Html(narrow)}</div>`
    : html`<p>No points were measured.</p>`
}
${caption === undefined ? undefined : html`<figcaption><p>${sentence(caption)}</p></figcaption>`}
</figure>
`;
}

/** A table that scrolls sideways where it does not fit. */
export function table({ title, columns, rows }: Table): Html {
  const isNumeric = (key: string) =>
    rows.some((row) => typeof row[key] === "number") &&
    rows.every((row) => row[key] === null || typeof row[key] === "number");
  const cells = columns.map(({ key, label }) => ({ key, label, numeric: isNumeric(key) }));
  const side = (numeric: boolean) => (numeric ? html` class="number"` : undefined);
  const left = rows.length - MOST_ROWS;
  return html`<div class="scroll" role="region" aria-label="${title}" tabindex="0"><table>
<caption>${sentence(title)}</caption>
<thead><tr>${cells.map(({ label, numeric }) => html`<th scope="col"${side(numeric)}>${sentence(label)}</th>`)}</tr></thead>
<tbody>${rows.slice(0, MOST_ROWS).map(
    (row) =>
      html`<tr>${cells.map(({ key, numeric }) => {
        const value = row[key] ?? "–";
        return html`<td${side(numeric)}>${typeof value === "number" ? formatFigure(value) : sentence(value)}</td>`;
      })}</tr>
`,
  )}</tbody></table></div>
${left > 0 ? html`<p class="muted">${left} more rows are in the run's record.</p>` : undefined}`;
}

function parameters(report: RunReport): Html {
  const entries = Object.entries(report.parameters);
  if (entries.length === 0) return html``;
  return html`<dl class="facts">${entries.map(
    ([name, value]) => html`<dt><code>${name}</code></dt><dd>${formatValue(value)}</dd>`,
  )}</dl>`;
}

/** What one experiment showed: summary, figures, tables, notes, and the parameters it was run with. */
export function experimentSection(report: RunReport, level: number): Html {
  const id = `${report.paper}-${report.experiment}`;
  const { platform, runtime, cores } = report.environment;
  const seed = report.seedless ? "" : `, seed ${report.seed}`;
  const changed = report.modified ? ", with changed parameters" : "";
  return html`<section aria-labelledby="${id}">
${heading(level, sentence(report.title), id)}
<p class="muted">${report.paper}/${report.experiment}: ${report.profile} profile${seed}, ${formatDuration(report.elapsed / 1000)} on ${runtime}, ${platform}, ${cores} cores${changed}</p>
${report.headline === "" ? undefined : html`<p><strong>${sentence(report.headline)}</strong></p>`}
${report.summary.map((text) => html`<p>${sentence(text)}</p>\n`)}
${report.plots.map((plot) => figure(plot, plotData(report, plot.id), report.captions[plot.id], level + 1))}
${report.tables.map(table)}
${
  report.notes.length === 0
    ? undefined
    : html`${heading(level + 1, html`Notes`)}<ul>${report.notes.map((text) => html`<li>${sentence(text)}</li>`)}</ul>`
}
${Object.keys(report.parameters).length === 0 ? undefined : heading(level + 1, html`Parameters`)}
${parameters(report)}
</section>
`;
}
