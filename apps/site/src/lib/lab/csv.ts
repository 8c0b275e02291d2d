import { isMatrix, type PlotData, type PlotSpecification, type Table } from "@gradus/papers";

function cell(value: number | string | null): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const isNumber = (name: string) => name.trim() !== "" && Number.isFinite(Number(name));

/**
 * How the rows or columns of a heat map are told apart: by their names, as text where names such as 1 and 01 are one number;
 * by place, from 0 on, where names repeat.
 */
function told(names: readonly string[]): readonly (number | string)[] {
  const areDistinct = (labels: readonly (number | string)[]) => new Set(labels).size === names.length;
  if (!areDistinct(names)) return names.map((_, k) => k);
  const labels = names.map((name) => (isNumber(name) ? Number(name) : name));
  return areDistinct(labels) ? labels : names;
}

/** The numbers of a plot: of points, x and y; of a heat map, row, column and value. */
export function plotTable(
  plot: PlotSpecification,
  data: PlotData,
): { readonly head: readonly string[]; readonly rows: readonly (readonly (number | string | null)[])[] } {
  if (plot.mark === "heat")
    return {
      head: ["series", "row", "column", plot.color?.label ?? "value"],
      rows: Object.entries(data).flatMap(([series, one]) => {
        if (!isMatrix(one)) return [];
        const [rows, columns] = [told(one.rows), told(one.columns)];
        return one.values.map((value, k) => [
          series,
          rows[Math.floor(k / columns.length)],
          columns[k % columns.length],
          value,
        ]);
      }),
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
