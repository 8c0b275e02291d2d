import type { Day } from "#lib/days.ts";
import { readBody, TooLongError } from "../arxiv/body.ts";
import { machineTiming, type Timing } from "../timing.ts";
import { type DailyEntry, HuggingFaceError, parseDailyPage } from "./list.ts";

/** Where the daily lists are, and how they are asked for. */
export interface DailyListSettings {
  readonly url: URL;
  readonly userAgent: string;
  readonly timing?: Timing;
  /** Milliseconds that one answer may take. */
  readonly timeout?: number;
}

const TIMEOUT = 10_000;
const MOST_BYTES = 20 * 1024 * 1024;
/** Items of a page; the lists have some 50 a day. */
const PAGE_SIZE = 100;
const MOST_PAGES = 5;
/** Milliseconds between two requests. */
const PAUSE = 3000;

/** Asks for a page. Redirects are not followed, and nothing is tried again: the lists can wait until the next run. */
async function get(
  url: URL,
  { userAgent, timeout = TIMEOUT }: DailyListSettings,
  signal?: AbortSignal,
): Promise<string> {
  const limit = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, {
      headers: { "User-Agent": userAgent, Accept: "application/json" },
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    if (response.status === 200) return await readBody(response, MOST_BYTES);
    await response.body?.cancel();
    throw new HuggingFaceError(`status ${response.status}`);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof HuggingFaceError) throw error;
    if (error instanceof TooLongError) throw new HuggingFaceError(error.message);
    throw new HuggingFaceError(limit.aborted ? `no answer within ${timeout} ms` : "no connection");
  }
}

/**
 * The daily list of a day, each paper once.
 *
 * @throws HuggingFaceError when it cannot be fetched
 */
export async function dailyList(
  settings: DailyListSettings,
  day: Day,
  signal?: AbortSignal,
): Promise<DailyEntry[]> {
  const { timing = machineTiming } = settings;
  const found = new Map<string, DailyEntry>();
  for (let page = 0; page < MOST_PAGES; page++) {
    if (page > 0) await timing.wait(PAUSE, signal);
    const url = new URL(settings.url);
    url.search = new URLSearchParams({ date: day, limit: String(PAGE_SIZE), p: String(page) }).toString();
    const { entries, items } = parseDailyPage(await get(url, settings, signal));
    for (const entry of entries) found.set(entry.arxivId, entry);
    if (items < PAGE_SIZE) break;
  }
  return [...found.values()];
}
