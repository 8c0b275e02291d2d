/** A run of plain text, or a subscript or superscript of the preceding one. */
export interface TextRun {
  readonly kind: "plain" | "sub" | "sup";
  readonly text: string;
}

/** What can carry a script: a single letter, a closing bracket, or an operator name. */
const SCRIPTED =
  /(?<=(?:^|[^\p{L}\p{N}_])(?:\p{L}\p{M}*|min|max|sup|inf|lim|log|argmin|argmax)|[)\]|‖²])([_^])(?:\{([^{}]{1,40})\}|\(([^()]{1,20})\)|(\p{L}{1,2}|min|max|\p{Nd}{1,3}(?:\.\p{Nd}{1,3})?|[*∗])(?![\p{L}\p{Nd}_]))/gu;

/**
 * Splits text at its subscripts and superscripts: `θ_t`, `e^{m_i}`, `λ_(c+1)`, `min_i`. Names with underscores, such as
 * environment variables, stay as they are.
 */
export function textRuns(text: string): TextRun[] {
  const out: TextRun[] = [];
  let from = 0;
  for (const match of text.matchAll(SCRIPTED)) {
    if (match.index > from) out.push({ kind: "plain", text: text.slice(from, match.index) });
    out.push({ kind: match[1] === "_" ? "sub" : "sup", text: match[2] ?? match[3] ?? match[4] });
    from = match.index + match[0].length;
  }
  if (from < text.length) out.push({ kind: "plain", text: text.slice(from) });
  return out;
}
