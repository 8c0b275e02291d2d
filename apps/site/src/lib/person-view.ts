/** What the reader who is signed in did with the papers of a page, by their arXiv identifiers. */
export interface OwnMarks {
  readonly voted: readonly string[];
  readonly saved: readonly string[];
  readonly read: readonly string[];
  /** The identifiers of the reports that they sent of the one paper that the page is about. */
  readonly reports: readonly number[];
}

/** Who is signed in, as pages show it. */
export interface PersonView {
  /** What the header calls them: the name that they chose, else the address up to the "@". */
  readonly label: string;
  /** Whether the pages of the site's operators are shown to them. */
  readonly operates: boolean;
}
