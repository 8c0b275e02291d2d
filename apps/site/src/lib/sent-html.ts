// The HTML of papers in lists, which a page that is sent has among its elements: its data leave it out.
import type { EntryHtml, ListEntry } from "./views.ts";

/** On a server what was left out of the data of pages being made, in a browser what pages had. */
const known = new WeakMap<ListEntry, EntryHtml>();

/** A paper for a page that is made here: its HTML is for the page's elements alone. */
export function withoutHtml({ html, ...entry }: ListEntry): ListEntry {
  if (html) known.set(entry, html);
  return entry;
}

/** What the elements of a paper on the page hold, without the marks that Svelte left between them. */
function htmlOfPage(arxivId: string): EntryHtml {
  const article = document.getElementById(arxivId);
  const within = (selector: string) =>
    article?.querySelector(selector)?.innerHTML.replaceAll(/<!--.*?-->/g, "") ?? "";
  return { title: within("h2 > a"), excerpt: within(".abstract") };
}

/** The HTML of a paper: of its data, or of the page that came with them. */
export function htmlOf(entry: ListEntry): EntryHtml {
  const html = entry.html ?? known.get(entry) ?? htmlOfPage(entry.arxivId);
  // A page that is drawn anew no longer has it.
  known.set(entry, html);
  return html;
}
