import { type Command, CommanderError, Option } from "commander";
import manifest from "../../package.json" with { type: "json" };
import type { ProgramContext } from "./context.ts";

/** The version as an option, `-V` and `-v` alike, and as a command that says more, for reports of bugs. */
export function defineVersion(program: Command, { host, run }: ProgramContext): void {
  program
    .version(manifest.version, "-v, --version", "show the version")
    .addOption(new Option("-V").hideHelp())
    .on("option:V", () => {
      host.out.write(`${manifest.version}\n`);
      throw new CommanderError(0, "commander.version", manifest.version);
    });
  program
    .command("version")
    .summary("show versions, platform and run folder, for bug reports")
    .description(
      "Show the versions of gradus, Node and ONNX Runtime, the platform, and the folder of runs. Include them in bug reports.",
    )
    .action(() => run(async () => (await import("../commands/version.ts")).version(host)));
}
