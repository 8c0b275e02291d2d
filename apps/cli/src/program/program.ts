import type { Command } from "commander";
import { StrictCommand } from "../command-line/command.ts";
import type { Host } from "../host.ts";
import { wrapLongLines } from "../terminal/text.ts";
import { defineAdministrator } from "./administrator.ts";
import { defineCollaborate } from "./collaborate.ts";
import { defineCompletion } from "./completion.ts";
import type { ProgramContext } from "./context.ts";
import { defineData } from "./data.ts";
import { defineDb } from "./db.ts";
import { defineDoctor } from "./doctor.ts";
import { defineExplain } from "./explain.ts";
import { addExamples, addExitStatuses, helpConfiguration, refuseUnknownHelp } from "./help.ts";
import { defineIngest } from "./ingest.ts";
import { defineList } from "./list.ts";
import { defineMail } from "./mail.ts";
import { defineModel } from "./model.ts";
import { defineNew } from "./new.ts";
import { defineOperator } from "./operator.ts";
import { defineReport } from "./report.ts";
import { defineRun } from "./run.ts";
import { defineShow } from "./show.ts";
import { defineSpectrum } from "./spectrum.ts";
import { defineSweep } from "./sweep.ts";
import { defineVerify } from "./verify.ts";
import { defineVersion } from "./version.ts";
import { defineWorker } from "./worker.ts";

/** In the order of the help. Definitions load no implementation: that is imported when a command runs. */
const definitions: readonly ((program: Command, context: ProgramContext) => void)[] = [
  defineList,
  defineRun,
  defineVerify,
  defineShow,
  defineReport,
  defineSweep,
  defineWorker,
  defineCollaborate,
  defineSpectrum,
  defineExplain,
  defineModel,
  defineNew,
  defineData,
  defineDb,
  defineAdministrator,
  defineOperator,
  defineIngest,
  defineMail,
  defineDoctor,
  defineCompletion,
  defineVersion,
];

/** Has the usage errors of a command and of those below it end with where to read its options. */
function pointToHelp(command: Command, path: string): void {
  command.showHelpAfterError(`See: ${path} --help`);
  for (const below of command.commands) pointToHelp(below, `${path} ${below.name()}`);
}

/** The command line as commander knows it. `run` is handed each command that is to be executed. */
export function defineProgram(host: Host, run: ProgramContext["run"]): Command {
  const { out, err, invocation } = host;
  const program = new StrictCommand(invocation);
  program
    .description("Papers on learning and optimization, each one runnable.")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show help for a command")
    .enablePositionalOptions()
    .configureHelp(helpConfiguration)
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      outputError: (text, write) => {
        const message = text
          .trimEnd()
          .replace(
            /^error: command-argument value ('.*') is invalid for argument '(.*)'\./s,
            "error: argument $1 for <$2> is invalid.",
          )
          .replace(/^error: /, "gradus: ");
        write(`${wrapLongLines(message, err.columns).join("\n")}\n`);
      },
      getOutHelpWidth: () => out.columns,
      getErrHelpWidth: () => err.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  for (const define of definitions) define(program, { host, run });
  addExamples(program, host, [
    "list",
    "run anyloss",
    "verify 12",
    "show latest --html report.html",
    "sweep canyon --grid runs=10,50 --seeds 5",
    "spectrum model.ts",
  ]);
  addExitStatuses(program, host);
  refuseUnknownHelp(program);
  pointToHelp(program, invocation);
  return program;
}
