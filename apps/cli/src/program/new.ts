import type { Command } from "commander";
import { templateDescriptions, templateNames } from "create-gradus/templates";
import { choiceOption } from "../command-line/values.ts";
import type { NewOptions } from "../commands/new.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";

export function defineNew(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("new")
    .summary("create a small project that trains a model, in Node or the browser")
    .description(
      "Create a small, complete TypeScript project to start from: one method on one data set, with a build and tests.",
    )
    .argument("<folder>", "a new or empty folder; its name becomes the package name")
    .addOption(
      choiceOption(
        "--template <name>",
        `node (default): ${templateDescriptions.node}; vite: ${templateDescriptions.vite}`,
        templateNames,
      ),
    )
    .action((folder: string, options: NewOptions) =>
      run(async () => (await import("../commands/new.ts")).create(host, folder, options)),
    );
  addExamples(command, host, ["new my-app", "new my-page --template vite"]);
}
