import manifest from "../../package.json" with { type: "json" };
import { figure, table } from "../html/experiment.ts";
import { heading, html, sentence } from "../html/markup.ts";
import { htmlPage } from "../html/page.ts";
import type { CollaborativeView } from "./view.ts";

/** A collaborative training as one self-contained HTML page without scripts. */
export function collaborativePage(view: CollaborativeView): string {
  const { title, facts, sentences, plot, data, caption } = view;
  return htmlPage(
    title,
    manifest.version,
    html`<header>
<p class="brand">gradus collaborate</p>
<h1>${sentence(title)}</h1>
<p class="muted">${facts}</p>
</header>
<main>
${heading(2, html`In short`)}
${sentences.map((text) => html`<p>${sentence(text)}</p>\n`)}
${figure(plot, data, caption, 2)}
${table(view.table)}
</main>`,
  );
}
