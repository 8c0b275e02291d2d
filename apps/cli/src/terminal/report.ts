import { formatFigure, plotData, type RunReport, type Table } from "@gradus/papers";
import { formatValue } from "../experiments/parameters.ts";
import type { Palette } from "./color.ts";
import { renderPlot } from "./plot.ts";
import { layoutTable } from "./table.ts";
import { formatDuration, paragraph, stack, wrap } from "./text.ts";

const MOST_ROWS = 30;

/** A table, at most 30 rows of it. */
export function tableLines(table: Table, width: number, palette: Palette): string[] {
  const isNumeric = (key: string) =>
    table.rows.some((row) => typeof row[key] === "number") &&
    table.rows.every((row) => row[key] === null || typeof row[key] === "number");
  const columns = table.columns.map(({ key, label }) => ({
    header: label,
    align: isNumeric(key) ? ("right" as const) : ("left" as const),
  }));
  const rows = table.rows.slice(0, MOST_ROWS).map((row) =>
    table.columns.map(({ key }) => {
      const value = row[key] ?? "–";
      return { text: typeof value === "number" ? formatFigure(value) : value };
    }),
  );
  const left = table.rows.length - MOST_ROWS;
  return [
    ...wrap(table.title, width).map(palette.strong),
    ...layoutTable(columns, rows, { width, header: palette.muted }),
    ...(left > 0 ? wrap(`… ${left} more rows; use --out to write all rows`, width).map(palette.muted) : []),
  ];
}

/** What was run, on one or two lines. */
function runLines(report: RunReport, width: number, palette: Palette): string[] {
  const parameters = Object.entries(report.parameters).map(
    ([name, value]) => `${name}=${formatValue(value)}`,
  );
  const seed = report.seedless ? [] : [`seed ${report.seed}`];
  const run = [`${report.profile} profile`, ...seed, formatDuration(report.elapsed / 1000)];
  return wrap([...run, ...parameters].join(", "), width).map(palette.muted);
}

/** Everything a run showed and measured, but for its checks: plots with captions, tables, notes, summary. */
export function reportLines(report: RunReport, width: number, palette: Palette): string[] {
  const title = `${report.paper}/${report.experiment}: ${report.title}`;
  const plots = report.plots.map((plot) => {
    const caption = report.captions[plot.id];
    return [
      ...renderPlot(plot, plotData(report, plot.id), { width, palette }),
      ...(caption ? wrap(caption, width) : []),
    ];
  });
  return stack([
    [...wrap(title, width).map(palette.strong), ...runLines(report, width, palette)],
    wrap(report.headline, width).map(palette.strong),
    ...plots,
    ...report.tables.map((table) => tableLines(table, width, palette)),
    report.notes.flatMap((note) => paragraph(note, width, "– ")),
    report.summary.flatMap((sentence) => wrap(sentence, width)),
  ]);
}
