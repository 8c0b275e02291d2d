import {
  type CachedPage,
  cachePage,
  pageResponse,
  type Rendered,
  stalePageResponse,
  wholeResponse,
} from "./cached-page.ts";
import { lruCache } from "./lru-cache.ts";
import { singleFlight } from "./single-flight.ts";

/** The largest total size of cached pages, in bytes. */
const CAPACITY = 64 * 2 ** 20;
/** How long a stale page may be served while the database cannot be reached. */
const STALE_MILLISECONDS = 24 * 3_600_000;
/** What a copy adds for readers of whom nobody can tell whether they are signed in. */
const SIGNED_OUT = " You are shown as signed out until the database is back.";

/** The key under which a rendering of the data may be kept. */
export interface Stamp {
  /** The version of the data. */
  readonly version: string;
  /** The version of the data and the minute: for what says how long ago things were, or may do better a minute later. */
  readonly minute: string;
}

interface CacheEntry {
  readonly page: CachedPage;
  /** The version of the data and the minute that the page was rendered for. */
  readonly minute: string;
  readonly renderedAt: Date;
}

/** How often pages were served from the cache. */
export interface CacheCounts {
  hits: number;
  misses: number;
  stale: number;
}

/** A cache of rendered pages. */
export interface PageCache {
  readonly counts: Readonly<CacheCounts>;
  /**
   * The page of `key`: cached while nothing was committed since it was rendered, else rendered anew. While the
   * database cannot be reached, the last good copy with a notice; without one, whatever `render` returns. `render` is
   * given the stamp that its page has.
   */
  respond(
    key: string,
    request: { readonly gzip: boolean },
    render: (stamp: Stamp | undefined) => Promise<Rendered>,
  ): Promise<Response>;
  /** The last good copy of a page with a notice, for a reader who may be signed in; undefined without one. */
  lastCopy(key: string): Response | undefined;
  /** By what is made now may be kept; undefined while nobody can tell. */
  stamp(): Promise<Stamp | undefined>;
}

export interface PageCacheOptions {
  /** The version of the data; rejects while the database cannot be reached. */
  readonly version: () => Promise<string>;
  readonly now: () => Date;
  /** The largest total size, in bytes; least recently used pages are evicted first. */
  readonly capacity?: number;
}

/** Caches rendered pages. Pages say how long ago things were, so that none is reused after its minute. */
export function pageCache({ version, now, capacity = CAPACITY }: PageCacheOptions): PageCache {
  const cache = lruCache<CacheEntry>({ capacity, sizeOf: ({ page }) => page.bytes });
  const share = singleFlight<CacheEntry | Response>();
  const counts: CacheCounts = { hits: 0, misses: 0, stale: 0 };

  async function currentStamp(): Promise<Stamp | undefined> {
    try {
      const current = await version();
      return { version: current, minute: `${current} ${Math.floor(now().getTime() / 60_000)}` };
    } catch {
      return undefined;
    }
  }

  /** The page of `key` while the database cannot be reached; undefined where there is none, or one that is too old. */
  function staleResponse(key: string, more?: string): Response | undefined {
    const entry = cache.get(key);
    if (!entry || now().getTime() - entry.renderedAt.getTime() > STALE_MILLISECONDS) return undefined;
    counts.stale += 1;
    return stalePageResponse(entry.page, entry.renderedAt, more);
  }

  return {
    counts,
    stamp: currentStamp,
    lastCopy: (key) => staleResponse(key, SIGNED_OUT),
    async respond(key, { gzip }, render) {
      const stamp = await currentStamp();
      if (stamp === undefined) return staleResponse(key) ?? wholeResponse(await render(undefined));
      const entry = cache.get(key);
      if (entry?.minute === stamp.minute) {
        counts.hits += 1;
        return pageResponse(entry.page, gzip);
      }
      counts.misses += 1;
      const result = await share(`${stamp.minute} ${key}`, async () => {
        const rendered = await render(stamp);
        const page = cachePage(rendered);
        if (!page) return wholeResponse(rendered);
        const made = { page, minute: stamp.minute, renderedAt: now() };
        cache.set(key, made);
        return made;
      });
      return result instanceof Response ? result.clone() : pageResponse(result.page, gzip);
    },
  };
}

/** What a request asks for. */
export interface Asked {
  readonly url: URL;
  readonly route: string | null;
  readonly isData: boolean;
  /** Whether its reader has a session that cannot be read now: what all readers may read is as good. */
  readonly unknownReader?: boolean;
}

/**
 * The cache key of a request's page; undefined when the response is for one reader alone or is no page of papers.
 */
export function cacheKey(
  request: Request,
  { url, route, isData, unknownReader = false }: Asked,
): string | undefined {
  const { method, headers } = request;
  if (method !== "GET" || isData || !/^\/papers(?:\/|$)/.test(route ?? "") || route?.endsWith(".md"))
    return undefined;
  if ((headers.has("cookie") && !unknownReader) || headers.has("authorization")) return undefined;
  if (/text\/markdown/i.test(headers.get("accept") ?? "")) return undefined;
  return `${url.origin}${url.pathname}${url.search}`;
}
