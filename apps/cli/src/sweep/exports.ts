import { join } from "node:path";
import type { JobDatabase } from "@gradus/database";
import { formatValue } from "../experiments/parameters.ts";
import { prepareFile } from "../results/exports.ts";
import { csv, writeAtomically, writeReport } from "../results/report-files.ts";
import { plural } from "../terminal/text.ts";
import { cellName, cellsOf } from "./plan.ts";
import type { SweepResult } from "./result.ts";
import { reportsOf } from "./store.ts";

/** Files that a sweep is also written to. */
export interface SweepExports {
  readonly html?: string;
  readonly svg?: string;
  readonly csv?: string;
  /** A folder for each run's report. */
  readonly out?: string;
}

/** The arguments that ask for the same files. */
export function sweepExportArguments({ html, svg, csv, out }: SweepExports): string[] {
  return Object.entries({ html, svg, csv, out }).flatMap(([name, file]) =>
    file === undefined ? [] : [`--${name}`, file],
  );
}

/** Checks that the output files can be written before the run starts. @throws UsageError */
export async function prepareSweepExports({ html, svg, csv }: SweepExports): Promise<void> {
  for (const [name, file] of Object.entries({ html, svg, csv })) {
    if (file === undefined) continue;
    await prepareFile(file, `--${name}`, `sweep.${name}`);
  }
}

/** The table as comma-separated values: a row for each check in each combination. */
function sweepCsv({ plan, measures }: Pick<SweepResult, "plan" | "measures">): string {
  const names = plan.grid.map(({ name }) => name);
  const seeds = Array.from({ length: plan.seeds }, (_, i) => `run ${i + 1}`);
  return csv([
    ["claim", "measured", ...names, "must be", "mean", "95% from", "95% to", "held", "runs", ...seeds],
    ...measures.flatMap(({ claim, label, cells }) =>
      cells.map(({ cell, condition, mean, halfWidth, held, values }) => [
        claim,
        label,
        ...names.map((name) => formatValue(cell[name])),
        condition,
        mean,
        halfWidth === undefined ? null : mean - halfWidth,
        halfWidth === undefined ? null : mean + halfWidth,
        held,
        values.length,
        ...seeds.map((_, i) => values[i]),
      ]),
    ),
  ]);
}

async function writeReports(
  database: JobDatabase,
  { id, plan }: SweepResult,
  folder: string,
): Promise<number> {
  const cells = cellsOf(plan);
  let count = 0;
  for await (const { cell, seed, report } of reportsOf(database, id)) {
    const name = [cellName(cells[cell]), `seed=${seed}`].filter(Boolean).join(", ");
    await writeReport(join(folder, name.replaceAll(/[^\w=.,+-]+/g, "_")), report);
    count += 1;
  }
  return count;
}

/** Writes the files that were asked for, and returns a line on each. */
export async function writeSweepExports(
  database: JobDatabase,
  result: SweepResult,
  { html, svg, csv: table, out }: SweepExports,
): Promise<string[]> {
  const lines: string[] = [];
  if (html !== undefined) {
    const { sweepPage } = await import("./html-page.ts");
    await writeAtomically(html, sweepPage(result));
    lines.push(`Report: ${html}`);
  }
  if (svg !== undefined) {
    const { intervalFigureFile } = await import("./interval-figure.ts");
    if (result.measures.length === 0) lines.push("No figures to write.");
    else {
      await writeAtomically(svg, intervalFigureFile(result.measures, result.plan.seeds));
      lines.push(`Figure: ${svg}`);
    }
  }
  if (table !== undefined) {
    await writeAtomically(table, sweepCsv(result));
    lines.push(`Table: ${table}`);
  }
  if (out !== undefined) {
    const count = await writeReports(database, result, out);
    lines.push(`Reports: ${plural(count, "run")} in ${out}`);
  }
  return lines;
}
