import { GradusError } from "gradus/check";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

/** How long a site may take to answer, in milliseconds; to judge a report takes longest. */
const PATIENCE = 60_000;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** A site, asked in the name of the account of an access token. */
export interface SiteAccess {
  readonly origin: string;
  /** Sends a request, with a body as JSON if there is one. @throws GradusError when the site cannot be reached */
  ask(path: string, body?: unknown): Promise<Response>;
}

/** The origin of a site, to which a token may be sent. @throws UsageError */
function safeOrigin(command: string, site: string | undefined): string {
  if (!site)
    throw new UsageError(`${command} needs --site or GRADUS_SITE, such as https://papers.example.org`);
  if (!URL.canParse(site)) throw new UsageError(`--site must be a URL, got ${site}`);
  const { protocol, hostname, origin } = new URL(site);
  const safe = protocol === "https:" || (protocol === "http:" && LOOPBACK.has(hostname));
  if (!safe) throw new UsageError(`--site must be https, or http on this machine, got ${origin}`);
  return origin;
}

/**
 * The site of `--site` or GRADUS_SITE with the token in GRADUS_TOKEN.
 *
 * @throws UsageError when one of them is missing, or the token would not be safe on its way
 */
export function accessSite(host: Host, command: string, site: string | undefined): SiteAccess {
  const { GRADUS_SITE, GRADUS_TOKEN: token } = process.env;
  const origin = safeOrigin(command, site ?? GRADUS_SITE);
  if (!token)
    throw new UsageError(`${command} needs an access token in GRADUS_TOKEN; make one at ${origin}/account`);
  return {
    origin,
    ask: (path, body) =>
      fetch(new URL(path, origin), {
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
        // The token is for this site alone.
        redirect: "error",
        signal: AbortSignal.any([host.signal, AbortSignal.timeout(PATIENCE)]),
      }).catch((cause: unknown) => {
        host.signal.throwIfAborted();
        throw new GradusError(`${origin} cannot be reached`, { cause });
      }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The sentence of an error of the API, else the status. */
export async function refusal(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = isRecord(body) ? body.error : undefined;
  return isRecord(error) && typeof error.message === "string" ? error.message : `status ${response.status}`;
}
