import type { IncomingHttpHeaders } from "node:http";

/** The header to which every proxy adds an address; of another, the whole value is one. */
const FORWARDED = "x-forwarded-for";

/** Where proxies put a reader's address. */
export interface ProxyAddress {
  /** In lower case. */
  readonly header: string;
  /** The number of proxies, each of which adds an address to `x-forwarded-for`. */
  readonly depth: number;
}

/**
 * The header of `ADDRESS_HEADER` with the number of proxies of `XFF_DEPTH`; undefined where none is set.
 *
 * @throws Error when the number is none
 */
export function proxyAddress(settings: NodeJS.ProcessEnv): ProxyAddress | undefined {
  const header = settings.ADDRESS_HEADER?.toLowerCase();
  if (!header) return undefined;
  const { XFF_DEPTH: given = "1" } = settings;
  if (!/^[1-9]\d?$/.test(given))
    throw new Error(`XFF_DEPTH must be the number of proxies, an integer from 1 to 99, got "${given}"`);
  return { header, depth: Number(given) };
}

/**
 * Completes what the handler reads a reader's address from, which fails where it is missing. Whoever goes around all
 * proxies, as a command on the machine does, is known by the connection; around the first of them, by what the others wrote.
 */
export function completeAddress(
  headers: IncomingHttpHeaders,
  connection: string | undefined,
  { header, depth }: ProxyAddress,
): void {
  const given = String(headers[header] ?? "").trim() || (connection ?? "");
  const addresses = header === FORWARDED ? given.split(",") : [given];
  const missing = header === FORWARDED ? Math.max(0, depth - addresses.length) : 0;
  headers[header] = [...Array<string>(missing).fill(addresses[0]), ...addresses].join(",");
}
