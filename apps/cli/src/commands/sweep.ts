import type { JobDatabase } from "@gradus/database";
import type { Paper, Profile } from "@gradus/papers";
import { exitStatus, UsageError } from "../errors.ts";
import { address, resolveSelection, type Target } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import { json } from "../results/json.ts";
import { outputsBeside } from "../results/outputs-beside.ts";
import { holdingResults } from "../results/results-folder.ts";
import { type DatabaseOptions, databaseLocation, open } from "../sweep/database.ts";
import { prepareSweepExports } from "../sweep/exports.ts";
import { subject } from "../sweep/plan.ts";
import { readPlan } from "../sweep/read-plan.ts";
import { present, type RunSweepOptions, runSweep } from "../sweep/run-sweep.ts";
import { listLines, namedSweep } from "../sweep/show.ts";
import { createSweep, findSweeps, removeSweep } from "../sweep/store.ts";
import { writeLines } from "../terminal/output.ts";

export interface SweepOptions extends RunSweepOptions {
  readonly profile?: Profile;
  /** Such as `steps=10,20`. */
  readonly grid?: readonly string[];
  /** Such as `drift=0.5`. */
  readonly set?: readonly string[];
  readonly seeds?: number;
}

function experimentOf(papers: readonly Paper[], invocation: string, name: string | undefined): Target {
  if (name === undefined)
    throw new UsageError(
      `sweep needs an experiment, such as: ${invocation} sweep ${papers[0]?.slug ?? "<paper>"}/${papers[0]?.experiments[0]?.id ?? "<experiment>"} --grid name=a,b --seeds 5`,
    );
  const { targets, paper } = resolveSelection(papers, name);
  if (targets.length === 1) return targets[0];
  throw new UsageError(`sweep needs one experiment; ${paper.slug} has ${targets.map(address).join(", ")}`);
}

/** Opens the database for an action on it. */
async function withDatabase(
  host: Host,
  options: DatabaseOptions,
  act: (database: JobDatabase) => Promise<number>,
): Promise<number> {
  const database = await open(host, databaseLocation(host, options));
  try {
    return await act(database);
  } finally {
    await database.close();
  }
}

/** Opens the database for an action that writes reports into the folder of `--out`. */
const withResults = (
  host: Host,
  options: SweepOptions,
  act: (database: JobDatabase) => Promise<number>,
): Promise<number> => holdingResults(host, options.out, () => withDatabase(host, options, act));

/** Where a command that also writes files shows a sweep. @throws UsageError when two of them go to the standard output */
const presenting = (host: Host, { html, svg, csv, json: asJson }: SweepOptions): Host =>
  outputsBeside(host, { "--html": html, "--svg": svg, "--csv": csv }, asJson);

/** `gradus sweep`: runs an experiment over a grid of parameters and seeds. Returns the exit status. */
export async function sweep(given: Host, name: string | undefined, options: SweepOptions): Promise<number> {
  const host = presenting(given, options);
  const { profile = "quick", grid = [], set = [], seeds = 5 } = options;
  const target = experimentOf(await host.loadPapers(), host.invocation, name);
  const plan = await readPlan(target, { profile, grid, set, seeds }, host.err.columns);
  await prepareSweepExports(options);
  return withResults(host, options, async (database) => {
    const [made] = await findSweeps(database, await createSweep(database, plan));
    return runSweep(host, database, made, options);
  });
}

/** `gradus sweep list`. Returns the exit status. */
export function listSweeps(host: Host, options: SweepOptions): Promise<number> {
  return withDatabase(host, options, async (database) => {
    const { columns, palette } = host.out;
    if (options.json) host.out.write(json(await findSweeps(database)));
    else writeLines(host.out, await listLines(database, columns, palette));
    return exitStatus.success;
  });
}

/** `gradus sweep show`. Returns the exit status. */
export async function showSweep(given: Host, name: string, options: SweepOptions): Promise<number> {
  const host = presenting(given, options);
  await prepareSweepExports(options);
  return withResults(host, options, async (database) =>
    present(host, database, await namedSweep(database, name, host.invocation), options),
  );
}

/** `gradus sweep resume`. Returns the exit status. */
export async function resumeSweep(given: Host, name: string, options: SweepOptions): Promise<number> {
  const host = presenting(given, options);
  await prepareSweepExports(options);
  return withResults(host, options, async (database) =>
    runSweep(host, database, await namedSweep(database, name, host.invocation), options),
  );
}

/** `gradus sweep remove`. Returns the exit status. */
export function deleteSweep(host: Host, name: string, options: SweepOptions): Promise<number> {
  return withDatabase(host, options, async (database) => {
    const { id, plan } = await namedSweep(database, name, host.invocation);
    await removeSweep(database, id);
    writeLines(host.out, [`Sweep ${id} of ${subject(plan)} removed.`]);
    return exitStatus.success;
  });
}
