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
  seedsOption,
  threadsOption,
} from "./options.ts";

export function defineVerify(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("verify")
    .summary("measure the claims of papers and print the verdicts")
    .description(
      `Measure the claims of papers or experiments, of all papers by default, and print a table: what was measured, what the claim requires, and the verdict.

● held   ◇ mixed   ◆ did not hold   ◌ inconclusive   ○ not run

Over several seeds a claim held when it held in at least 19 of 20, and did not hold when it held in at most 1 of 20. The exit status is 1 only when a claim did not hold.`,
    )
    .argument(
      "[names...]",
      "papers by name, number or arXiv id, or experiments (anyloss/mechanism); default: all papers",
    )
    .addOption(profileOption())
    .addOption(seedsOption())
    .addOption(reportOption())
    .addOption(figuresOption())
    .addOption(jsonOption("print the verdicts and their runs"))
    .addOption(threadsOption())
    .addOption(resumeOption())
    .action((names: readonly string[], options: VerifyOptions) =>
      run(async () => (await import("../commands/verify.ts")).verify(host, names, options)),
    );
  addExamples(command, host, [
    "verify 12",
    "verify anyloss 12 --profile full",
    "verify anyloss --seeds 20",
    "verify anyloss/mechanism --seeds 20",
    "verify --html claims.html",
  ]);
}
