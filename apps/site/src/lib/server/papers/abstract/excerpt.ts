import { segmentsText } from "./plain-text.ts";
import type { Segment } from "./segments.ts";

/** Characters of plain text that a list shows of an abstract. */
export const EXCERPT_LENGTH = 480;

/** The longest beginning of `text` of at most `length` characters that ends before a space, without punctuation. */
function cutText(text: string, length: number): string {
  const characters = [...text];
  if (characters.length <= length) return text;
  let end = length;
  while (end > 0 && !/\s/.test(characters[end])) end -= 1;
  return characters.slice(0, end).join("");
}

/**
 * The beginning of an abstract: at most `length` characters of its plain text, cut at a word, never inside a formula,
 * ended by `…` where something was left out.
 */
export function excerpt(segments: readonly Segment[], length = EXCERPT_LENGTH): Segment[] {
  const [cut, whole] = take(segments, length);
  if (whole) return [...segments];
  return endWithEllipsis(cut);
}

function take(segments: readonly Segment[], length: number): [kept: Segment[], whole: boolean] {
  const kept: Segment[] = [];
  let left = length;
  for (const segment of segments) {
    const size = [...segmentsText([segment])].length;
    if (size <= left) {
      kept.push(segment);
      left -= size;
      continue;
    }
    if (segment.kind === "text") kept.push({ kind: "text", text: cutText(segment.text, left) });
    else if (segment.kind === "emphasis" || segment.kind === "strong")
      kept.push({ kind: segment.kind, children: take(segment.children, left)[0] });
    return [kept, false];
  }
  return [kept, true];
}

function endWithEllipsis(segments: readonly Segment[]): Segment[] {
  const kept = [...segments];
  while (kept.length > 0) {
    const last = kept[kept.length - 1];
    if (last.kind !== "text") break;
    kept.pop();
    const text = last.text.replace(/[\s,;:.(–—-]+$/u, "");
    if (text) {
      kept.push({ kind: "text", text });
      break;
    }
  }
  return [...kept, { kind: "text", text: "…" }];
}
