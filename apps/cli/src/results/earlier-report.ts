import { lstat, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** No other characters are in ids, so that no name leads out of the folder. */
const part = z.array(z.looseObject({ id: z.string().regex(/^[\w.-]+$/) }));
const schema = z.looseObject({ paper: z.string(), experiment: z.string(), plots: part, tables: part });

/** The file of a plot. */
export const plotFile = (id: string): string => `plot-${id}.csv`;

/** The file of a table. */
export const tableFile = (id: string): string => `table-${id}.csv`;

/** The files of plots and tables that a folder's report tells of; none where there is no report of this program. */
async function filesOfReport(folder: string): Promise<string[]> {
  try {
    const { plots, tables } = schema.parse(JSON.parse(await readFile(join(folder, "report.json"), "utf8")));
    return [...plots.map(({ id }) => plotFile(id)), ...tables.map(({ id }) => tableFile(id))];
  } catch {
    return [];
  }
}

/** Removes the plots and tables of the report that a folder has, but for some names; no other file. */
export async function removeEarlier(folder: string, keep: ReadonlySet<string>): Promise<void> {
  for (const name of await filesOfReport(folder)) {
    if (keep.has(name)) continue;
    const file = join(folder, name);
    if ((await lstat(file).catch(() => undefined))?.isFile()) await rm(file, { force: true });
  }
}
