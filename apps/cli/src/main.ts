import { GradusError } from "gradus/check";
import manifest from "../package.json" with { type: "json" };
import { commandHelp, programHelp } from "./command-line/help.ts";
import { didYouMean, either } from "./command-line/suggest.ts";
import { parseOptions } from "./command-line/values.ts";
import { answerShell } from "./commands/completion.ts";
import { commands } from "./commands/index.ts";
import { COMPLETE } from "./completion/scripts.ts";
import { exitStatus, Interrupted, UsageError } from "./errors.ts";
import type { Host } from "./host.ts";
import { writeLines } from "./terminal/output.ts";
import { displayWidth, wrap } from "./terminal/text.ts";

async function dispatch(host: Host, args: readonly string[]): Promise<number> {
  const { out, invocation } = host;
  const [first, ...rest] = args;
  const help = () => writeLines(out, programHelp(commands, invocation, out.columns));
  if (first === undefined || first === "--help" || first === "-h") {
    help();
    return exitStatus.fine;
  }
  if (first === "--version" || first === "-v") {
    writeLines(out, [manifest.version]);
    return exitStatus.fine;
  }
  if (first === COMPLETE) return answerShell(host, commands, rest);
  const names = commands.map(({ name }) => name);
  if (first === "help") {
    if (rest.length > 0) return dispatch(host, [rest[0], "--help"]);
    help();
    return exitStatus.fine;
  }
  const command = commands.find(({ name }) => name === first);
  if (!command) {
    const kind = first.startsWith("-") ? "option" : "command";
    const hint = didYouMean(first, kind === "option" ? ["--help", "--version"] : [...names, "help"]);
    throw new UsageError(`no ${kind} is called "${first}".${hint} Commands: ${either(names)}.`);
  }
  const options = parseOptions(command.name, rest, command.options);
  if (options.flags.has("help")) {
    writeLines(out, commandHelp(command, invocation, out.columns));
    return exitStatus.fine;
  }
  return command.carryOut(host, options);
}

function fold(line: string, width: number): string[] {
  return displayWidth(line) > width ? wrap(line, width) : [line];
}

/** Carries out a command line and returns its exit status. Errors are told on `host.err`. */
export async function main(args: readonly string[], host: Host): Promise<number> {
  try {
    return await dispatch(host, args);
  } catch (error) {
    if (error instanceof Interrupted) return error.status;
    const isKnown = error instanceof UsageError || error instanceof GradusError;
    const message = error instanceof Error ? (isKnown ? error.message : error.stack) : String(error);
    const lines = `gradus: ${message}`.split("\n");
    // Tables and stack traces keep their own lines.
    writeLines(host.err, isKnown ? lines.flatMap((line) => fold(line, host.err.columns)) : lines);
    return error instanceof UsageError ? exitStatus.usage : exitStatus.failure;
  }
}
