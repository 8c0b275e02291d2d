/** Rows of which a reader chooses one. */
export interface RowTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

/** Rows to choose from, which readers can replace by their own. */
export interface RowChoice {
  table(): RowTable;
  /** Takes the place of the rows; the columns stay. */
  replace(rows: RowTable["rows"]): void;
}

/** The chosen row, from 0, among the values of an exploration of rows. */
export const ROW = "row";
