import { GradusError } from "gradus";
import manifest from "../package.json" with { type: "json" };
import { list, listOptions } from "./commands/list.ts";
import { run, runOptions } from "./commands/run.ts";
import { verify, verifyOptions } from "./commands/verify.ts";
import { exitStatus, Interrupted, UsageError } from "./errors.ts";
import { type CommandHelp, commandHelp, programHelp } from "./help.ts";
import type { Host } from "./host.ts";
import { type ParsedOptions, parseOptions } from "./options.ts";
import { didYouMean, either } from "./suggest.ts";
import { writeLines } from "./terminal/output.ts";
import { displayWidth, wrap } from "./terminal/text.ts";

interface Command extends CommandHelp {
  /** Returns the exit status. */
  readonly carryOut: (host: Host, options: ParsedOptions) => Promise<number>;
}

const commands: readonly Command[] = [
  {
    name: "list",
    usage: "[paper | paper/experiment]",
    summary: "the papers; the claims and experiments of one; the parameters of an experiment",
    paragraphs: ["Papers go by name (anyloss), number (4, 04) or arXiv id (2405.14745)."],
    options: listOptions,
    examples: ["list", "list anyloss"],
    carryOut: list,
  },
  {
    name: "run",
    usage: "<paper | paper/experiment> [options]",
    summary: "run one experiment, or all of a paper, and show what it measured",
    paragraphs: [
      "Papers go by name (anyloss), number (4, 04) or arXiv id (2405.14745); an experiment by its id alone where only one paper has it.",
      "Ctrl-C leaves a checkpoint and prints the command that goes on from it; the report is then the same as that of a run without a break.",
      "With --out, a paper's experiments each have a folder of their own, and report.json above them holds all reports. With --json, a paper gives an array of reports, an experiment one report.",
    ],
    options: runOptions,
    examples: [
      "run anyloss",
      "run 12 --profile full --out results",
      "run anyloss --resume gradus-run-anyloss.checkpoint.json",
    ],
    carryOut: run,
  },
  {
    name: "verify",
    usage: "[papers...] [options]",
    summary: "measure the claims of papers (of all when none is named) and print the verdicts",
    paragraphs: [
      "Prints a table of claims: what was measured, what it must be, and whether it held. ● held, ◆ did not hold, ○ not run.",
    ],
    options: verifyOptions,
    examples: ["verify 12", "verify anyloss 12 --profile full", "verify --json"],
    carryOut: verify,
  },
];

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
