import { type Command, Option } from "commander";
import type { SendOptions } from "../commands/report.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { siteOption } from "./options.ts";

export function defineReport(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("report")
    .enablePositionalOptions()
    .helpCommand(false)
    .summary("send reproduction reports to a site")
    .description("Send what your runs measured to a site, which shows it beside its official measurements.");
  addExamples(command, host, [
    "run anyloss --report anyloss.json",
    "report send anyloss.json --site https://papers.example.org",
  ]);

  command
    .command("send")
    .description(
      "send the reports of a file; the access token, made on the site's account page, is read from GRADUS_TOKEN",
    )
    .argument("<file>", 'file that "run --report" wrote')
    .addOption(siteOption())
    .addOption(
      new Option(
        "--note <text>",
        "up to 280 characters of plain text, shown once a moderator has approved them",
      ),
    )
    .action((file: string, options: SendOptions) =>
      run(async () => (await import("../commands/report.ts")).sendReports(host, file, options)),
    );
}
