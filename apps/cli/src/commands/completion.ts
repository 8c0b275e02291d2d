import type { CommandHelp } from "../command-line/help.ts";
import { didYouMean, either } from "../command-line/suggest.ts";
import type { OptionSpecifications, ParsedOptions } from "../command-line/values.ts";
import { candidates, joinAssignments } from "../completion/candidates.ts";
import { completionScript, shells } from "../completion/scripts.ts";
import { exitStatus, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

export const completionOptions: OptionSpecifications = { help: { short: "h", help: "show this help" } };

/** `gradus completion`: prints the script for a shell. Returns the exit status. */
export async function completion(host: Host, { positionals }: ParsedOptions): Promise<number> {
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0)
    throw new UsageError(`completion wants the name of one shell: ${either(shells)}`);
  const shell = shells.find((known) => known === name);
  if (shell === undefined)
    throw new UsageError(
      `no completion is there for "${name}".${didYouMean(name, shells)} It is for ${either(shells)}.`,
    );
  host.out.write(completionScript(shell));
  return exitStatus.fine;
}

/** What the shells' scripts ask: prints a line for each word that could follow, with what it means after a tab. */
export async function answerShell(
  host: Host,
  commands: readonly CommandHelp[],
  [shell, ...words]: readonly string[],
): Promise<number> {
  const typed = shell === "bash" ? joinAssignments(words) : words;
  const current = typed[typed.length - 1] ?? "";
  // To Bash what stands before the last = is another word already.
  const known = shell === "bash" ? current.lastIndexOf("=") + 1 : 0;
  const found = await candidates(host, commands, typed);
  host.out.write(
    found.map(({ value, about }) => `${value.slice(known)}${about ? `\t${about}` : ""}\n`).join(""),
  );
  return exitStatus.fine;
}
