import type { Command } from "commander";
import type { SiteFolderOption } from "../files/site-folder.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { siteFolderOption } from "./options.ts";

export function defineMail(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("mail")
    .enablePositionalOptions()
    .helpCommand(false)
    .summary("hand bounces and unsubscribe requests to the site")
    .description(
      `Hand messages that come back by mail to the site.

The site may be running or stopped. Run this on its machine, where its data folder is.`,
    );
  addExamples(command, host, ["mail bounce < message.eml", "mail bounce --folder /srv/gradus < message.eml"]);

  command
    .command("bounce")
    .description(
      "read one message from standard input: a bounce, a complaint or an unsubscribe request. The site reads it now, or when it starts, and logs what became of it. Exit status 75 asks a mail server to try again",
    )
    .addOption(siteFolderOption(host))
    .action((options: SiteFolderOption) =>
      run(async () => (await import("../commands/mail.ts")).takeBounce(host, options)),
    );
}
