import { statSync } from "node:fs";
import { dirname } from "node:path";
import { requestIngestion } from "@gradus/database/ingest-requests";
import { GradusError } from "gradus/check";
import { exitStatus, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";

export interface IngestOptions {
  readonly from: string;
  readonly to: string;
  readonly folder?: string;
}

/** arXiv's first day. */
const FIRST_DAY = "1991-08-14";

/** A day that was. @throws UsageError when it is no day, or one before arXiv or to come */
function pastDay(option: string, text: string): string {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  const today = new Date().toISOString().slice(0, 10);
  const real = !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
  if (!real || text < FIRST_DAY || text > today)
    throw new UsageError(`${option} must be a day from ${FIRST_DAY} to ${today} (YYYY-MM-DD), got "${text}"`);
  return text;
}

/**
 * `gradus ingest`. Returns the exit status.
 *
 * @throws UsageError when the days are none, or the last is before the first
 * @throws GradusError when there is no such folder, or it cannot be written into
 */
export async function requestPapers(host: Host, options: IngestOptions): Promise<number> {
  const [from, to] = [pastDay("--from", options.from), pastDay("--to", options.to)];
  if (from > to) throw new UsageError(`--to must not be before --from (${from}), got "${to}"`);
  const { GRADUS_DATABASE_DIR: database } = process.env;
  const folder = options.folder ?? (database ? dirname(database) : host.home);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new GradusError(
      `there is no folder ${folder}; --folder names the data folder of a site that was started before`,
    );
  try {
    requestIngestion(folder, { from, to });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GradusError(`cannot write into ${folder} (${reason})`, { cause });
  }
  writeLines(host.out, [
    `requested papers submitted from ${from} to ${to}`,
    "a running site fetches them now; a stopped one fetches them when it starts",
  ]);
  return exitStatus.success;
}
