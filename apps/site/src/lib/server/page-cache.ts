import { type CachedPage, cachePage, pageResponse, stalePageResponse } from "./cached-page.ts";

/** Memory for kept pages, in bytes. */
const CAPACITY = 64 * 2 ** 20;
/** How long a page may be shown while the database cannot be reached. */
const OUTDATED_MILLISECONDS = 24 * 3_600_000;

interface Kept {
  readonly page: CachedPage;
  /** Of which data and which minute the page is. */
  readonly stamp: string;
  readonly at: Date;
}

/** How often pages came from memory. */
export interface CacheCounts {
  hits: number;
  misses: number;
  stale: number;
}

/** Pages in memory. */
export interface PageCache {
  readonly counts: Readonly<CacheCounts>;
  /**
   * The page of `key`: from memory where nothing was committed since it was rendered, else rendered anew. While the
   * database cannot be reached, the last good copy, which says so; without one, what `render` makes of it.
   */
  respond(
    key: string,
    request: { readonly gzip: boolean },
    render: () => Promise<Response>,
  ): Promise<Response>;
}

export interface PageCacheOptions {
  /** The version of the data; rejects while the database cannot be reached. */
  readonly version: () => Promise<string>;
  readonly now: () => Date;
  /** Bytes that the pages may take; those unused for longest go first. */
  readonly capacity?: number;
}

/** Keeps rendered pages. Pages say how long ago things were, so that none is kept for longer than its minute. */
export function pageCache({ version, now, capacity = CAPACITY }: PageCacheOptions): PageCache {
  // In the order of their last use.
  const kept = new Map<string, Kept>();
  const rendering = new Map<string, Promise<Kept | Response>>();
  const counts: CacheCounts = { hits: 0, misses: 0, stale: 0 };
  let bytes = 0;

  function drop(key: string): void {
    bytes -= kept.get(key)?.page.bytes ?? 0;
    kept.delete(key);
  }

  function keep(key: string, entry: Kept): void {
    drop(key);
    kept.set(key, entry);
    bytes += entry.page.bytes;
    for (const oldest of kept.keys()) {
      if (bytes <= capacity) break;
      drop(oldest);
    }
  }

  function find(key: string): Kept | undefined {
    const entry = kept.get(key);
    if (!entry) return undefined;
    kept.delete(key);
    kept.set(key, entry);
    return entry;
  }

  async function renderOnce(key: string, stamp: string, render: () => Promise<Response>) {
    const response = await render();
    const page = await cachePage(response);
    if (!page) return response;
    const entry = { page, stamp, at: now() };
    keep(key, entry);
    return entry;
  }

  async function current(): Promise<string | undefined> {
    try {
      return `${await version()} ${Math.floor(now().getTime() / 60_000)}`;
    } catch {
      return undefined;
    }
  }

  return {
    counts,
    async respond(key, { gzip }, render) {
      const stamp = await current();
      const entry = find(key);
      if (stamp === undefined) {
        if (!entry || now().getTime() - entry.at.getTime() > OUTDATED_MILLISECONDS) return render();
        counts.stale += 1;
        return stalePageResponse(entry.page, entry.at);
      }
      if (entry?.stamp === stamp) {
        counts.hits += 1;
        return pageResponse(entry.page, gzip);
      }
      counts.misses += 1;
      // The first to ask renders; those who ask meanwhile, of the same data, wait for it.
      const name = `${stamp} ${key}`;
      let made = rendering.get(name);
      if (!made) {
        made = renderOnce(key, stamp, render).finally(() => rendering.delete(name));
        rendering.set(name, made);
      }
      const result = await made;
      return result instanceof Response ? result.clone() : pageResponse(result.page, gzip);
    },
  };
}

/**
 * The name under which a request's page is kept, or undefined when its answer is for this reader alone or is no page
 * of papers.
 */
export function cacheKey(
  request: Request,
  { url, route, isData }: { readonly url: URL; readonly route: string | null; readonly isData: boolean },
): string | undefined {
  const { method, headers } = request;
  if (method !== "GET" || isData || !/^\/papers(?:\/|$)/.test(route ?? "") || route?.endsWith(".md"))
    return undefined;
  if (headers.has("cookie") || headers.has("authorization")) return undefined;
  if (/text\/markdown/i.test(headers.get("accept") ?? "")) return undefined;
  return `${url.origin}${url.pathname}${url.search}`;
}
