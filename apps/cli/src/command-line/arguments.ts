import { formatValue } from "../experiments/parameters.ts";
import type { Plan } from "../session/session.ts";

/** A word as a shell reads it. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * The words of the command line that does a plan again, after the program's name: everything it depends on is said,
 * defaults too, so that it still does the same when they change.
 */
export function repeatArguments(
  { command, names, profile, seed, seeds, set }: Plan,
  threads: number | null,
): string[] {
  return [
    command,
    ...names,
    "--profile",
    profile,
    ...(command === "run" ? ["--seed", String(seed)] : ["--seeds", String(seeds)]),
    ...Object.entries(set).flatMap(([name, value]) => ["--set", `${name}=${formatValue(value)}`]),
    ...(threads === null ? [] : ["--threads", String(threads)]),
  ];
}
