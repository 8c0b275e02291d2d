import { type AddHelpTextContext, type Command, Help, type HelpConfiguration } from "commander";
import { didYouMean } from "../command-line/suggest.ts";
import type { Host } from "../host.ts";
import { layoutTable } from "../terminal/table.ts";
import { wrap } from "../terminal/text.ts";

const INDENT = "  ";
const DEFAULT_WIDTH = 80;
/** Cells: a narrower column of descriptions is not worth reading. */
const LEAST_COLUMN = 40;

const statuses: readonly (readonly [string, string])[] = [
  ["0", "success"],
  ["1", "a claim did not hold, or a check of doctor failed"],
  ["2", "usage error: an unknown command, option or name, or a file that cannot be read"],
  ["3", "missing or unsuitable data, results that could not be saved, or an internal error"],
  ["130", "interrupted with Ctrl-C; run, verify and sweep print the command to resume"],
];

/** A phrase, as lists show it, as a sentence. */
function sentence(text: string): string {
  const capitalized = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.)]$/.test(capitalized) ? capitalized : `${capitalized}.`;
}

/** How commander lays out the help of every command. */
export const helpConfiguration: HelpConfiguration = {
  subcommandTerm: (command) => command.name(),
  commandDescription: (command) => sentence(command.description()),
  // Defaults and choices are in the descriptions.
  optionDescription: (option) => option.description,
  argumentDescription: (argument) => argument.description,
  // Where no column is left for descriptions, commander does not wrap them: they go below their terms.
  formatItem(term, termWidth, description, helper) {
    const width = helper.helpWidth ?? DEFAULT_WIDTH;
    if (width - termWidth - 2 * INDENT.length >= LEAST_COLUMN || description === "")
      return Help.prototype.formatItem.call(helper, term, termWidth, description, helper);
    const indent = INDENT.repeat(3);
    const lines = wrap(description, width - indent.length).map((line) => `${indent}${line}`);
    return [`${INDENT}${term}`, ...lines].join("\n");
  },
};

function section(title: string, lines: readonly string[]): string {
  return ["", `${title}:`, ...lines.map((line) => `${INDENT}${line}`)].join("\n");
}

/** Adds command lines to the end of a command's help. */
export function addExamples(command: Command, { invocation }: Host, examples: readonly string[]): Command {
  return command.addHelpText(
    "after",
    section(
      "Examples",
      examples.map((example) => `${invocation} ${example}`),
    ),
  );
}

/** Adds the meaning of exit statuses to the help of a program and of all its commands. */
export function addExitStatuses(program: Command, { out, err }: Host): Command {
  return program.addHelpText("afterAll", ({ error }: AddHelpTextContext) => {
    const width = (error ? err : out).columns - INDENT.length;
    const cells = statuses.map((row) => row.map((text) => ({ text })));
    const columns = [{ header: "", wraps: false }, { header: "" }];
    return section("Exit status", layoutTable(columns, cells, { width }));
  });
}

/** Has `--help` after an unknown command say that it is unknown, where commander prints the help of the command above. */
export function refuseUnknownHelp(command: Command): Command {
  for (const below of command.commands) refuseUnknownHelp(below);
  if (command.commands.length === 0 || command.registeredArguments.length > 0) return command;
  return command.addHelpText("before", ({ error }: AddHelpTextContext) => {
    const [wanted] = command.args;
    const names = command.commands.flatMap((below) => [below.name(), ...below.aliases()]);
    if (error || wanted === undefined || wanted.startsWith("-") || names.includes(wanted)) return "";
    return command.error(`error: unknown command '${wanted}'.${didYouMean(wanted, names)}`);
  });
}
