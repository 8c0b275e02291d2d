import { segmentsText } from "../../papers/abstract/plain-text.ts";
import { parseTextTeX } from "../../papers/abstract/text-tex.ts";

/** Characters that XML allows and no text of a paper needs: controls but for line ends and tabs, marks of direction. */
const INVISIBLE =
  /[^\P{Cc}\t\n]|[\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFFD\p{Cs}]/gu;

/** Text in NFC with plain line ends, without no-break spaces and invisible characters. */
function cleaned(text: string): string {
  return text
    .normalize("NFC")
    .replace(/\r\n?/g, "\n")
    .replace(/[\u00A0\u202F]/g, " ")
    .replace(INVISIBLE, "");
}

/** Text on one line. */
export function oneLine(text: string): string {
  return cleaned(text).replace(/\s+/g, " ").trim();
}

/** Text of an abstract: a line that begins with a space begins a paragraph, any other end of a line is a space. */
export function paragraphs(text: string): string {
  return cleaned(text)
    .trim()
    .split(/\n(?=[ \t\n])/)
    .map((paragraph) => paragraph.replace(/\s+/g, " ").trim())
    .filter((paragraph) => paragraph !== "")
    .join("\n\n");
}

/** Text on one line with the accents and formulas of TeX as Unicode, as titles and names are shown. */
export function plainLine(text: string): string {
  return oneLine(segmentsText(parseTextTeX(oneLine(text), "source")));
}

/** An author's name as arXiv has it, never split: only commas that hang at its ends go. */
export function authorName(text: string): string {
  return plainLine(text).replace(/^[\s,;]+|[\s,;]+$/g, "");
}

/** Text on one line, or null for none. */
export function lineOrNull(text: string): string | null {
  return oneLine(text) || null;
}
