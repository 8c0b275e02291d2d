import type { Command } from "commander";
import { didYouMean, either } from "../command-line/suggest.ts";

/** Makes a command with a default action reject unknown subcommands. @throws CommanderError */
export function refuseUnknownAction(command: Command): void {
  const [unknown] = command.args;
  if (unknown === undefined) return;
  const actions = command.commands.map((action) => action.name());
  command.error(
    `error: ${command.name()} has no action '${unknown}'. It must be ${either(actions)}.${didYouMean(unknown, actions)}`,
  );
}

/**
 * Has a command with options and actions of its own refuse its options in front of an action, which would not see them:
 * `sweep --database x list`.
 */
export function refuseOptionsBeforeAction(command: Command): void {
  command.hook("preSubcommand", (_, action) => {
    const given = command.options.find((option) => command.getOptionValueSource(option.attributeName()));
    if (given)
      command.error(
        `error: option '${given.flags}' must follow the action: ${command.name()} ${action.name()} ${given.flags}`,
      );
  });
}
