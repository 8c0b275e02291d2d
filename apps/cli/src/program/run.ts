import { type Command, Option } from "commander";
import type { RunOptions } from "../commands/run.ts";
import { homeFolder } from "../files/home-folder.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import {
  figuresOption,
  jsonOption,
  profileOption,
  reportOption,
  resumeOption,
  seedOption,
  setOption,
  threadsOption,
} from "./options.ts";

export function defineRun(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("run")
    .summary("run an experiment or all experiments of a paper")
    .description(
      `Run an experiment, or all experiments of a paper, and show the results. Results are kept in ${homeFolder(host.home, "runs")}; "show" displays them again.

Ctrl-C saves a checkpoint and prints the command that resumes it; a resumed run gives the same report as an uninterrupted one. Checkpoints are also saved while a run is in progress: after a crash, "show" prints how to resume.

With --out, each experiment of a paper gets its own folder, next to a report.json with all reports. Plots and tables of an earlier report in a folder are replaced or removed; other files stay. One command at a time writes into a folder.

With --json, the output is an array of reports for a paper and a single report for an experiment.

Where the run cannot be saved its results are shown all the same, and the exit status is 3 unless --out has kept it.`,
    )
    .argument("[name]", "a paper by name, number or arXiv id, or an experiment (anyloss/mechanism)")
    .addOption(profileOption())
    .addOption(setOption("change a parameter"))
    .addOption(seedOption("seed of all random numbers (default 1)"))
    .addOption(
      new Option("--out <dir>", "write run.json, report.json, and a CSV file for each plot and table"),
    )
    .addOption(
      new Option("--report <file>", 'write a reproduction report, which "report send" sends to a site'),
    )
    .addOption(reportOption())
    .addOption(figuresOption())
    .addOption(jsonOption("print the report"))
    .addOption(threadsOption())
    .addOption(new Option("--timings", "print the time spent compiling and running programs"))
    .addOption(resumeOption())
    .action((name: string | undefined, options: RunOptions) =>
      run(async () => (await import("../commands/run.ts")).run(host, name, options)),
    );
  addExamples(command, host, [
    "run anyloss",
    "run 12 --profile full --out results",
    "run anyloss/mechanism --html report.html --svg figures",
    "run anyloss --seed 7 --report anyloss.json",
  ]);
}
