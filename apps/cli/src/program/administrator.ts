import type { Command } from "commander";
import type { AdministratorOptions } from "../commands/administrator.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { siteFolderOption } from "./options.ts";

export function defineAdministrator(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("administrator")
    .summary("print a one-time link that makes an account an administrator of the site")
    .description(
      `Print a link that makes whoever opens it, signed in, an administrator of the site. It works once, within 24 hours, and replaces earlier links.

The site may be running or stopped. Run this on its machine, where its data folder is.`,
    )
    .addOption(siteFolderOption(host))
    .action((options: AdministratorOptions) =>
      run(async () => (await import("../commands/administrator.ts")).printAdministratorLink(host, options)),
    );
  addExamples(command, host, ["administrator", "administrator --folder /srv/gradus"]);
}
