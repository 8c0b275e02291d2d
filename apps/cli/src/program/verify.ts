import type { Command } from "commander";
import type { VerifyOptions } from "../commands/verify.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import {
  figuresOption,
  jsonOption,
  profileOption,
  reportOption,
  resumeOption,
  threadsOption,
} from "./options.ts";

export function defineVerify(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("verify")
    .summary("measure the claims of papers and print the verdicts")
    .description(
      `Measures the claims of papers, of all papers by default, and prints a table: what was measured, what the claim requires, and the verdict.

● held   ◆ did not hold   ○ not run`,
    )
    .argument("[papers...]", "papers by name, number or arXiv id (default: all)")
    .addOption(profileOption())
    .addOption(reportOption())
    .addOption(figuresOption())
    .addOption(jsonOption("print the verdicts and their runs"))
    .addOption(threadsOption())
    .addOption(resumeOption())
    .action((papers: readonly string[], options: VerifyOptions) =>
      run(async () => (await import("../commands/verify.ts")).verify(host, papers, options)),
    );
  addExamples(command, host, ["verify 12", "verify anyloss 12 --profile full", "verify --html claims.html"]);
}
