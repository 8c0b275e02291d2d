import type { Command } from "commander";
import type { ListOptions } from "../data/list.ts";
import { refuseOptionsBeforeAction, refuseUnknownAction } from "./actions.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { jsonOption } from "./options.ts";

export function defineData(program: Command, { host, run }: ProgramContext): void {
  const implementation = () => import("../data/list.ts");
  const command = program
    .command("data")
    .enablePositionalOptions()
    .helpCommand(false)
    .summary("list and download data sets")
    .description("List the data sets and download those that are not bundled with gradus.")
    .allowExcessArguments()
    .addOption(jsonOption("print the list"))
    .action((options: ListOptions) => {
      refuseUnknownAction(command);
      return run(async () => (await implementation()).listSets(host, [], options));
    });
  addExamples(command, host, ["data list", "data list mnist", "data pull mnist a9a"]);

  command
    .command("list")
    .description(
      "list the data sets: size, license, and whether they are available here; with names, also source, files and checksums",
    )
    .argument("[names...]", "data sets")
    .addOption(jsonOption("print the list"))
    .action((names: readonly string[], options: ListOptions) =>
      run(async () => (await implementation()).listSets(host, names, options)),
    );
  command
    .command("pull")
    .description(
      "download data sets into GRADUS_DATA_DIR (default: gradus in the user's cache folder); resumes interrupted downloads and verifies checksums",
    )
    .argument("<names...>", "data sets")
    .action((names: readonly string[]) =>
      run(async () => (await import("../data/pull.ts")).pullSets(host, names)),
    );
  refuseOptionsBeforeAction(command);
}
