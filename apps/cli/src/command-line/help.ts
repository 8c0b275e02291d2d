import { layoutTable } from "../terminal/table.ts";
import { wrap } from "../terminal/text.ts";
import type { OptionSpecifications } from "./values.ts";

/** A command as help shows it. */
export interface CommandHelp {
  readonly name: string;
  /** What follows the name. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly paragraphs: readonly string[];
  readonly options: OptionSpecifications;
  readonly examples: readonly string[];
}

const statuses: readonly (readonly [string, string])[] = [
  ["0", "fine"],
  ["1", "a claim did not hold"],
  ["2", "the command line asks for something that does not exist"],
  ["3", "data are missing, or something failed inside"],
  ["130", "interrupted with Ctrl-C; run, verify and sweep leave what resumes them"],
];

const INDENT = "  ";

function pairs(rows: readonly (readonly [string, string])[], width: number): string[] {
  const cells = rows.map((row) => row.map((text) => ({ text })));
  const columns = [{ header: "", wraps: false }, { header: "" }];
  return layoutTable(columns, cells, { width: width - INDENT.length }).map((line) => INDENT + line);
}

function optionPairs(options: OptionSpecifications): (readonly [string, string])[] {
  return Object.entries(options).map(([name, { value, short, help, repeated }]) => {
    const long = value ? `--${name} ${value}` : `--${name}`;
    return [`${short ? `-${short}, ` : ""}${long}${repeated ? " ..." : ""}`, help] as const;
  });
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines];
}

/** The help of one command. */
export function commandHelp(command: CommandHelp, invocation: string, width: number): string[] {
  return [
    ...wrap(`Usage: ${invocation} ${command.name} ${command.usage}`, width),
    ...command.paragraphs.flatMap((text) => ["", ...wrap(text, width)]),
    ...section("Options", pairs(optionPairs(command.options), width)),
    ...section(
      "Examples",
      command.examples.map((example) => `${INDENT}${invocation} ${example}`),
    ),
    ...section("Exit status", pairs(statuses, width)),
  ];
}

/** The help of the whole program. */
export function programHelp(commands: readonly CommandHelp[], invocation: string, width: number): string[] {
  return [
    ...wrap("gradus: papers on learning and optimization, each one runnable.", width),
    "",
    ...wrap(`Usage: ${invocation} <command> [options]`, width),
    ...section(
      "Commands",
      pairs(
        commands.map(({ name, summary }) => [name, summary] as const),
        width,
      ),
    ),
    ...section(
      "Options",
      pairs(
        [
          ["-h, --help", `show this help; "${invocation} <command> --help" shows a command's`],
          ["-v, --version", "show the version"],
        ],
        width,
      ),
    ),
    ...section(
      "First steps",
      commands.map(({ name, examples }) => `${INDENT}${invocation} ${examples[0] ?? name}`),
    ),
    ...section("Exit status", pairs(statuses, width)),
  ];
}
