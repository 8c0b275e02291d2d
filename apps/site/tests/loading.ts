// What a page does while it loads and answers: when its largest part is painted, how much of it moves, how long the
// reader's presses wait for the next picture, and what is sent for it.
import type { Page } from "playwright-core";

/** A press or a key, and the milliseconds from it to the next picture. */
export interface Interaction {
  /** The event and the element, such as "click on summary". */
  readonly what: string;
  readonly milliseconds: number;
}

/** What was seen since the page was opened. */
export interface Seen {
  /** Milliseconds to the largest contentful paint. */
  readonly paint: number;
  /** The sum of all layout shifts without a reader's doing: never less than the cumulative layout shift. */
  readonly shift: number;
  readonly interactions: readonly Interaction[];
}

/** A file that a page asked for. */
export interface SentFile {
  readonly path: string;
  /** Bytes as sent, compressed; what a service worker hands out counts unpacked. */
  readonly bytes: number;
  /** Whether it came out of the browser's own cache. */
  readonly cached: boolean;
}

/** Watches a page; call it before the page is opened. */
export async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen = { paint: 0, shift: 0, interactions: new Map<number, Interaction>() };
    Object.assign(globalThis, { seen });
    const observe = (type: string, take: (entry: PerformanceEntry) => void, options = {}) =>
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
        type,
        buffered: true,
        ...options,
      });
    observe("largest-contentful-paint", ({ startTime }) => {
      seen.paint = startTime;
    });
    observe("layout-shift", (entry) => {
      if ("hadRecentInput" in entry && entry.hadRecentInput) return;
      if ("value" in entry && typeof entry.value === "number") seen.shift += entry.value;
    });
    observe(
      "event",
      (entry) => {
        if (!(entry instanceof PerformanceEventTiming) || !entry.interactionId) return;
        const { interactionId, name, duration } = entry;
        const target = entry.target instanceof Element ? entry.target.localName : "page";
        if (duration > (seen.interactions.get(interactionId)?.milliseconds ?? 0))
          seen.interactions.set(interactionId, { what: `${name} on ${target}`, milliseconds: duration });
      },
      { durationThreshold: 16 },
    );
  });
}

/** What was seen of a watched page. */
export function seenOn(page: Page): Promise<Seen> {
  return page.evaluate(() => {
    const seen: Omit<Seen, "interactions"> & { interactions: Map<number, Interaction> } = Reflect.get(
      globalThis,
      "seen",
    );
    return { ...seen, interactions: [...seen.interactions.values()] };
  });
}

/** The page itself and every file that it asked for, but for what its workers did. */
export function sentFor(page: Page): Promise<SentFile[]> {
  return page.evaluate(() =>
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
      .filter((entry) => entry instanceof PerformanceResourceTiming)
      .map(({ name, encodedBodySize, transferSize }) => ({
        path: new URL(name).pathname,
        bytes: encodedBodySize,
        cached: transferSize === 0 && encodedBodySize > 0,
      })),
  );
}

/** Bytes of all files whose path ends so. */
export const bytesOf = (files: readonly SentFile[], ending: string): number =>
  files.reduce((sum, { path, bytes }) => sum + (path.endsWith(ending) ? bytes : 0), 0);
