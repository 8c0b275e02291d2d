import { isReturnedTo } from "#lib/sign-in-link.ts";

const LONGEST_PATH = 2000;
const HERE = "https://here.invalid";

/** Where a reader goes after signing in: a path of this site, or the list of papers. */
export function returnPath(wanted: unknown): string {
  const fallback = "/papers";
  if (typeof wanted !== "string" || wanted.length > LONGEST_PATH || !URL.canParse(wanted, HERE))
    return fallback;
  const { origin, pathname, search, hash } = new URL(wanted, HERE);
  const inside = wanted.startsWith("/") && origin === HERE && !pathname.startsWith("//");
  return inside && isReturnedTo(pathname) ? `${pathname}${search}${hash}` : fallback;
}
