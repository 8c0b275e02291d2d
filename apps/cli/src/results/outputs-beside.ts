import { UsageError } from "../errors.ts";
import { namesOutput } from "../files/write-whole.ts";
import type { Outputs } from "../terminal/output.ts";

/** The files that a command writes, by the options that name them. */
export type NamedFiles = Readonly<Record<string, string | undefined>>;

/**
 * The outputs of a command that also writes files: where one of them is the standard output, as in `--html /dev/stdout`,
 * everything else goes to the error output.
 *
 * @throws UsageError when two of them, or one and the JSON of `--json`, are the standard output
 */
export function outputsBeside<H extends Outputs>(host: H, files: NamedFiles, asJson = false): H {
  const there = Object.entries(files).flatMap(([option, file]) =>
    file !== undefined && namesOutput(file) ? [`${option} ${file}`] : [],
  );
  const all = asJson ? ["--json", ...there] : there;
  if (there.length > 0 && all.length > 1)
    throw new UsageError(
      `${all.slice(0, 2).join(" and ")} would both write to standard output; name a file for one of them`,
    );
  return there.length > 0 ? { ...host, out: host.err } : host;
}
