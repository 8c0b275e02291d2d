/** A run of text, or a script beside what stands before it. */
export interface TextRun {
  readonly kind: "plain" | "sub" | "sup";
  readonly text: string;
}

/** Letters that carry scripts: a single letter, a closing bracket, or the name of an operator. */
const SCRIPTED =
  /(?<=(?:^|[^\p{L}\p{N}_])(?:\p{L}\p{M}*|min|max|sup|inf|lim|log|argmin|argmax)|[)\]|‖²])([_^])(?:\{([^{}]{1,40})\}|\(([^()]{1,20})\)|(\p{L}{1,2}|min|max|\p{Nd}{1,3}(?:\.\p{Nd}{1,3})?|[*∗])(?![\p{L}\p{Nd}_]))/gu;

/**
 * Splits a sentence of ours at its scripts: `θ_t`, `e^{m_i}`, `λ_(c+1)`, `min_i`. Names with underscores, such as those of
 * environment variables, are left alone.
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
