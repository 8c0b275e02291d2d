/** Who is signed in, as pages show it. */
export interface PersonView {
  /** What the header calls them: the address up to the "@". */
  readonly label: string;
}
