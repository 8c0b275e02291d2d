import { lruCache } from "../cache/lru-cache.ts";
import { singleFlight } from "../cache/single-flight.ts";
import {
  type PreparedResponse,
  prepareResponse,
  type ResponseContent,
} from "../http/conditional-response.ts";

/** The largest total size of cached responses, in bytes. */
const CAPACITY = 32 * 2 ** 20;
/** Of a response beside its address and body, in bytes: its fields and map entries. */
const OVERHEAD = 1024;
const MINUTE = 60_000;
const DAY = 86_400_000;

interface CachedResponse {
  readonly response: PreparedResponse;
  /** The version of the data that it was made from. */
  readonly version: string;
  /** When it may change although the data are the same, in milliseconds. */
  readonly expiresAt: number;
}

/** A cache of API responses and feeds. */
export interface ResponseCache {
  /**
   * The response of `key`: cached while nothing was committed since it was made, else made anew. `make` is given the
   * version of the data, unless the database cannot tell it.
   */
  respond(
    key: string,
    make: (version: string | undefined) => Promise<ResponseContent>,
  ): Promise<PreparedResponse>;
}

export interface ResponseCacheOptions {
  /** The version of the data; rejects while the database cannot be reached. */
  readonly version: () => Promise<string>;
  readonly now: () => Date;
  /** The largest total size, in bytes; least recently used responses are evicted first. */
  readonly capacity?: number;
}

/** Caches responses until the UTC day ends, since lists end today; short-lived ones until the minute ends. */
export function responseCache({ version, now, capacity = CAPACITY }: ResponseCacheOptions): ResponseCache {
  const cache = lruCache<CachedResponse>({
    capacity,
    // With its compressed copies, which together are smaller than its body.
    sizeOf: ({ response }, key) => 2 * (key.length + response.body.length) + OVERHEAD,
  });
  const share = singleFlight<PreparedResponse>();

  return {
    async respond(key, make) {
      const current = await version().catch(() => undefined);
      if (current === undefined) return prepareResponse(await make(undefined));
      const cached = cache.get(key);
      if (cached?.version === current && now().getTime() < cached.expiresAt) return cached.response;
      return share(`${current} ${key}`, async () => {
        const startedAt = now().getTime();
        const content = await make(current);
        const span = content.shortLived ? MINUTE : DAY;
        const response = prepareResponse(content);
        cache.set(key, { response, version: current, expiresAt: (Math.floor(startedAt / span) + 1) * span });
        return response;
      });
    },
  };
}
