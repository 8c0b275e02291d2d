import type { JobDatabase } from "@gradus/database";
import { LATEST } from "../command-line/latest.ts";
import { UsageError } from "../errors.ts";
import { formatValue } from "../experiments/parameters.ts";
import type { Palette } from "../terminal/color.ts";
import { formatInstant } from "../terminal/record.ts";
import { layoutTable } from "../terminal/table.ts";
import { formatDuration, outOf, paragraph, plural, stack, wrap } from "../terminal/text.ts";
import { measureLines } from "./measure-table.ts";
import { cellsOf, gridArgument, runName, subject } from "./plan.ts";
import { computing, inState, type SweepResult } from "./result.ts";
import { countRuns, findSweeps, type Sweep } from "./store.ts";

/**
 * The sweep that a name stands for: `latest`, or the id or its beginning.
 *
 * @throws UsageError when there is none, or there are several
 */
export async function namedSweep(database: JobDatabase, name: string, invocation: string): Promise<Sweep> {
  const found = await findSweeps(database, name === LATEST ? "" : name.toLowerCase());
  if (found.length === 1 || (name === LATEST && found.length > 0)) return found[0];
  throw new UsageError(
    found.length === 0
      ? `no sweep ${name} in ${database.description}; "${invocation} sweep list" lists all sweeps`
      : `"${name}" matches several sweeps: ${found.map(({ id }) => id).join(", ")}`,
  );
}

/** What a sweep measured so far: a table with the intervals drawn for each check, and what could not be run. */
export function resultLines(result: SweepResult, width: number, palette: Palette): string[] {
  const { id, plan, runs, measures } = result;
  const cells = cellsOf(plan);
  const fixed = Object.entries(plan.set).map(([name, value]) => `${name}=${formatValue(value)}`);
  const about = [
    `${plan.profile} profile`,
    plural(cells.length, "combination"),
    plural(plan.seeds, "seed"),
    `${outOf(inState(result, "finished").length, runs.length, "run")} finished`,
    `${formatDuration(computing(result) / 1000)} of compute time`,
    ...fixed,
  ];
  const failed = inState(result, "failed");
  return stack([
    [
      ...wrap(`sweep ${id} of ${subject(plan)}`, width).map(palette.strong),
      ...wrap(about.join(", "), width).map(palette.muted),
    ],
    ...measures.map((measure) => measureLines(measure, plan.seeds, width, palette)),
    failed.length === 0
      ? []
      : [
          ...wrap(`${plural(failed.length, "run")} failed:`, width),
          ...failed.flatMap(({ cell, seed, failure }) =>
            paragraph(`${runName(cells[cell], seed)}: ${failure?.split("\n")[0]}`, width, "– "),
          ),
        ],
    measures.length === 0 && failed.length === 0 ? ["No run has finished yet."] : [],
  ]);
}

/** The sweeps that a database keeps, latest first. */
export async function listLines(database: JobDatabase, width: number, palette: Palette): Promise<string[]> {
  const sweeps = await findSweeps(database);
  if (sweeps.length === 0) return wrap(`No sweeps in ${database.description} yet.`, width);
  const rows = [];
  for (const { id, plan, createdAt } of sweeps) {
    const counts = await countRuns(database, id);
    const total = counts.finished + counts.failed + counts.waiting + counts.running;
    const failed = counts.failed > 0 ? `, ${counts.failed} failed` : "";
    rows.push([
      { text: id, style: palette.strong },
      { text: formatInstant(createdAt) },
      {
        text: [subject(plan), plan.profile, ...plan.grid.map(gridArgument), plural(plan.seeds, "seed")].join(
          "  ",
        ),
      },
      { text: `${counts.finished} of ${total}${failed}` },
    ]);
  }
  const columns = [
    { header: "sweep", wraps: false },
    { header: "started", wraps: false },
    { header: "what" },
    { header: "finished", wraps: false },
  ];
  return layoutTable(columns, rows, { width, header: palette.muted });
}
