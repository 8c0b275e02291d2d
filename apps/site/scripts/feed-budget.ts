// Measures the feed in Chromium as a phone of the middle class sees it over slow 4G: when its largest part is painted,
// how much moves, and what is sent. Usage: node scripts/feed-budget.ts <address of a feed> [<repetitions>]
import { chromium } from "playwright-core";

/** What Lighthouse calls slow 4G, and a phone that is four times slower than this machine. */
const NETWORK = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 };
const CPU_SLOWDOWN = 4;

interface Measured {
  readonly paint: number;
  readonly shift: number;
  readonly html: number;
  readonly scripts: number;
}

const [address, repetitions = "5"] = process.argv.slice(2);
if (!address) throw new Error("give the address of a feed, such as http://localhost:3000/papers");

const browser = await chromium.launch({
  executablePath: process.env.GRADUS_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

async function measure(url: string): Promise<Measured> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", NETWORK);
  await session.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  await page.addInitScript(() => {
    const seen = { paint: 0, shift: 0 };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => {
      for (const { startTime } of list.getEntries()) seen.paint = startTime;
    }).observe({ type: "largest-contentful-paint", buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if ("value" in entry && typeof entry.value === "number") seen.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(url);
  await page.waitForLoadState("networkidle");
  const result = await page.evaluate(() => {
    const seen: { paint: number; shift: number } = Reflect.get(globalThis, "seen");
    const sent = (type: string) =>
      performance.getEntriesByType(type).filter((entry) => entry instanceof PerformanceResourceTiming);
    const scripts = sent("resource").filter(({ name }) => new URL(name).pathname.endsWith(".js"));
    const sum = (entries: PerformanceResourceTiming[]) =>
      entries.reduce((total, { encodedBodySize }) => total + encodedBodySize, 0);
    return { ...seen, html: sum(sent("navigation")), scripts: sum(scripts) };
  });
  await context.close();
  return result;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

try {
  const runs: Measured[] = [];
  for (let i = 0; i < Number(repetitions); i++) runs.push(await measure(address));
  const of = (field: keyof Measured) => median(runs.map((run) => run[field]));
  console.log(`largest contentful paint  ${Math.round(of("paint"))} ms (budget 2000)`);
  console.log(`cumulative layout shift   ${of("shift").toFixed(4)} (budget 0.05)`);
  console.log(`HTML, compressed          ${(of("html") / 1000).toFixed(1)} kB (budget 60)`);
  console.log(`scripts, compressed       ${(of("scripts") / 1000).toFixed(1)} kB (budget 60)`);
} finally {
  await browser.close();
}
