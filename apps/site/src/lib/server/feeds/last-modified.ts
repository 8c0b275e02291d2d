import { entityTag } from "../http/conditional-response.ts";

/** Feeds that are remembered at most; those not asked for longest are forgotten. */
const MOST_FEEDS = 1000;

/**
 * Remembers when the body of each feed changed, for clients that send only `If-Modified-Since`. A list changes not
 * only with its items' dates: papers leave it, and their order changes. A feed seen for the first time changed now.
 */
export function lastModifiedTimes(): (address: string, body: string, now: Date) => Date {
  const known = new Map<string, { readonly tag: string; readonly at: Date }>();
  return (address, body, now) => {
    const tag = entityTag(body);
    const before = known.get(address);
    // Fields of HTTP have whole seconds; two versions must not share one.
    const earliest = before ? before.at.getTime() + 1000 : 0;
    const second = Math.floor(now.getTime() / 1000) * 1000;
    const entry = before?.tag === tag ? before : { tag, at: new Date(Math.max(second, earliest)) };
    known.delete(address);
    known.set(address, entry);
    for (const oldest of known.keys()) {
      if (known.size <= MOST_FEEDS) break;
      known.delete(oldest);
    }
    return entry.at;
  };
}
