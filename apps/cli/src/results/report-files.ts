import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "@gradus/database/make-folder";
import {
  isMatrix,
  type PlotData,
  type PlotSpecification,
  plotData,
  type RunReport,
  type Table,
} from "@gradus/papers";
import { GradusError } from "gradus/check";
import { UsageError } from "../errors.ts";
import { writeWhole } from "../files/write-whole.ts";
import { orderedSeries } from "../terminal/plot.ts";
import { plotFile, removeEarlier, tableFile } from "./earlier-report.ts";
import { json } from "./json.ts";

/**
 * Writes a file so that it is either there as a whole or not at all. A link stays, and what it points to is written; a
 * pipe or a device is written to.
 *
 * @throws GradusError when it cannot be written, as on a full disk
 */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeWhole(file, [content]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GradusError(`cannot write ${file} (${reason})`, { cause });
  }
}

/**
 * Makes the folder that an option names before hours are spent on what goes into it.
 *
 * @throws UsageError when it cannot be made or written into
 */
export async function prepareFolder(folder: string, option: string): Promise<void> {
  try {
    makeFolders(folder);
    const probe = join(folder, `.gradus.${process.pid}.tmp`);
    await writeFile(probe, "");
    await rm(probe);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${option}: cannot write into ${folder} (${reason})`, { cause });
  }
}

type Value = string | number | null | undefined;

/** Comma-separated values, quoted after RFC 4180; numbers with all their digits. */
export function csv(rows: readonly (readonly Value[])[]): string {
  const field = (value: Value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(field).join(",")}\n`).join("");
}

const isNumber = (name: string) => name.trim() !== "" && Number.isFinite(Number(name));

/** How the rows or columns of a heat map are told apart: by their names; by place, from 0 on, where names repeat. */
function told(names: readonly string[]): readonly Value[] {
  const distinct = new Set(names).size === names.length;
  return names.map((name, k) => (!distinct ? k : isNumber(name) ? Number(name) : name));
}

/** A plot's points, one a row: series, x, y, headed by the axes' labels; of a heat map, its cells. */
export function plotCsv(plot: PlotSpecification, data: PlotData): string {
  const names = orderedSeries(plot, data);
  if (plot.mark === "heat") {
    const cells = names.flatMap((name) => {
      const one = data[name];
      if (!isMatrix(one)) return [];
      const [rows, columns] = [told(one.rows), told(one.columns)];
      const width = columns.length;
      return one.values.map((value, k) => [name, rows[Math.floor(k / width)], columns[k % width], value]);
    });
    return csv([["series", "row", "column", plot.color?.label ?? "value"], ...cells]);
  }
  const rows = names.flatMap((name) => {
    const one = data[name];
    return isMatrix(one) ? [] : one.map(({ x, y }) => [name, x, y]);
  });
  return csv([["series", plot.x.label, plot.y.label], ...rows]);
}

export function tableCsv({ columns, rows }: Table): string {
  return csv([
    columns.map((column) => column.label),
    ...rows.map((row) => columns.map((column) => row[column.key])),
  ]);
}

/**
 * Writes a report into a folder: `report.json`, `plot-<id>.csv` for each plot with points, `table-<id>.csv` for each
 * table. Those of an earlier report there are replaced or removed.
 */
export async function writeReport(folder: string, report: RunReport): Promise<void> {
  makeFolders(folder);
  const written = new Set<string>();
  const write = async (name: string, content: string) => {
    await writeAtomically(join(folder, name), content);
    written.add(name);
  };
  for (const plot of report.plots) {
    const data = plotData(report, plot.id);
    if (Object.keys(data).length > 0) await write(plotFile(plot.id), plotCsv(plot, data));
  }
  for (const table of report.tables) await write(tableFile(table.id), tableCsv(table));
  await removeEarlier(folder, written);
  // Last, so that a report stands beside the files it tells of.
  await writeAtomically(join(folder, "report.json"), json(report));
}
