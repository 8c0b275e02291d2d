import { figure, table } from "../html/experiment.ts";
import { escapeHtml, heading, html, sentence } from "../html/markup.ts";
import { style } from "../html/style.ts";
import type { SpectrumView } from "./view.ts";

/** A spectrum as one self-contained HTML page without scripts. */
export function spectrumPage({ title, facts, sentences, plots, tables }: SpectrumView): string {
  const body = html`<header>
<p class="brand">gradus spectrum</p>
<h1>${sentence(title)}</h1>
<p class="muted">${facts}</p>
</header>
<main>
${heading(2, html`In short`)}
${sentences.map((text) => html`<p>${sentence(text)}</p>\n`)}
${plots.map(({ plot, data, caption }) => figure(plot, data, caption, 3))}
${tables.map(table)}
</main>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body.text}
</body>
</html>
`;
}
