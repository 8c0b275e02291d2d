import { stripVTControlCharacters } from "node:util";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const wide =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uFF01-\uFF60]/u;

/** How many terminal cells a text takes; color codes take none. */
export function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  let width = 0;
  for (const { segment } of graphemes.segment(plain)) width += wide.test(segment) ? 2 : 1;
  return width;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** The text cut to `width` cells, the last one an ellipsis where something is missing. Takes no color codes. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return "";
  let kept = "";
  for (const { segment } of graphemes.segment(text)) {
    if (displayWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

function chop(word: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const { segment } of graphemes.segment(word)) {
    if (piece !== "" && displayWidth(piece + segment) > width) {
      pieces.push(piece);
      piece = "";
    }
    piece += segment;
  }
  return [...pieces, piece];
}

/** The words of a text; a no-break space does not part them. */
export function words(text: string): string[] {
  return text.split(/[ \t\r\n]+/).filter((word) => word !== "");
}

/**
 * Breaks a text without color codes into lines of at most `width` cells, between words where it can, within a word
 * only where the word alone is too long. At least one line.
 */
export function wrap(text: string, width: number): string[] {
  const limit = Math.max(2, width);
  const lines: string[] = [];
  let line = "";
  for (const word of words(text)) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (displayWidth(joined) <= limit) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    const pieces = displayWidth(word) <= limit ? [word] : chop(word, limit);
    lines.push(...pieces.slice(0, -1));
    line = pieces[pieces.length - 1];
  }
  return line !== "" || lines.length === 0 ? [...lines, line] : lines;
}

/** A paragraph: the first line behind `first`, the others behind spaces of the same width. */
export function paragraph(text: string, width: number, first = ""): string[] {
  const indent = displayWidth(first);
  return wrap(text, width - indent).map((line, i) => (i === 0 ? first : " ".repeat(indent)) + line);
}

/** A duration for people: `40 ms`, `0.4 s`, `12 s`, `3 min`, `1 h 20 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** `one claim`, `3 claims`. */
export function plural(count: number, noun: string): string {
  return `${count === 1 ? "one" : count} ${count === 1 ? noun : `${noun}s`}`;
}

/** `0 of 1 run`, `2 of 4 runs`. */
export function outOf(part: number, whole: number, noun: string): string {
  return `${part} of ${whole} ${whole === 1 ? noun : `${noun}s`}`;
}

/** The lines of a text, those wrapped that are too long: a table keeps its own. */
export function wrapLongLines(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => (displayWidth(line) > width ? wrap(line, width) : [line]));
}

/** Blocks of lines with an empty line between those that are not empty. */
export function stack(blocks: readonly (readonly string[])[]): string[] {
  return blocks.filter((block) => block.length > 0).flatMap((block, i) => (i === 0 ? block : ["", ...block]));
}
