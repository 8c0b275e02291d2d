import { requestIngestion } from "@gradus/database/ingest-requests";
import { exitStatus, UsageError } from "../errors.ts";
import { type SiteFolderOption, siteFolder, writeIntoSite } from "../files/site-folder.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";

export interface IngestOptions extends SiteFolderOption {
  readonly from: string;
  readonly to: string;
  readonly fromHuggingFace?: boolean;
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
  const folder = siteFolder(host, options);
  const list = options.fromHuggingFace ? ({ list: "hugging-face" } as const) : {};
  writeIntoSite(folder, () => requestIngestion(folder, { from, to, ...list }));
  writeLines(host.out, [
    options.fromHuggingFace
      ? `requested Hugging Face's daily lists from ${from} to ${to}`
      : `requested papers submitted from ${from} to ${to}`,
    "a running site fetches them now; a stopped one fetches them when it starts",
    "the site's /status shows whether that failed, why, and when it is tried again",
  ]);
  return exitStatus.success;
}
