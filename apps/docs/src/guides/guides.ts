import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Marked, type Token, type Tokens } from "marked";
import type { GuideDoc, Heading, Html } from "../model.ts";
import type { Addresses } from "../reference/addresses.ts";
import { codeHtml } from "../text/comment.ts";
import { escapeHtml } from "../text/escape.ts";
import { highlight } from "../text/highlight.ts";

/** The guides by the order in which they are best read; others follow by name. */
const ORDER = [
  "install",
  "train-and-export",
  "sequences",
  "pytorch",
  "differentiate",
  "iterators",
  "data",
  "optimizers",
  "bilevel",
  "derivative-free",
  "learn-operators",
  "random-features",
  "linear-operators",
  "curvature",
  "explain",
  "diffusion",
  "experiments",
];

const isHeading = (token: Token | undefined): token is Tokens.Heading => token?.type === "heading";
const isParagraph = (token: Token | undefined): token is Tokens.Paragraph => token?.type === "paragraph";
const isCode = (token: Token | undefined): token is Tokens.Code => token?.type === "code";

/** The characters that Markdown escapes in the text of a token. */
const unescaped = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

const plainText = (text: string) => text.replace(/[`*]/g, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");

/** Straight apostrophes inside and at the end of words, as Markdown files have them, in their printed form. */
const curly = (text: string) => text.replace(/(?<=\p{L})(?:'|&#39;)/gu, "’");

function anchorOf(title: string): string {
  return plainText(title)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** A scrolling block that the keyboard reaches. */
function codeBlock({ text, lang = "" }: Tokens.Code, printed: boolean): Html {
  const code = `<pre tabindex="0"><code>${highlight(text, lang)}</code></pre>`;
  return printed ? `<div class="printed"><p>prints</p>${code}</div>` : `<div class="code">${code}</div>`;
}

/**
 * A guide from its Markdown.
 *
 * @throws Error unless it begins with a title and a paragraph
 */
export function renderGuide(slug: string, markdown: string, addresses: Addresses): GuideDoc {
  const outputs = new Set<Token>();
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        const anchor = anchorOf(text);
        return `<h${depth} id="${anchor}"><a href="#${anchor}">${this.parser.parseInline(tokens)}</a></h${depth}>`;
      },
      link({ href, tokens }) {
        const guide = /^([a-z-]+)\.md(#.*)?$/.exec(href);
        const address = guide ? `/docs/guides/${guide[1]}${guide[2] ?? ""}` : href;
        return `<a href="${escapeHtml(address)}">${this.parser.parseInline(tokens)}</a>`;
      },
      code: (token) => codeBlock(token, outputs.has(token)),
      codespan: ({ text }) => codeHtml(unescaped(text), addresses),
      table(token) {
        const row = (cells: Tokens.TableCell[], tag: "th" | "td") =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join("")}</tr>`;
        return `<div class="wide" tabindex="0"><table><thead>${row(token.header, "th")}</thead><tbody>${token.rows.map((cells) => row(cells, "td")).join("")}</tbody></table></div>`;
      },
    },
  });
  const tokens = marked.lexer(markdown);
  marked.walkTokens(tokens, (token) => {
    if (token.type === "text" && !("tokens" in token)) token.text = curly(token.text);
  });
  const shown = tokens.filter(({ type }) => type !== "space");
  const [title, lead, ...body] = shown;
  if (!isHeading(title) || !isParagraph(lead))
    throw new Error(`docs/${slug}.md must begin with a title and a paragraph`);
  shown.forEach((token, i) => {
    const before = shown[i - 1];
    if (isCode(token) && token.lang === "text" && isCode(before) && before.lang === "ts") outputs.add(token);
  });
  const headings: Heading[] = body
    .filter(isHeading)
    .filter(({ depth }) => depth === 2)
    .map(({ text }) => ({ anchor: anchorOf(text), title: curly(plainText(text)) }));
  const summary = marked.parser([lead]).replace(/^<p>|<\/p>\s*$/g, "");
  return {
    slug,
    title: curly(plainText(title.text)),
    lead: unescaped(summary.replace(/<[^>]*>/g, "")).replace(/\s+/g, " "),
    summary,
    headings,
    body: marked.parser([lead, ...body]),
  };
}

/** The guides of `docs/`. */
export async function readGuides(root: string, addresses: Addresses): Promise<GuideDoc[]> {
  const folder = join(root, "docs");
  const slugs = (await readdir(folder))
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.slice(0, -".md".length));
  const place = (slug: string) => (ORDER.includes(slug) ? ORDER.indexOf(slug) : ORDER.length);
  slugs.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  return Promise.all(
    slugs.map(async (slug) =>
      renderGuide(slug, await readFile(join(folder, `${slug}.md`), "utf8"), addresses),
    ),
  );
}
