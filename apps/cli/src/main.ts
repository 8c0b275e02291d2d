import { CommanderError } from "commander";
import { GradusError } from "gradus/check";
import { COMPLETE } from "./completion/scripts.ts";
import { exitStatus, Interrupted, UsageError } from "./errors.ts";
import type { Host } from "./host.ts";
import { defineProgram } from "./program/program.ts";
import { writeLines } from "./terminal/output.ts";
import { wrapLongLines } from "./terminal/text.ts";

async function execute(args: readonly string[], host: Host): Promise<number> {
  let status: number = exitStatus.success;
  const program = defineProgram(host, async (command) => {
    status = await command();
  });
  const [first, ...rest] = args;
  if (first === COMPLETE) {
    const { answerShell } = await import("./completion/answer.ts");
    return answerShell(host, program, rest);
  }
  // "help model tune" is "model tune --help"
  const line = first === "help" ? [...rest.filter((word) => word !== "help"), "--help"] : args;
  if (first === undefined) program.outputHelp();
  else await program.parseAsync(line, { from: "user" });
  return status;
}

/** Runs a command and returns its exit status. Errors are reported on `host.err`. */
export async function reportErrors(host: Pick<Host, "err">, command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (error instanceof Interrupted) return error.status;
    // Its message, or the help that was asked for, is printed already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.success : exitStatus.usage;
    const expected = error instanceof UsageError || error instanceof GradusError;
    const message = error instanceof Error ? (expected ? error.message : error.stack) : String(error);
    const text = `gradus: ${message}`;
    // Stack traces keep their own lines.
    writeLines(host.err, expected ? wrapLongLines(text, host.err.columns) : text.split("\n"));
    return error instanceof UsageError ? exitStatus.usage : exitStatus.failure;
  }
}

/** Runs a command line and returns its exit status. Errors are reported on `host.err`. */
export function main(args: readonly string[], host: Host): Promise<number> {
  return reportErrors(host, () => execute(args, host));
}
