import { type Command, Option } from "commander";
import type { ShowOptions } from "../commands/show.ts";
import { homeFolder } from "../files/home-folder.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { figuresOption, jsonOption, reportOption } from "./options.ts";

export function defineShow(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("show")
    .summary("list earlier runs, or show one again")
    .description(
      `Lists the runs kept in ${homeFolder(host.home, "runs")} and those that were interrupted; with a run, shows it again: plots, tables, claims, parameters. With --html or --svg, writes the files and shows nothing else.

In a repository, or below a folder that has a .gradus folder, runs are kept in its .gradus; elsewhere in the user's folder for data. GRADUS_HOME names another folder.`,
    )
    .argument(
      "[run]",
      "latest, the first letters of a run's id (at least 4), a paper or experiment (its latest run), or a folder written by --out",
    )
    .addOption(reportOption())
    .addOption(figuresOption())
    .addOption(jsonOption("print the run's record, or the list of runs,"))
    .addOption(new Option("--all", "list older runs too"))
    .action((name: string | undefined, options: ShowOptions) =>
      run(async () => (await import("../commands/show.ts")).show(host, name, options)),
    );
  addExamples(command, host, ["show", "show latest", "show anyloss/mechanism --html report.html"]);
}
