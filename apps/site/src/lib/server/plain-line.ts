/** Control characters, those that turn or hide text, and halves of characters. */
const INVISIBLE =
  /[\p{Cc}\p{Cs}\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]/gu;

/** Text that somebody typed as one line of plain text; empty when nothing is left of it. */
export function plainLine(text: string): string {
  return text.normalize("NFC").replace(/\s+/gu, " ").replace(INVISIBLE, "").trim();
}
