const NAMES_SHOWN = 3;

/** The names that a list shows, and how many others there are. */
export interface ShownAuthors {
  readonly authors: readonly string[];
  readonly moreAuthors: number;
}

/** The first three names; up to four names in full. */
export function shownAuthors(names: readonly string[]): ShownAuthors {
  const shown = names.length <= NAMES_SHOWN + 1 ? names.length : NAMES_SHOWN;
  return { authors: names.slice(0, shown), moreAuthors: names.length - shown };
}

/** Scripts that are written from right to left, and a few signs between them, which isolating does no harm. */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFEFC\u{10800}-\u{1EFFF}]/u;

/** A name in the order of its own script, whatever stands beside it: U+2068 isolates it until U+2069. */
const isolated = (name: string) => (RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name);

/** "A, B, C and 3 more". */
export function shownLine({ authors, moreAuthors }: ShownAuthors): string {
  const line = authors.map(isolated).join(", ");
  return moreAuthors > 0 ? `${line} and ${moreAuthors.toLocaleString("en-US")} more` : line;
}

/** "A, B, C and 3 more"; up to four names in full. */
export function authorsLine(names: readonly string[]): string {
  return shownLine(shownAuthors(names));
}

/** The address of an author's papers: a search for the name as a phrase. */
export function authorPath(name: string): string {
  // A list has 150 of them, and URLSearchParams takes three times as long.
  const words = encodeURIComponent(name.toWellFormed().replaceAll('"', ""));
  return `/papers?q=%22${words.replaceAll("%20", "+")}%22`;
}
