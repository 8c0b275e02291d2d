import { GradusError } from "gradus/check";
import { exitStatus, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type EncodedReport, readReproduction } from "../results/reproduction-file.ts";
import { writeLines } from "../terminal/output.ts";

export interface SendOptions {
  readonly site?: string;
  readonly note?: string;
}

/** The longest text beside a report, in characters. */
const LONGEST_NOTE = 280;
/** How long a site may take to judge a report, in milliseconds. */
const PATIENCE = 60_000;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The address that takes reports. @throws UsageError */
function reportsAddress(site: string | undefined): URL {
  if (!site)
    throw new UsageError("report send needs --site or GRADUS_SITE, such as https://papers.example.org");
  if (!URL.canParse(site)) throw new UsageError(`--site must be a URL, got ${site}`);
  const url = new URL("/api/v1/reports", site);
  const safe = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname));
  if (!safe) throw new UsageError(`--site must be https, or http on this machine, got ${url.origin}`);
  return url;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The sentence of an error of the API, else the status. */
async function refusal(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = isRecord(body) ? body.error : undefined;
  return isRecord(error) && typeof error.message === "string" ? error.message : `status ${response.status}`;
}

const nameOf = ({ paper, experiment, profile, seed }: EncodedReport) =>
  `${paper}/${experiment}, ${profile}, seed ${seed}`;

/** `gradus report send`: sends reports to a site, one request each. Returns the exit status. */
export async function sendReports(host: Host, file: string, { site, note }: SendOptions): Promise<number> {
  const url = reportsAddress(site ?? process.env.GRADUS_SITE);
  const { GRADUS_TOKEN: token } = process.env;
  if (!token)
    throw new UsageError(
      `report send needs an access token in GRADUS_TOKEN; make one at ${url.origin}/account`,
    );
  const length = [...(note ?? "")].length;
  if (length > LONGEST_NOTE)
    throw new UsageError(`--note must have at most ${LONGEST_NOTE} characters, got ${length}`);
  let refused = 0;
  for (const report of await readReproduction(file)) {
    const signal = AbortSignal.any([host.signal, AbortSignal.timeout(PATIENCE)]);
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ report, ...(note === undefined ? {} : { note }) }),
      // The token is for this site alone.
      redirect: "error",
      signal,
    }).catch((cause: unknown) => {
      host.signal.throwIfAborted();
      throw new GradusError(`${url.origin} cannot be reached`, { cause });
    });
    if (response.ok) writeLines(host.out, [`${nameOf(report)}: sent`]);
    else {
      refused += 1;
      writeLines(host.err, [`${nameOf(report)}: ${await refusal(response)}`]);
    }
  }
  return refused === 0 ? exitStatus.success : exitStatus.failure;
}
