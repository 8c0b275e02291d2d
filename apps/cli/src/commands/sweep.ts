import type { JobDatabase } from "@gradus/database";
import { type OptionSpecifications, type ParsedOptions, parseProfile } from "../command-line/values.ts";
import { exitStatus, UsageError } from "../errors.ts";
import { address, resolveSelection, type Target } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import { json } from "../results/report-files.ts";
import { runningOptions } from "../session/requested-plan.ts";
import { databaseLocation, databaseOptions, open } from "../sweep/database.ts";
import { prepareSweepExports, readSweepExports, sweepExportOptions } from "../sweep/exports.ts";
import { type SweepPlan, subject } from "../sweep/plan.ts";
import { readPlan } from "../sweep/read-plan.ts";
import { present, runSweep } from "../sweep/run-sweep.ts";
import { listLines, namedSweep } from "../sweep/show.ts";
import { createSweep, findSweeps, removeSweep } from "../sweep/store.ts";
import { writeLines } from "../terminal/output.ts";

export const sweepOptions: OptionSpecifications = {
  grid: {
    value: "name=a,b,c",
    repeated: true,
    help: "a parameter and its values; repeat for several: every combination is run. Values that are lists are parted by ;",
  },
  seeds: { value: "N", help: "run each combination with the seeds 1 to N (default 5)" },
  profile: { value: "quick|full", help: "quick ends in seconds (default); full is the paper's size" },
  set: { value: "name=value", repeated: true, help: "a parameter that is the same in every run" },
  concurrency: {
    value: "N",
    help: "runs at a time in this process (default: half the cores; on a server none, workers carry them out)",
  },
  detach: { help: "on a server: leave the runs to workers and end at once" },
  threads: runningOptions.threads,
  ...databaseOptions,
  ...sweepExportOptions,
  json: { help: "print the result as JSON, and nothing else, on standard output" },
  help: { short: "h", help: "show this help" },
};

export const sweepActions = ["list", "show", "resume", "remove"] as const;
type Action = (typeof sweepActions)[number];

function isAction(name: string | undefined): name is Action {
  return sweepActions.some((action) => action === name);
}

function experimentOf({ papers, invocation }: Host, names: readonly string[]): Target {
  if (names.length !== 1)
    throw new UsageError(
      `sweep takes one experiment, got ${names.join(" ") || "none"}; such as: ${invocation} sweep ${papers[0]?.slug ?? "<paper>"}/${papers[0]?.experiments[0]?.id ?? "<experiment>"} --grid name=a,b --seeds 5`,
    );
  const { targets, paper } = resolveSelection(papers, names[0]);
  if (targets.length === 1) return targets[0];
  throw new UsageError(`sweep takes one experiment; ${paper.slug} has ${targets.map(address).join(", ")}`);
}

async function act(
  host: Host,
  database: JobDatabase,
  action: Action,
  options: ParsedOptions,
): Promise<number> {
  const { positionals, flags } = options;
  const { columns, palette } = host.out;
  if (action === "list") {
    if (flags.has("json")) host.out.write(json(await findSweeps(database)));
    else writeLines(host.out, await listLines(database, columns, palette));
    return exitStatus.fine;
  }
  const sweep = await namedSweep(database, positionals[1], host.invocation);
  if (action === "show") return present(host, database, sweep, options);
  if (action === "resume") return runSweep(host, database, sweep, options);
  await removeSweep(database, sweep.id);
  writeLines(host.out, [`Sweep ${sweep.id} of ${subject(sweep.plan)} is removed.`]);
  return exitStatus.fine;
}

/** Checks the words of an action. @throws UsageError */
function assertWords(action: Action, names: readonly string[], invocation: string): void {
  if (action === "list" ? names.length === 0 : names.length === 1) return;
  throw new UsageError(
    action === "list"
      ? `sweep list takes no names, got ${names.join(" ")}`
      : `sweep ${action} takes one sweep, got ${names.join(" ") || "none"}; "${invocation} sweep list" shows all`,
  );
}

function planOf(host: Host, { positionals, values }: ParsedOptions): Promise<SweepPlan> {
  return readPlan(
    experimentOf(host, positionals),
    {
      profile: parseProfile(values.get("profile")?.[0] ?? "quick"),
      grid: values.get("grid") ?? [],
      set: values.get("set") ?? [],
      seeds: values.get("seeds")?.[0] ?? "5",
    },
    host.err.columns,
  );
}

/** `gradus sweep`: runs an experiment over a grid of parameters and seeds. Returns the exit status. */
export async function sweep(host: Host, options: ParsedOptions): Promise<number> {
  const [action, ...names] = options.positionals;
  let carryOut: (database: JobDatabase) => Promise<number>;
  if (isAction(action)) {
    assertWords(action, names, host.invocation);
    carryOut = (database) => act(host, database, action, options);
  } else {
    const plan = await planOf(host, options);
    carryOut = async (database) => {
      const [made] = await findSweeps(database, await createSweep(database, plan));
      return runSweep(host, database, made, options);
    };
  }
  await prepareSweepExports(readSweepExports(options));
  const database = await open(host, databaseLocation(host, options));
  try {
    return await carryOut(database);
  } finally {
    await database.close();
  }
}
