import { Argument, type Command } from "commander";
import { choiceArgument } from "../command-line/values.ts";
import { completionScript, type Shell, shells } from "../completion/scripts.ts";
import { exitStatus } from "../errors.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";

export function defineCompletion(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("completion")
    .summary("print a shell completion script")
    .description(
      `Print a shell completion script for commands, options and names. To enable it:

bash, in ~/.bashrc:  eval "$(gradus completion bash)"
zsh, in ~/.zshrc after compinit:  source <(gradus completion zsh)
fish, once:  gradus completion fish > ~/.config/fish/completions/gradus.fish

It works in every shell that is started afterwards.`,
    )
    .addArgument(choiceArgument(new Argument("<shell>", "bash, zsh or fish"), shells))
    .action((shell: Shell) =>
      run(async () => {
        host.out.write(completionScript(shell));
        return exitStatus.success;
      }),
    );
  addExamples(command, host, ["completion bash"]);
}
