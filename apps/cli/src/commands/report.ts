import type { Paper } from "@gradus/papers";
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

/** A report's experiment, profile and seed, if the experiment has any randomness. */
function nameOf({ paper, experiment, profile, seed }: EncodedReport, papers: readonly Paper[]): string {
  const entry = papers.find(({ slug }) => slug === paper)?.experiments.find(({ id }) => id === experiment);
  return `${paper}/${experiment}, ${profile}${entry?.seedless ? "" : `, seed ${seed}`}`;
}

/** `gradus report send`: sends reports to a site, one request each. Returns the exit status. */
export async function sendReports(host: Host, file: string, { site, note }: SendOptions): Promise<number> {
  const { ask } = accessSite(host, "report send", site);
  const length = [...(note ?? "")].length;
  if (length > LONGEST_NOTE)
    throw new UsageError(`--note must have at most ${LONGEST_NOTE} characters, got ${length}`);
  const papers = await host.loadPapers();
  let refused = 0;
  for (const report of await readReproduction(file)) {
    const name = nameOf(report, papers);
    const response = await ask("/api/v1/reports", { report, ...(note === undefined ? {} : { note }) });
    if (response.ok) writeLines(host.out, [`${name}: sent`]);
    else {
      refused += 1;
      writeLines(host.err, [`${name}: ${await refusal(response)}`]);
    }
  }
  return refused === 0 ? exitStatus.success : exitStatus.failure;
}
