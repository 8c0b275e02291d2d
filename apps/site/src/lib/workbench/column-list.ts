import type { RowInput } from "./protocol.ts";

/** For each number of a row the name of its column; undefined for the next column that has no other use. */
export function columnNames({ parts }: RowInput): (string | undefined)[] {
  return parts.flatMap(({ size, source }): readonly (string | undefined)[] => {
    if ("constant" in source) return [];
    return source.columns === true ? new Array<undefined>(size).fill(undefined) : source.columns;
  });
}

/**
 * Names that are separated by commas; `a .. b` stands for all of the columns from a to b.
 *
 * @param columns the names of a file's columns, in their order
 */
export function expandedColumns(text: string, columns: readonly string[]): string[] {
  return text.split(",").flatMap((item) => {
    const word = item.trim();
    if (word === "") return [];
    const [first, last] = word.split("..").map((end) => columns.indexOf(end.trim()));
    return !columns.includes(word) && last !== undefined && first >= 0 && last >= first
      ? columns.slice(first, last + 1)
      : [word];
  });
}

/** For each input the columns that it reads by name and that are not among a file's columns. */
export function missingColumns({ parts }: RowInput, columns: readonly string[]): string[][] {
  return parts.map(({ source }) =>
    "constant" in source || source.columns === true
      ? []
      : source.columns.filter((column) => !columns.includes(column)),
  );
}
