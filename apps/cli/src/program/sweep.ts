import { type Command, Option } from "commander";
import { RepeatableOption } from "../command-line/command.ts";
import { wholeNumber } from "../command-line/values.ts";
import type { SweepOptions } from "../commands/sweep.ts";
import { homeFolder } from "../files/home-folder.ts";
import type { Host } from "../host.ts";
import { refuseOptionsBeforeAction } from "./actions.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import {
  concurrencyOption,
  databaseOption,
  htmlOption,
  jsonOption,
  profileOption,
  setOption,
  threadsOption,
} from "./options.ts";

const MOST_SEEDS = 100_000;

const addExports = (command: Command) =>
  command
    .addOption(htmlOption("write table and plot as a single HTML file"))
    .addOption(new Option("--svg <file>", "write the plot as an SVG file"))
    .addOption(new Option("--csv <file>", "write the table, with the value of every seed, as a CSV file"))
    .addOption(new Option("--out <dir>", "write the full report of each run to its own folder"))
    .addOption(jsonOption("print the result"));

const addExecution = (command: Command, host: Host) =>
  command
    .addOption(
      concurrencyOption(
        "concurrent runs in this process (default: half the cores; 0 with a server, where workers run them)",
      ),
    )
    .addOption(new Option("--detach", "with a server: return immediately and leave the runs to workers"))
    .addOption(threadsOption())
    .addOption(databaseOption(host));

const SWEEP = "a sweep's id or a prefix of it, or latest";

export function defineSweep(program: Command, { host, run }: ProgramContext): void {
  const implementation = () => import("../commands/sweep.ts");
  const command = program
    .command("sweep")
    .enablePositionalOptions()
    .summary("run an experiment over parameters and seeds; report means with 95% intervals")
    .description(
      `Run an experiment with every combination of the grid values and the seeds 1 to N. For each check, the table shows the mean over the seeds with its 95% interval (Student's t) and the number of runs in which the check held.

Runs are jobs in a database. With the embedded database (${homeFolder(host.home, "database")}), this process runs them, several at a time. With a Postgres server, workers on any machine run them (see worker).

Finished runs survive an interruption. Repeat the command or use resume to continue; unfinished runs continue from their checkpoints.

One command at a time writes into the folder of --out: it is kept until the command ends, and another command is refused.`,
    )
    .argument("[experiment]", "an experiment, such as factor-n or anyloss/mechanism")
    .addOption(
      new RepeatableOption(
        "--grid <name=a,b,c>",
        "a parameter and its values; if the values are lists, separate them with semicolons",
      ),
    )
    .addOption(
      new Option(
        "--seeds <n>",
        "run each combination with the seeds 1 to n (default 5); with one where nothing is random",
      ).argParser(wholeNumber(1, MOST_SEEDS)),
    )
    .addOption(profileOption())
    .addOption(setOption("set a parameter to the same value in all runs"));
  addExports(addExecution(command, host)).action((experiment: string | undefined, options: SweepOptions) =>
    run(async () => (await implementation()).sweep(host, experiment, options)),
  );
  addExamples(command, host, [
    "sweep canyon --grid runs=10,50 --seeds 5",
    "sweep list",
    "sweep show latest --html sweep.html --csv sweep.csv",
  ]);

  command
    .command("list")
    .description("list the sweeps in the database")
    .addOption(databaseOption(host))
    .addOption(jsonOption("print the list"))
    .action((options: SweepOptions) => run(async () => (await implementation()).listSweeps(host, options)));
  const show = command
    .command("show")
    .description("show a sweep's results")
    .argument("<sweep>", SWEEP)
    .addOption(databaseOption(host));
  addExports(show).action((name: string, options: SweepOptions) =>
    run(async () => (await implementation()).showSweep(host, name, options)),
  );
  const resume = command.command("resume").description("continue a sweep").argument("<sweep>", SWEEP);
  addExports(addExecution(resume, host)).action((name: string, options: SweepOptions) =>
    run(async () => (await implementation()).resumeSweep(host, name, options)),
  );
  command
    .command("remove")
    .description("remove a sweep and its results")
    .argument("<sweep>", SWEEP)
    .addOption(databaseOption(host))
    .action((name: string, options: SweepOptions) =>
      run(async () => (await implementation()).deleteSweep(host, name, options)),
    );
  refuseOptionsBeforeAction(command);
}
