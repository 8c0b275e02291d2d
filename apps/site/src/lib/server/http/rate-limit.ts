import { createHmac, randomBytes } from "node:crypto";
import { isIPv6 } from "node:net";

/** Milliseconds of a window where no other is asked for. */
const MINUTE = 60_000;
const DAY = 86_400_000;
/** Addresses that are remembered at most; beyond, the longest known are forgotten. */
const MOST_ADDRESSES = 50_000;

/** Where an address stands within its window. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** Whole seconds until the window ends. */
  readonly seconds: number;
  readonly allowed: boolean;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [head, tail] = address.split("::");
  const groups = (text: string | undefined) =>
    text ? text.split(":").map((group) => parseInt(group, 16)) : [];
  const [first, last] = [groups(head), groups(tail)];
  return tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill(0), ...last];
}

/**
 * What counts as one address: an IPv4 address, or the first 64 bits of an IPv6 address, which one household or machine
 * has whole. An IPv4 address in IPv6 form (`::ffff:192.0.2.1`) is an IPv4 address.
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address);
  if (mapped) return mapped[1];
  const [bare] = address.split("%");
  if (!isIPv6(bare)) return bare;
  // The last 32 bits may be written like an IPv4 address; they do not matter here.
  const groups = groupsOf(bare.replace(/[0-9]+(?:\.[0-9]+){3}$/, "0:0"));
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/**
 * Counts requests in windows, of a minute by default, that begin with an address's first request. Addresses are kept only as keyed
 * hashes, under a key that lives in memory for a day.
 *
 * @throws RangeError when `limit` is not a positive whole number
 */
export function rateLimiter(
  limit: number,
  milliseconds: number = MINUTE,
): (address: string, now: Date) => Allowance {
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(`limit must be a positive integer, got ${limit}`);
  const windows = new Map<string, { readonly began: number; count: number }>();
  let salt = randomBytes(32);
  let salted = Number.NEGATIVE_INFINITY;
  // What the clock went forward: where it is set back, windows go on from where they are.
  let time = 0;
  let last = Number.POSITIVE_INFINITY;

  return (address, now) => {
    time += Math.max(0, now.getTime() - last);
    last = now.getTime();
    if (time - salted >= DAY) {
      salt = randomBytes(32);
      salted = time;
      windows.clear();
    }
    // Windows stand in the order in which they began.
    for (const [key, { began }] of windows) {
      if (time - began < milliseconds && windows.size <= MOST_ADDRESSES) break;
      windows.delete(key);
    }
    const key = createHmac("sha256", salt).update(addressKey(address)).digest("base64url");
    const window = windows.get(key) ?? { began: time, count: 0 };
    window.count += 1;
    windows.set(key, window);
    return {
      limit,
      remaining: Math.max(0, limit - window.count),
      seconds: Math.max(1, Math.ceil((window.began + milliseconds - time) / 1000)),
      allowed: window.count <= limit,
    };
  };
}

/** The fields that tell a client of its allowance (IETF draft "RateLimit header fields for HTTP", version 6). */
export function rateLimitHeaders({ limit, remaining, seconds, allowed }: Allowance): Record<string, string> {
  return {
    "RateLimit-Limit": String(limit),
    "RateLimit-Policy": `${limit};w=${MINUTE / 1000}`,
    "RateLimit-Remaining": String(remaining),
    "RateLimit-Reset": String(seconds),
    ...(allowed ? {} : { "Retry-After": String(seconds) }),
  };
}
