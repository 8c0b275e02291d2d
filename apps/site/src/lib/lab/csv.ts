import type { PlotData } from "@gradus/figures";
import type { PlotSpecification } from "@gradus/papers";

function cell(value: number | string): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The points of a plot as CSV: a row a point, in the order in which they were measured. */
export function plotCsv(plot: PlotSpecification, data: PlotData): string {
  const rows = Object.entries(data).flatMap(([series, points]) => points.map(({ x, y }) => [series, x, y]));
  return [["series", plot.x.label, plot.y.label], ...rows]
    .map((row) => `${row.map(cell).join(",")}\r\n`)
    .join("");
}
