import { didYouMean, either } from "../command-line/suggest.ts";
import type { OptionSpecifications, ParsedOptions } from "../command-line/values.ts";
import { listSets } from "../data/list.ts";
import { pullSets } from "../data/pull.ts";
import { exitStatus, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

export const dataOptions: OptionSpecifications = {
  json: { help: "print the list as JSON, and nothing else, on standard output" },
  help: { short: "h", help: "show this help" },
};

export const dataActions = ["list", "pull"] as const;

/** `gradus data list`, `gradus data pull`: the data sets. Returns the exit status. */
export async function data(host: Host, { positionals, flags }: ParsedOptions): Promise<number> {
  const [action, ...names] = positionals;
  if (action === "list" || action === undefined) {
    await listSets(host, names, flags.has("json"));
    return exitStatus.fine;
  }
  if (action === "pull") {
    if (flags.has("json")) throw new UsageError("data pull has no option --json; data list has");
    return pullSets(host, names);
  }
  throw new UsageError(
    `data does not do "${action}".${didYouMean(action, dataActions)} It does ${either(dataActions)}.`,
  );
}
