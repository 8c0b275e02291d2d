import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { type OptionSpecifications, type ParsedOptions, parseThreads } from "../command-line/values.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { runningOptions } from "../session/requested-plan.ts";
import { parseConcurrency } from "../sweep/concurrency.ts";
import { databaseLocation, databaseOptions, open } from "../sweep/database.ts";
import { cellsOf, runName, subject } from "../sweep/plan.ts";
import { countOpenRuns } from "../sweep/store.ts";
import { startWork, type WorkObserver } from "../sweep/worker.ts";
import { writeLines } from "../terminal/output.ts";

export const workerOptions: OptionSpecifications = {
  concurrency: { value: "N", help: "runs at a time (default 1)" },
  "until-empty": { help: "end when no sweep has a run left, instead of waiting for more" },
  threads: runningOptions.threads,
  ...databaseOptions,
  help: { short: "h", help: "show this help" },
};

const LOOK_MILLISECONDS = 1000;

function tell({ out }: Host): WorkObserver {
  const name = ({ plan, cell, seed }: Parameters<NonNullable<WorkObserver["begin"]>>[0]) =>
    `${subject(plan)} ${runName(cellsOf(plan)[cell], seed)}`;
  return {
    begin: (claim) => {
      const again = claim.attempt > 1 ? `, attempt ${claim.attempt}` : "";
      const kept = claim.resume ? ", from its checkpoint" : "";
      writeLines(out, [`${name(claim)}: begun${again}${kept}`]);
    },
    end: (claim, how, reason) =>
      writeLines(out, [`${name(claim)}: ${how}${reason ? ` (${reason.split("\n")[0]})` : ""}`]),
  };
}

/** `gradus worker`: carries out the runs of sweeps on a shared database. Returns the exit status. */
export async function worker(host: Host, options: ParsedOptions): Promise<number> {
  const { isServerUrl } = await import("@gradus/database");
  const { positionals, values, flags } = options;
  if (positionals.length > 0) throw new UsageError(`worker takes no names, got ${positionals.join(" ")}`);
  const concurrency = parseConcurrency(values.get("concurrency")?.[0] ?? "1");
  const threads = values.get("threads")?.[0];
  const location = databaseLocation(host, options);
  if (!isServerUrl(location))
    throw new UsageError(
      `worker needs a Postgres server, which processes and machines can share: --database postgres://... or DATABASE_URL. ` +
        `With the embedded database "${host.invocation} sweep" carries out its runs itself.`,
    );
  const database = await open(host, location);
  const finished = new AbortController();
  const signal = AbortSignal.any([host.signal, finished.signal]);
  try {
    await startWork(database, {
      execute: host.execute,
      concurrency,
      threads: threads === undefined ? undefined : parseThreads(threads),
      signal,
      name: `${hostname()}:${process.pid}`,
      observer: tell(host),
    });
    writeLines(host.err, [`worker on ${database.description}; Ctrl-C gives its runs back`]);
    while (!(flags.has("until-empty") && (await countOpenRuns(database)) === 0))
      await pause(LOOK_MILLISECONDS, undefined, { signal }).catch(() => signal.throwIfAborted());
    return 0;
  } finally {
    finished.abort();
    await database.close();
  }
}
