// The budgets of the specification on the production build: what is sent for a list of 50 papers and for a paper's page,
// what moves while it loads, and what waits for Run. Times are measured by scripts/feed-budget.ts.
import { get, type IncomingHttpHeaders } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FULL_DAY, PAPER_WITHOUT_EXPERIMENTS, startWithFullDay } from "./full-day.ts";
import { bytesOf, seenOn, sentFor, watch } from "./loading.ts";
import type { TestServer } from "./server.ts";
import { connectBrowser, copySeeded } from "./shared.ts";
import { installed, visit } from "./visit.ts";

const KILOBYTES = 1000;
const YEAR_SECONDS = 31_536_000;
/** A paper whose experiments run on the graph engine: Run needs its WebAssembly. */
const GRAPH_PAPER = "/papers/2405.14745";

/** Every kind of list, with as many papers as there are on a page. */
const LISTS = {
  day: `/papers/date/${FULL_DAY}`,
  week: "/papers/week/2025-W51",
  month: "/papers/month/2025-12?sort=new",
  trending: "/papers/trending",
  search: "/papers?q=learning+or+gradient+or+networks",
} as const;
const OTHERS = {
  "paper that runs": GRAPH_PAPER,
  paper: PAPER_WITHOUT_EXPERIMENTS,
  start: "/papers",
} as const;

let server: TestServer;
beforeAll(async () => {
  server = await startWithFullDay(copySeeded());
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
});

/** An answer as it is sent. */
interface Sent {
  readonly bytes: Buffer;
  readonly headers: IncomingHttpHeaders;
}

/** Asks without unpacking the answer, as `fetch` would. */
function ask(path: string, encoding: string): Promise<Sent> {
  return new Promise((resolve, reject) => {
    get(`${server.origin}${path}`, { headers: { "accept-encoding": encoding } }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve({ bytes: Buffer.concat(parts), headers: response.headers }));
    }).on("error", reject);
  });
}

const ENCODINGS = [
  ["br", brotliDecompressSync],
  ["gzip", gunzipSync],
] as const;

describe("what is sent", () => {
  for (const [encoding, unpack] of ENCODINGS) {
    test.for(Object.entries(LISTS))(`full pages are below 60 kB by ${encoding}: %s`, async ([list, path]) => {
      const { bytes, headers } = await ask(path, encoding);
      expect(headers["content-encoding"]).toBe(encoding);
      expect(
        unpack(bytes)
          .toString()
          .match(/<article/g),
      ).toHaveLength(list === "search" ? 25 : 50);
      expect(bytes.length).toBeLessThan(60 * KILOBYTES);
    });

    test.for(Object.entries(OTHERS))(`any page is less than 60 kB by ${encoding}: %s`, async ([, path]) => {
      const { bytes, headers } = await ask(path, encoding);
      expect(headers["content-encoding"]).toBe(encoding);
      expect(unpack(bytes).toString()).toContain("</html>");
      expect(bytes.length).toBeLessThan(60 * KILOBYTES);
    });
  }

  test("every script and style of a page is compressed, and kept for a year", async () => {
    const files = new Set<string>();
    for (const path of [...Object.values(LISTS), ...Object.values(OTHERS)]) {
      const html = brotliDecompressSync((await ask(path, "br")).bytes).toString();
      for (const [file] of html.matchAll(/\/_app\/immutable\/[^"]+\.(?:js|css)/g)) files.add(file);
    }
    expect(files.size).toBeGreaterThan(10);
    for (const file of files) {
      const { bytes, headers } = await ask(file, "br");
      expect(headers["cache-control"], file).toBe(`public,max-age=${YEAR_SECONDS},immutable`);
      expect(headers["content-encoding"], file).toBe("br");
      const plain = (await ask(file, "identity")).bytes;
      expect(brotliDecompressSync(bytes).equals(plain), file).toBe(true);
    }
  });
});

describe.skipIf(!installed)("in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(() => browser?.close());

  /** A request of the page, its workers or its service worker. */
  interface Asked {
    readonly origin: string;
    readonly path: string;
    readonly type: string;
  }
  const isForeign = ({ origin }: Asked) => origin !== server.origin && origin !== "null";
  const isFont = ({ type, path }: Asked) => type === "font" || /\.(?:woff2?|ttf|otf)$/.test(path);
  /** What only experiments need: their worker with all that it loads, the graph engine, data. */
  const isRuntime = ({ path }: Asked) => /\/workers\/|\.wasm$|\.(?:csv|libsvm|gz)$/.test(path);

  const PHONE = { viewport: { width: 390, height: 844 } } as const;
  /** A first visit by a phone, watched from its beginning. */
  async function arrive(path: string, options: BrowserContextOptions = {}) {
    const { page } = await visit(browser, new URL("about:blank"), { ...PHONE, ...options });
    const asked: Asked[] = [];
    page.context().on("request", (request) => {
      const { origin, pathname } = new URL(request.url());
      asked.push({ origin, path: pathname, type: request.resourceType() });
    });
    await watch(page);
    await page.goto(`${server.origin}${path}`);
    await page.waitForLoadState("networkidle");
    return { page, asked };
  }
  /** Reads a page to its end, screen by screen. */
  async function readOn(page: Page): Promise<void> {
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    for (let y = 0; y < height; y += 800) {
      await page.evaluate((top) => scrollTo(0, top), y);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(null))));
    }
    await page.waitForLoadState("networkidle");
  }

  test.for(Object.entries(LISTS))(
    "%s: 60 kB of script, no font, nothing from elsewhere, nothing moves",
    async ([, path]) => {
      // A service worker's answers count unpacked.
      const { page, asked } = await arrive(path, { serviceWorkers: "block" });
      await readOn(page);
      const files = await sentFor(page);
      expect(bytesOf(files, ".js")).toBeGreaterThan(10 * KILOBYTES);
      expect(bytesOf(files, ".js")).toBeLessThan(60 * KILOBYTES);
      expect(asked.filter(isFont)).toEqual([]);
      expect(asked.filter(isRuntime)).toEqual([]);
      expect((await seenOn(page)).shift).toBeLessThanOrEqual(0.05);
      expect(asked.filter(isForeign)).toEqual([]);
      await page.context().close();
    },
  );

  test("on the second visit no file is sent again", async () => {
    const { page } = await arrive(LISTS.day, { serviceWorkers: "block" });
    const files = async () => (await sentFor(page)).filter(({ path }) => path.startsWith("/_app/immutable/"));
    // files that are still on their way would be asked for again
    await page.waitForLoadState("networkidle");
    const first = await files();
    expect(first.filter(({ cached }) => cached)).toEqual([]);
    await page.goto(`${server.origin}${LISTS.day}?p=1`);
    await page.waitForLoadState("networkidle");
    const second = await files();
    expect(second.length).toBeGreaterThan(10);
    expect(second.filter(({ cached }) => !cached)).toEqual([]);
    await page.context().close();
  });

  test("what experiments need is not asked for before Run, by the page or its service worker", async () => {
    const { page, asked } = await arrive(GRAPH_PAPER);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => null));
    await readOn(page);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter(isRuntime)).toEqual([]);
    await page.getByRole("button", { name: "Run all claims" }).click();
    for (const file of [/\/workers\/lab\.worker[^/]*\.js$/, /\.wasm$/])
      await expect.poll(() => asked.some(({ path }) => file.test(path))).toBe(true);
    expect(asked.filter(isForeign)).toEqual([]);
    await page.context().close();
  });
});
