import type { Command } from "commander";
import type { ListOptions } from "../commands/list.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { jsonOption } from "./options.ts";

export function defineList(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("list")
    .summary("list papers, a paper's claims and experiments, or an experiment's parameters")
    .description(
      "List the papers, a line each; with a paper, its claims and experiments; with an experiment, its parameters. A terminal shortens long titles: pipes and --json have them whole.",
    )
    .argument("[name]", "a paper by name (anyloss), number (4) or arXiv id (2405.14745), or an experiment")
    .addOption(jsonOption("print the list"))
    .action((name: string | undefined, options: ListOptions) =>
      run(async () => (await import("../commands/list.ts")).list(host, name, options)),
    );
  addExamples(command, host, ["list", "list anyloss", "list anyloss/mechanism"]);
}
