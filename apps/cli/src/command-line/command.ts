import { Command, Option } from "commander";

/** An option that may be given several times; its values are collected in order. */
export class RepeatableOption extends Option {
  constructor(flags: string, description: string) {
    super(flags, `${description} (repeatable)`);
    this.argParser((value: string, earlier: readonly string[] = []) => [...earlier, value]);
  }
}

/**
 * A command that refuses what commander accepts in silence: an option given twice, of which the last would win, and an
 * option without its value, which would take the next option's name for it.
 */
export class StrictCommand extends Command {
  override createCommand(name?: string): StrictCommand {
    return new StrictCommand(name);
  }

  override addOption(option: Option): this {
    if (option.required) {
      let isGiven = false;
      // Registered before commander's own listener, which parses the value.
      this.on(`option:${option.name()}`, (value: string) => {
        if (value === "" || value.startsWith("--"))
          this.error(`error: option '${option.flags}' argument missing`);
        if (isGiven && !(option instanceof RepeatableOption))
          this.error(`error: option '${option.flags}' is given twice`);
        isGiven = true;
      });
    }
    return super.addOption(option);
  }
}
