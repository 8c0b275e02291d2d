import type { Command } from "commander";
import { exitStatus } from "../errors.ts";
import type { Host } from "../host.ts";
import { candidates, joinAssignments } from "./candidates.ts";

/**
 * Prints one completion per line, with its description after a tab, for the shells' scripts; a tab alone where there is
 * none and no file could stand either, which the shells complete otherwise.
 */
export async function answerShell(
  host: Host,
  program: Command,
  [shell, ...words]: readonly string[],
): Promise<number> {
  const typed = shell === "bash" ? joinAssignments(words) : words;
  const current = typed[typed.length - 1] ?? "";
  // For Bash, what precedes the last = is another word.
  const known = shell === "bash" ? current.lastIndexOf("=") + 1 : 0;
  const { found, files } = await candidates(host, program, typed);
  if (found.length === 0 && !files) host.out.write("\t\n");
  host.out.write(
    found.map(({ value, about }) => `${value.slice(known)}${about ? `\t${about}` : ""}\n`).join(""),
  );
  return exitStatus.success;
}
