import { type Command, Option } from "commander";
import type { WorkerOptions } from "../commands/worker.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { concurrencyOption, databaseOption, threadsOption } from "./options.ts";

export function defineWorker(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("worker")
    .summary("run sweep jobs from a shared database, on any machine")
    .description(
      `Run the jobs of all sweeps in a Postgres database, and wait for more. If a worker is killed or unreachable for ten seconds, another worker continues its run from the last checkpoint; late results of the first worker are discarded.

All workers need the same version of gradus and the data sets of the experiments.`,
    )
    .addOption(concurrencyOption("concurrent runs (default 1)"))
    .addOption(new Option("--until-empty", "exit when no runs are left"))
    .addOption(threadsOption())
    .addOption(databaseOption(host))
    .action((options: WorkerOptions) =>
      run(async () => (await import("../commands/worker.ts")).worker(host, options)),
    );
  addExamples(command, host, ["worker --database postgres://db.example/gradus"]);
}
