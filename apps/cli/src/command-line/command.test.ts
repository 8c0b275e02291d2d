import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { RepeatableOption, StrictCommand } from "./command.ts";

/** The options of a command line, or its error. */
function parse(...args: string[]): {
  readonly options?: object;
  readonly positionals?: string[];
  readonly error?: string;
} {
  const program = new StrictCommand("gradus").enablePositionalOptions().exitOverride();
  program.configureOutput({ writeErr: () => {} });
  const command = program
    .command("run")
    .argument("[name]")
    .addOption(new RepeatableOption("--set <name=value>", "change a parameter"))
    .option("--seed <n>", "seed")
    .option("--json", "as JSON")
    .action(() => {});
  try {
    program.parse(["run", ...args], { from: "user" });
    return { options: command.opts(), positionals: command.args };
  } catch (error) {
    if (error instanceof CommanderError) return { error: error.message };
    throw error;
  }
}

describe("a command", () => {
  it("reads arguments, flags and values in any order, and keeps the order of repeated ones", () => {
    expect(parse("--set", "a=1", "paper", "--json", "--set=b==2", "--seed", "3")).toEqual({
      positionals: ["paper"],
      options: { set: ["a=1", "b==2"], json: true, seed: "3" },
    });
    expect(parse("--", "--json").positionals).toEqual(["--json"]);
  });

  it("suggests the nearest option", () => {
    expect(parse("--sedd", "3").error).toContain("unknown option '--sedd'\n(Did you mean --seed?)");
    expect(parse("--transformer").error).toBe("error: unknown option '--transformer'");
    expect(parse("-x").error).toContain("unknown option '-x'");
  });

  it("refuses missing, superfluous and repeated values, and too many arguments", () => {
    const missing = "error: option '--seed <n>' argument missing";
    expect(parse("--seed").error).toBe(missing);
    expect(parse("--seed", "--json").error).toBe(missing);
    expect(parse("--seed=").error).toBe(missing);
    expect(parse("--json=yes").error).toContain("unknown option '--json=yes'");
    expect(parse("--seed", "1", "--seed", "2").error).toBe("error: option '--seed <n>' is given twice");
    expect(parse("a", "b").error).toContain("too many arguments for 'run'. Expected 1 argument but got 2");
  });
});
