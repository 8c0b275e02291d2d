/** A part of a text; one that is `whole` stays on a line. */
export interface TextPart {
  readonly text: string;
  readonly whole: boolean;
}

/** A relation of two short sides, such as `γ = 1e6`, or what follows an index: ` = 3`. */
const RELATION = /(?:(?<=^|[\s(])[^\s(]{1,9}|^) [=≠<>≤≥≈∝] [^\s,;]{1,9}(?=$|[\s,;])/gu;

/** A text in parts, of which short formulas are whole: they read badly over two lines. */
export function wholeFormulas(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  for (const { 0: formula, index } of text.matchAll(RELATION)) {
    if (index > at) parts.push({ text: text.slice(at, index), whole: false });
    parts.push({ text: formula, whole: true });
    at = index + formula.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), whole: false });
  return parts;
}
