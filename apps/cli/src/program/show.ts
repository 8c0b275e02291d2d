import { type Command, Option } from "commander";
import type { ShowOptions } from "../commands/show.ts";
import { homeFolder } from "../files/home-folder.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { figuresOption, jsonOption, reportOption } from "./options.ts";

export function defineShow(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("show")
    .summary("list earlier runs, or show one")
    .description(
      `List the runs kept in ${homeFolder(host.home, "runs")} and interrupted runs. With a run, show its plots, tables, claims and parameters; with --html or --svg, only write the files.

In a repository, or below a folder that has a .gradus folder, runs are kept in its .gradus; elsewhere, in the user's data folder. Set GRADUS_HOME to use another folder.`,
    )
    .argument(
      "[run]",
      "latest, a run's id or a prefix of it (at least 4 characters), a paper or experiment (its latest run), or a folder written by --out",
    )
    .addOption(reportOption())
    .addOption(figuresOption())
    .addOption(jsonOption("print the run's record, or the list of runs,"))
    .addOption(new Option("--all", "also list older runs"))
    .action((name: string | undefined, options: ShowOptions) =>
      run(async () => (await import("../commands/show.ts")).show(host, name, options)),
    );
  addExamples(command, host, ["show", "show latest", "show anyloss/mechanism --html report.html"]);
}
