import type { CommentDisplayPart } from "typedoc";
import type { Html } from "../model.ts";
import type { Addresses } from "../reference/addresses.ts";
import { escapeHtml } from "./escape.ts";
import { splitFormulas } from "./formula.ts";

/** Stands for a piece of code while the text around it is split. */
const HOLE = "\uE000";

function linked(
  { text, ...part }: Extract<CommentDisplayPart, { kind: "inline-tag" }>,
  addresses: Addresses,
): Html {
  const { target } = part;
  const code = `<code>${escapeHtml(part.tsLinkText || text)}</code>`;
  if (typeof target === "string") return `<a href="${escapeHtml(target)}">${escapeHtml(text)}</a>`;
  const href = target && "id" in target ? addresses.of(target.id) : undefined;
  return href ? `<a href="${escapeHtml(href)}">${code}</a>` : code;
}

/** A long name may be broken before its capitals, where a table on a phone must break it: not within its words. */
const breakable = (name: Html) =>
  /^\w{15,}(\(\))?$/.test(name) ? name.replace(/(?<=[a-z\d])(?=[A-Z])/g, "<wbr>") : name;

/** Code in a line of text; the name of a symbol links to it. */
export function codeHtml(code: string, addresses: Addresses): Html {
  const href = addresses.named(code.replace(/\(\)$/, ""));
  const html = `<code>${breakable(escapeHtml(code))}</code>`;
  return href ? `<a href="${escapeHtml(href)}">${html}</a>` : html;
}

/** Text with its formulas set apart; holes stay. */
function prose(text: string): Html {
  return splitFormulas(text)
    .map(({ text: span, formula }) =>
      formula ? `<span class="formula">${escapeHtml(span)}</span>` : escapeHtml(span),
    )
    .join("");
}

/** Lines of a comment that belong together: set apart by indentation, as formulas are, or text. */
function blocksOf(text: string): { readonly display: boolean; readonly text: string }[] {
  const blocks: { display: boolean; lines: string[] }[] = [];
  let open = false;
  for (const line of text.split("\n")) {
    if (line.trim() === "") {
      open = false;
      continue;
    }
    // Where a result comes from is said apart.
    if (/^Source: /.test(line)) open = false;
    const last = blocks.at(-1);
    const display =
      /^ {4}/.test(line) && !(open && last && !last.display && /^ *- /.test(last.lines.at(-1) ?? ""));
    // Blank lines inside a display keep its lines together.
    if (last && last.display === display && (open || display)) last.lines.push(line);
    else blocks.push({ display, lines: [line] });
    open = true;
  }
  return blocks.map(({ display, lines }) => {
    const margin = Math.min(...lines.map((line) => line.search(/\S/)));
    return { display, text: lines.map((line) => (display ? line.slice(margin) : line)).join("\n") };
  });
}

/** Formulas on lines of their own; where a line is too long it breaks between two of them. */
function displayHtml(text: string): Html {
  const parts = text.split(/( {2,}|\n)/);
  const html = parts.map((part, i) =>
    i % 2 === 1 || part === "" ? part : `<span>${escapeHtml(part)}</span>`,
  );
  return `<pre class="formula">${html.join("")}</pre>`;
}

function blockHtml(text: string): Html {
  const [lead, ...items] = text.split(/(?:^|\n)\s*- /);
  const paragraph = lead.trim() === "" ? "" : `<p>${prose(lead.trim())}</p>`;
  return items.length === 0
    ? paragraph
    : `${paragraph}<ul>${items.map((item) => `<li>${prose(item.trim())}</li>`).join("")}</ul>`;
}

/** A comment as HTML: paragraphs, lists of lines that begin with a dash, and what is indented as it stands. */
export function commentHtml(parts: readonly CommentDisplayPart[], addresses: Addresses): Html {
  const code: string[] = [];
  let text = "";
  for (const part of parts) {
    if (part.kind === "text") text += part.text;
    else {
      const content = part.text.replace(/^`+|`+$/g, "").trim();
      code.push(part.kind === "inline-tag" ? linked(part, addresses) : codeHtml(content, addresses));
      text += HOLE;
    }
  }
  let next = 0;
  return blocksOf(text)
    .map((block) => (block.display ? displayHtml(block.text) : blockHtml(block.text)))
    .join("")
    .replaceAll(HOLE, () => code[next++]);
}

/** A comment's content inside a line: without the paragraph around it when it is one. */
export function inlineHtml(parts: readonly CommentDisplayPart[], addresses: Addresses): Html {
  const html = commentHtml(parts, addresses);
  return html.match(/<p>/g)?.length === 1 && html.startsWith("<p>") && html.endsWith("</p>")
    ? html.slice(3, -4)
    : html;
}

/** The first sentence of a comment as plain text. */
export function firstSentence(parts: readonly CommentDisplayPart[]): string {
  const text = parts
    .map((part) => part.text.replace(/^`+|`+$/g, part.kind === "text" ? "$&" : ""))
    .join("")
    .split(/\n\s*\n/)[0]
    .replace(/\s+/g, " ")
    .trim();
  // A sentence ends at a full stop before a capital letter, not at one of "et al." or "eq. 3".
  const end =
    /[.!?](?=\s+[A-Z`([])(?<!\b(?:eq|Eq|al|fig|Fig|Thm|cf|vs|no|ch|sec|Sec|Alg|Prop|resp|i\.e|e\.g|[A-Z])\.)/.exec(
      text,
    );
  return end ? text.slice(0, end.index + 1) : text;
}
