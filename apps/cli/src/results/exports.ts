import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolders } from "@gradus/database/make-folder";
import { plotData, type RunReport } from "@gradus/papers";
import { UsageError } from "../errors.ts";
import { isDevice, targetOf } from "../files/write-whole.ts";
import type { RunRecord } from "../runs/record.ts";
import { prepareFolder, writeAtomically } from "./report-files.ts";

/** Files that a run is also written to. */
export interface ExportTargets {
  readonly html?: string;
  readonly svg?: string;
}

/** The arguments that ask for the same files. */
export function exportArguments({ html, svg }: ExportTargets): string[] {
  return [...(html === undefined ? [] : ["--html", html]), ...(svg === undefined ? [] : ["--svg", svg])];
}

/**
 * Makes the folder of the file that an option names.
 *
 * @param example a name for the file, where a folder is given
 * @throws UsageError when the file is a folder, or its folder cannot be written into
 */
export async function prepareFile(file: string, option: string, example: string): Promise<void> {
  if ((await stat(file).catch(() => undefined))?.isDirectory())
    throw new UsageError(`${option} must be a file, ${file} is a folder; such as: ${join(file, example)}`);
  // The folder of a pipe or a device need not take other files.
  if (await isDevice(file)) return;
  await prepareFolder(dirname(await targetOf(file)), option);
}

/** Checks that the output files can be written before the run starts. @throws UsageError */
export async function prepareExports({ html, svg }: ExportTargets): Promise<void> {
  if (html !== undefined) await prepareFile(html, "--html", "report.html");
  if (svg !== undefined) await prepareFolder(svg, "--svg");
}

/** Writes each figure of the reports as `<paper>-<experiment>-<plot>.svg`; returns how many there are. */
async function writeFigures(folder: string, reports: readonly RunReport[]): Promise<number> {
  // Drawing takes a while to load, and most commands draw nothing.
  const { figureFile } = await import("@gradus/figures/svg-text");
  makeFolders(folder);
  let count = 0;
  for (const report of reports)
    for (const plot of report.plots) {
      const figure = figureFile(plot, plotData(report, plot.id));
      if (figure === undefined) continue;
      const name = `${report.paper}-${report.experiment}-${plot.id}.svg`;
      await writeAtomically(join(folder, name), figure);
      count += 1;
    }
  return count;
}

/** Writes the files that were asked for, and returns a line on each. */
export async function writeExports(record: RunRecord, { html, svg }: ExportTargets): Promise<string[]> {
  const lines: string[] = [];
  if (html !== undefined) {
    const { htmlReport } = await import("../html/report.ts");
    await writeAtomically(html, htmlReport(record));
    lines.push(`Report: ${html}`);
  }
  if (svg !== undefined) {
    const count = await writeFigures(svg, record.reports);
    lines.push(count === 0 ? "No figures to write." : `Figures: ${count} in ${svg}`);
  }
  return lines;
}
