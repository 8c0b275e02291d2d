// Measures the site in Chromium as a phone of the middle class sees it over slow 4G: when the largest part of a page is
// painted, how much moves, how long presses wait for the next picture, and what is sent. `--write` puts the medians
// into bench/site/BUDGETS.md, `--note` with a sentence on how the machine was used.
// Usage: node apps/site/scripts/feed-budget.ts [--repetitions 5] [--note text] [--write]
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import { describeMachine } from "../../../bench/machine.ts";
import { FULL_DAY, startWithFullDay } from "../tests/full-day.ts";
import { bytesOf, type Interaction, type Seen, seenOn, sentFor, watch } from "../tests/loading.ts";
import { build } from "../tests/server.ts";
import { alive, launch } from "../tests/visit.ts";
import { type Column, medianOf, type Row, reportOf } from "./budget-report.ts";

const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
} as const;
const CPU_SLOWDOWN = 4;
/** Milliseconds: a busy machine makes a visit long before it fails. */
const PATIENCE = 30_000;
/** Visits of a kind that may be broken off and made again. */
const BROKEN_VISITS = 2;
/** Slow 4G with only the round trip before each answer, and with connections and their encryption as Lighthouse has it. */
const NETWORKS = {
  "150 ms": { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 },
  "562 ms": { offline: false, latency: 562.5, downloadThroughput: 1.4746e6 / 8, uploadThroughput: 675e3 / 8 },
} as const;
type Network = keyof typeof NETWORKS;

const LISTS = {
  "the seed's day, 21 papers": "/papers",
  "a day, 50 papers": `/papers/date/${FULL_DAY}`,
  "trending, 50 papers": "/papers/trending",
  "a search, 25 papers": "/papers?q=learning+or+gradient+or+networks",
} as const;
const PAPER = "/papers/2412.08424";

/** Opens an address as a phone that was never here. */
async function arrive(browser: Browser, address: string, network: Network): Promise<Page> {
  // A first visit has no service worker, and its answers would count unpacked.
  const context = await browser.newContext({ ...PHONE, serviceWorkers: "block" });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", NETWORKS[network]);
  await session.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  await watch(page);
  await page.goto(address);
  await alive(page);
  await page.waitForLoadState("networkidle");
  return page;
}

/** What a reader of a list presses: each as soon as the answer to the one before is there. */
async function useList(page: Page): Promise<void> {
  const search = page.getByRole("searchbox").first();
  await search.tap();
  await search.pressSequentially("hessian", { delay: 60 });
  await search.fill("");
  await page.locator("header summary").tap();
  await page
    .getByRole("button", { name: /colors$/ })
    .last()
    .tap();
  await page.keyboard.press("Escape");
  const panel = page.locator("summary", { hasText: "Filter" });
  const topic = page.getByLabel("Convex", { exact: true });
  for (const narrowed of [true, false]) {
    // The latest day becomes a page of its date when it is narrowed, and its panel is closed.
    if (!(await topic.isVisible())) await panel.tap();
    await topic.setChecked(narrowed);
    await page.waitForURL((url) => url.searchParams.has("topic") === narrowed);
    await page.waitForLoadState("networkidle");
  }
  await page.keyboard.press("Escape");
  for (const key of ["j", "j", "k"]) await page.keyboard.press(key);
  await page.getByRole("link", { name: /^Runnable/ }).tap();
  await page.waitForURL(/runnable=1/);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1000)));
}

/** What a reader of a paper presses while its claims are measured. */
async function usePaper(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Run all claims" }).tap();
  await page.locator("summary", { hasText: "Cite" }).tap();
  await page.keyboard.press("Escape");
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 4000)));
  const search = page.getByRole("searchbox").first();
  await search.tap();
  await search.pressSequentially("step", { delay: 60 });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1000)));
}

interface Visited extends Seen {
  readonly html: number;
  readonly scripts: number;
}

async function load(browser: Browser, address: string, network: Network): Promise<Visited> {
  const page = await arrive(browser, address, network);
  const [seen, files] = [await seenOn(page), await sentFor(page)];
  await page.context().close();
  return { ...seen, html: files[0].bytes, scripts: bytesOf(files, ".js") };
}

async function use(
  browser: Browser,
  address: string,
  presses: (page: Page) => Promise<void>,
): Promise<Interaction> {
  const page = await arrive(browser, address, "150 ms");
  await presses(page);
  const { interactions } = await seenOn(page);
  await page.context().close();
  if (interactions.length === 0) throw new Error(`no press on ${address} was seen`);
  return interactions.reduce((a, b) => (b.milliseconds > a.milliseconds ? b : a));
}

const { values: options } = parseArgs({
  options: {
    repetitions: { type: "string", default: "5" },
    note: { type: "string", default: "" },
    write: { type: "boolean", default: false },
  },
});
const repetitions = Number(options.repetitions);
const times = async <T>(once: () => Promise<T>): Promise<T[]> => {
  const all: T[] = [];
  let broken = 0;
  while (all.length < repetitions) {
    try {
      all.push(await once());
    } catch (error) {
      // Chromium now and then never gets what it asked for over a slowed network; such a visit tells nothing.
      broken += 1;
      if (broken > BROKEN_VISITS) throw error;
      console.log(`a visit was broken off: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    }
  }
  return all;
};

await build();
const [server, browser] = await Promise.all([startWithFullDay(), launch()]);
const before = loadavg()[0];
try {
  const rows: Row[] = [];
  for (const [name, path] of Object.entries({ ...LISTS, "a paper that runs": PAPER })) {
    const address = `${server.origin}${path}`;
    const isList = path !== PAPER;
    const near = await times(() => load(browser, address, "150 ms"));
    const far = await times(() => load(browser, address, "562 ms"));
    const slowest = await times(() => use(browser, address, isList ? useList : usePaper));
    const column = (all: readonly Visited[], of: keyof Omit<Visited, "interactions">): Column =>
      medianOf(all.map((one) => one[of]));
    rows.push({
      name,
      budgeted: isList,
      paint: column(near, "paint"),
      paintConnecting: column(far, "paint"),
      shift: column([...near, ...far], "shift"),
      wait: medianOf(slowest.map(({ milliseconds }) => milliseconds)),
      slowest: [...slowest].sort((a, b) => b.milliseconds - a.milliseconds)[0].what,
      html: column(near, "html"),
      scripts: column(near, "scripts"),
    });
    console.log(rows.at(-1));
  }
  const text = reportOf(rows, {
    machine: describeMachine(),
    browser: browser.version(),
    date: new Date().toISOString().slice(0, 10),
    load: { before, after: loadavg()[0] },
    repetitions,
    note: options.note,
  });
  if (options.write)
    writeFileSync(fileURLToPath(new URL("../../../bench/site/BUDGETS.md", import.meta.url)), text);
  else console.log(text);
} finally {
  await browser.close();
  await server.stop();
  server.remove();
}
