import type { Table } from "../experiment.ts";

/** A table whose columns are given as headings by key, in order; keys must not look like integers. */
export function tableOf(
  id: string,
  title: string,
  headings: Readonly<Record<string, string>>,
  rows: readonly object[],
): Table {
  const keys = Object.keys(headings);
  return {
    id,
    title,
    columns: keys.map((key) => ({ key, label: headings[key] })),
    rows: rows.map((row) => {
      const cells = new Map<string, unknown>(Object.entries(row));
      return Object.fromEntries(keys.map((key) => [key, cellOf(cells.get(key))]));
    }),
  };
}

const cellOf = (value: unknown) => (typeof value === "number" || typeof value === "string" ? value : null);
