import { exitStatus, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type EncodedReport, readReproduction } from "../results/reproduction-file.ts";
import { accessSite, refusal } from "../site/site-access.ts";
import { writeLines } from "../terminal/output.ts";

export interface SendOptions {
  readonly site?: string;
  readonly note?: string;
}

/** The longest text beside a report, in characters. */
const LONGEST_NOTE = 280;

const nameOf = ({ paper, experiment, profile, seed }: EncodedReport) =>
  `${paper}/${experiment}, ${profile}, seed ${seed}`;

/** `gradus report send`: sends reports to a site, one request each. Returns the exit status. */
export async function sendReports(host: Host, file: string, { site, note }: SendOptions): Promise<number> {
  const { ask } = accessSite(host, "report send", site);
  const length = [...(note ?? "")].length;
  if (length > LONGEST_NOTE)
    throw new UsageError(`--note must have at most ${LONGEST_NOTE} characters, got ${length}`);
  let refused = 0;
  for (const report of await readReproduction(file)) {
    const response = await ask("/api/v1/reports", { report, ...(note === undefined ? {} : { note }) });
    if (response.ok) writeLines(host.out, [`${nameOf(report)}: sent`]);
    else {
      refused += 1;
      writeLines(host.err, [`${nameOf(report)}: ${await refusal(response)}`]);
    }
  }
  return refused === 0 ? exitStatus.success : exitStatus.failure;
}
