import { resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { ask, Interrupted, type Terminal } from "./ask.ts";
import { createProject } from "./create-project.ts";
import { ProjectError } from "./errors.ts";
import { nextSteps } from "./next-steps.ts";
import { createCommand, packageManagerOf } from "./package-manager.ts";
import { type TemplateName, templateDescriptions, templateNames } from "./templates.ts";

/** What the command line needs of the world around it. */
export interface Host {
  readonly out: { write(text: string): void };
  readonly err: { write(text: string): void };
  /** Where questions are asked; undefined where nobody could answer. */
  readonly terminal: Terminal | undefined;
  /** The folder in which the command was typed. */
  readonly cwd: string;
  /** `npm_config_user_agent`. */
  readonly userAgent: string | undefined;
}

const exitStatus = { success: 0, usage: 2, failure: 3, interrupted: 130 } as const;

function template(text: string, earlier?: TemplateName): TemplateName {
  if (earlier !== undefined) throw new InvalidArgumentError("It is given twice.");
  const found = templateNames.find((name) => name === text.toLowerCase());
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It must be ${templateNames.join(" or ")}.`);
}

function defineProgram({ out, err, userAgent }: Host): Command {
  const manager = packageManagerOf(userAgent);
  const examples = [["my-app"], ["my-page", "--template vite"]].map((words) =>
    createCommand(manager, ...words),
  );
  const templates = templateNames.map((name) => `  ${name}  ${templateDescriptions[name]}`);
  return new Command("create-gradus")
    .description("Create a small project that trains a model with gradus.")
    .argument("[folder]", "a new folder, or an empty one")
    .addOption(new Option("--template <name>", "node (default) or vite").argParser(template))
    .version(manifest.version, "-v, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .addHelpText(
      "after",
      ["", "Templates:", ...templates, "", "Examples:", ...examples.map((line) => `  ${line}`)].join("\n"),
    )
    .showHelpAfterError("See: create-gradus --help")
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, "create-gradus: ")),
    })
    .exitOverride();
}

async function execute(args: readonly string[], host: Host): Promise<void> {
  const program = defineProgram(host);
  program.parse([...args], { from: "user" });
  const given: { readonly template?: TemplateName } = program.opts();
  const [folder] = program.args;
  const manager = packageManagerOf(host.userAgent);
  if (folder === undefined && !host.terminal)
    program.error(`error: missing argument 'folder', as in: ${createCommand(manager, "my-app")}`);
  const answers =
    folder === undefined && host.terminal ? await ask(host.terminal, given) : { ...given, folder };
  const path = answers.folder.trim() === "" ? "" : resolve(host.cwd, answers.folder);
  const project = await createProject({ ...answers, folder: path });
  host.out.write(`${nextSteps(project, { manager, cwd: host.cwd }).join("\n")}\n`);
}

/** Runs a command line and returns its exit status. Errors are reported on `host.err`. */
export async function main(args: readonly string[], host: Host): Promise<number> {
  try {
    await execute(args, host);
    return exitStatus.success;
  } catch (error) {
    if (error instanceof Interrupted) return exitStatus.interrupted;
    // Its message, or the help that was asked for, is printed already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.success : exitStatus.usage;
    const expected = error instanceof ProjectError;
    host.err.write(
      `create-gradus: ${expected ? error.message : error instanceof Error ? error.stack : error}\n`,
    );
    return expected ? exitStatus.usage : exitStatus.failure;
  }
}
