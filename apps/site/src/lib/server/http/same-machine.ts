import type { IncomingMessage } from "node:http";
import { isLocal } from "./metrics.ts";

const LOCAL_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Whether a request was made on the site's own machine by somebody who tries it: over the loopback interface, not
 * forwarded, under a name of the machine itself, to a site that has no public address (`ORIGIN`).
 */
export function isSameMachine(request: IncomingMessage | undefined, url: URL): boolean {
  if (!request || process.env.ORIGIN) return false;
  const fields = new Headers();
  for (const [name, value] of Object.entries(request.headers)) fields.set(name, String(value));
  return LOCAL_NAMES.has(url.hostname) && isLocal(request.socket.remoteAddress, fields);
}
