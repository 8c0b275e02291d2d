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

/** "A, B, C and 3 more"; up to four names in full. */
export function authorsLine(names: readonly string[]): string {
  const { authors, moreAuthors } = shownAuthors(names);
  const line = authors.join(", ");
  return moreAuthors > 0 ? `${line} and ${moreAuthors.toLocaleString("en-US")} more` : line;
}

/** The address of an author's papers: a search for the name as a phrase. */
export function authorPath(name: string): string {
  // A list has 150 of them, and URLSearchParams takes three times as long.
  const words = encodeURIComponent(name.toWellFormed().replaceAll('"', ""));
  return `/papers?q=%22${words.replaceAll("%20", "+")}%22`;
}
