/** The most characters shown of a text. */
const LONGEST_TEXT = 96;
/** The most words shown of a list. */
const MOST_WORDS = 3;
/** The most lines shown of an answer that is not JSON. */
const MOST_LINES = 16;

function shortText(text: string): string {
  const characters = [...text];
  return characters.length > LONGEST_TEXT ? `${characters.slice(0, LONGEST_TEXT).join("")}…` : text;
}

/** A value of which as much is left as shows its shape: of a list of objects the first. */
export function shortenValue(value: unknown): unknown {
  if (typeof value === "string") return shortText(value);
  if (Array.isArray(value)) {
    const shown = value.some((item) => typeof item === "object") ? 1 : MOST_WORDS;
    const left = value.length - shown;
    const first = value.slice(0, shown).map(shortenValue);
    return left > 0 ? [...first, `… ${left} more`] : first;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shortenValue(inner)]));
}

/** A body as the documentation shows it. */
export function shortenBody(body: string, type: string): string {
  if (/\bjson\b/.test(type)) return JSON.stringify(shortenValue(JSON.parse(body)), null, 2);
  const lines = body.trimEnd().split("\n");
  const shown = lines.slice(0, MOST_LINES).map((line) => shortText(line));
  return [...shown, ...(lines.length > MOST_LINES ? ["…"] : [])].join("\n");
}
