import { isMatrix, type PlotData, type PlotSpecification, type Table } from "@gradus/papers";

function cell(value: number | string | null): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The numbers of a plot: of points, x and y; of a heat map, row, column and value. */
export function plotTable(
  plot: PlotSpecification,
  data: PlotData,
): { readonly head: readonly string[]; readonly rows: readonly (readonly (number | string | null)[])[] } {
  if (plot.mark === "heat")
    return {
      head: ["series", "row", "column", plot.color?.label ?? "value"],
      rows: Object.entries(data).flatMap(([series, one]) =>
        isMatrix(one)
          ? one.values.map((value, k) => [
              series,
              Math.floor(k / one.columns.length),
              k % one.columns.length,
              value,
            ])
          : [],
      ),
    };
  return {
    head: ["series", plot.x.label, plot.y.label],
    rows: Object.entries(data).flatMap(([series, one]) =>
      isMatrix(one) ? [] : one.map(({ x, y }) => [series, x, y]),
    ),
  };
}

type Row = readonly (number | string | null)[];

const lines = (rows: readonly Row[]) => rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

/** A plot as CSV: a row a point or a cell, in the order in which they were measured. */
export function plotCsv(plot: PlotSpecification, data: PlotData): string {
  const { head, rows } = plotTable(plot, data);
  return lines([head, ...rows]);
}

/** A table as CSV, headed by its columns' labels; numbers with all their digits. */
export function tableCsv({ columns, rows }: Table): string {
  return lines([
    columns.map(({ label }) => label),
    ...rows.map((row) => columns.map(({ key }) => row[key] ?? null)),
  ]);
}
