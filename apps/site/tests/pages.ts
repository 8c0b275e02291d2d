// Every page of the site, with an address that shows it.
import { globSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const routes = fileURLToPath(new URL("../src/routes", import.meta.url));

/** What to put for the parameters of a route; a route without parameters is its own address. */
const EXAMPLES: Readonly<Record<string, string>> = {
  "papers/[...id]": "papers/2412.08424",
  "papers/date/[day]": "papers/date/2025-12-25",
  "papers/week/[week]": "papers/week/2025-W52",
  "papers/month/[month]": "papers/month/2025-12",
  "sign-in/[token]": "sign-in/abc",
  "subscribe/[token]": "subscribe/abc",
  // Of nobody: its own states are in the tests of subscriptions.
  "u/[token]": "u/abc",
  "docs/api/[package]": "docs/api/gradus",
  "docs/api/[package]/[module]": "docs/api/gradus/linalg",
  "docs/guides/[guide]": "docs/guides/train-and-export",
  "docs/source/[...file]": "docs/source/packages/gradus/src/iterate.ts",
};

/**
 * One address a route that has a page.
 * @throws Error when a route with parameters has no example here.
 */
export function everyPage(): string[] {
  return globSync("**/+page.svelte", { cwd: routes })
    .map(dirname)
    .sort()
    .map((route) => {
      const path = route.includes("[") ? EXAMPLES[route] : route;
      if (path === undefined) throw new Error(`the route ${route} has no example in tests/pages.ts`);
      return path === "." ? "/" : `/${path}`;
    });
}

/** What else a reader may come to: nothing found, no papers, bad addresses, long and short lists. */
export const STATES: Readonly<Record<string, string>> = {
  search: "/papers?q=hessian+spectrum",
  "search-nothing": "/papers?q=asdfghjkl+qwerty",
  "search-unknown-paper": "/papers?q=2412.99999",
  "search-too-long": `/papers?q=${"gradient+".repeat(40)}`,
  "bad-parameter": "/papers?sort=upside-down",
  filtered: "/papers?runnable=1&topic=convex",
  "empty-day": "/papers/date/2025-12-20",
  "past-month": "/papers/month/2025-11",
  "graph-paper": "/papers/2405.14745",
  "paper-with-equal-titles": "/papers/1910.03193",
  "unknown-paper": "/papers/2412.99999",
  "future-day": "/papers/date/2025-12-31",
  "wrong-address": "/nowhere",
  "docs-search": "/docs/search?q=hessian",
};
