/** How a request is answered: from the cache first, from the network first, or as if there were no service worker. */
export type Rule = "kept" | "page" | "network";

/** What a rule is decided from. */
export interface RequestLike {
  readonly method: string;
  readonly url: string;
  /** `navigate` for a page that the browser opens. */
  readonly mode: string;
}

/** Data of a page that SvelteKit fetches when it is reached from another. */
const PAGE_DATA = "/__data.json";

/** Pages for one person alone: the next to use the browser must not find them. */
const PRIVATE = /^\/(?:sign-in|account|mail|administrator|operator)(?:\/|$)/;

/**
 * Files with a hash in their name never change and come from the cache when they are there. Pages come from the network
 * as long as there is one, so that nobody online reads an old one. Everything else, and what changes anything, passes.
 */
export function ruleFor({ method, url, mode }: RequestLike, origin: string): Rule {
  const { origin: from, pathname } = new URL(url);
  if (method !== "GET" || from !== origin) return "network";
  if (pathname.startsWith("/_app/immutable/") || pathname === "/favicon.svg") return "kept";
  if (PRIVATE.test(pathname)) return "network";
  if (pathname.startsWith("/api/") || pathname.startsWith("/docs/symbols")) return "network";
  return mode === "navigate" || pathname.endsWith(PAGE_DATA) ? "page" : "network";
}

/** Whether an address that a page has loaded is worth keeping: files of the site and its pages, nothing else. */
export function isKeepable(url: string, origin: string): boolean {
  return ruleFor({ method: "GET", url, mode: "navigate" }, origin) !== "network";
}

/** Whether an address is of WebAssembly: megabytes of it. */
export function isWebAssembly(url: string): boolean {
  return new URL(url).pathname.endsWith(".wasm");
}

/** How an answer may be kept: as it is, as everybody gets it who is not signed in, or not at all. */
export function keeping({
  ok,
  redirected,
  headers,
}: Pick<Response, "ok" | "redirected" | "headers">): "as it is" | "as for all" | "not" {
  const control = headers.get("cache-control") ?? "";
  if (!ok || redirected || control.includes("no-store")) return "not";
  return control.includes("private") ? "as for all" : "as it is";
}

/** Under what a page is kept: a form or a run that its address names changes nothing in a paper's page itself. */
export function pageKey(url: string): string {
  const { origin, pathname, searchParams } = new URL(url);
  const plain = origin + pathname;
  const isPaper = /^\/papers\/(?:\d|[a-z-]+(?:\.[A-Z]{2})?\/\d{7})/.test(pathname);
  if (isPaper || pathname.startsWith("/runs") || pathname === "/offline") return plain;
  searchParams.delete("x-sveltekit-invalidated");
  return searchParams.size > 0 ? `${plain}?${searchParams}` : plain;
}

/** The page whose data are at an address; undefined for other addresses, and for a search, which is made once. */
export function pageOfData(url: string): string | undefined {
  const page = new URL(url);
  if (!page.pathname.endsWith(PAGE_DATA) || page.searchParams.has("q")) return undefined;
  page.pathname = page.pathname.slice(0, -PAGE_DATA.length);
  page.searchParams.delete("x-sveltekit-invalidated");
  return page.href;
}
