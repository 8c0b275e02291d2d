import { textRuns } from "@gradus/figures/text-runs";

/** Markup that is safe to stand in a page as it is. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | undefined | readonly Part[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character]);
}

function render(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  return part.map(render).join("");
}

/** Markup with values in it: texts are escaped, lists joined, what is not there left out. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, i) => text + render(parts[i])).join(""));
}

/** A sentence of ours with its scripts: `θ_t` becomes θ with a subscript. */
export function sentence(text: string): Html {
  return html`${textRuns(text).map((word) => {
    if (word.kind === "sub") return html`<sub>${word.text}</sub>`;
    return word.kind === "sup" ? html`<sup>${word.text}</sup>` : html`${word.text}`;
  })}`;
}

/** A heading of a level from 1 to 6. */
export function heading(level: number, content: Html, id?: string): Html {
  const tag = new Html(`h${Math.min(6, level)}`);
  return html`<${tag}${id === undefined ? undefined : html` id="${id}"`}>${content}</${tag}>`;
}
