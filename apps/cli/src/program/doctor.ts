import type { Command } from "commander";
import type { DoctorOptions } from "../commands/doctor.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";

export function defineDoctor(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("doctor")
    .enablePositionalOptions()
    .helpCommand(false)
    .summary("check that the site's mail is sent, signed and received")
    .description("Check the settings of a site against the world around it.");
  addExamples(command, host, [
    "doctor mail --settings /etc/gradus/gradus.env",
    "doctor mail --settings /etc/gradus/gradus.env --to you@example.org",
  ]);

  command
    .command("mail")
    .description(
      "check the mail settings, the connection to the mail server with encryption and password, the DKIM key and its record, SPF, DMARC, and where bounces come in. Ends with 1 when a check failed, with 3 when one could not be done",
    )
    .option("--to <address>", "send a test message to this address; none is sent without it")
    .option("--settings <file>", "file with the site's settings, over those of the environment")
    .action((options: DoctorOptions) =>
      run(async () => (await import("../commands/doctor.ts")).examineMail(host, options)),
    );
}
