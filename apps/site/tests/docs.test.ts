import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBrowser, origin } from "./shared.ts";
import { alive, installed, visit } from "./visit.ts";

/** One page of each kind. */
const KINDS = [
  "/docs",
  "/docs/guides/train-and-export",
  "/docs/api/gradus",
  "/docs/api/gradus/linalg",
  "/docs/search?q=gradient",
  "/docs/source/packages/gradus/src/iterate/iterate.ts",
];
const MILLISECONDS = 120_000;

const get = (path: string) => fetch(`${origin}${path}`, { redirect: "manual" });
const page = async (path: string) => (await get(path)).text();
const textOf = (html: string) =>
  html
    .replace(/<!--.*?-->/gs, "")
    .replace(/<script.*?<\/script>/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replace(/\s+/g, " ");

describe("the documentation", () => {
  test("begins with the guides and the packages", async () => {
    const html = await page("/docs");
    const text = textOf(html);
    for (const words of [
      "From a loss to a trained, exported model in 30 lines",
      "Methods are iterators",
      "@gradus/graph",
      "Linear algebra",
    ])
      expect(text).toContain(words);
    expect(await page("/papers")).toContain('href="/docs"');
  });

  test("a symbol has signature, sentence, parameters with defaults, errors, source and its place", async () => {
    const html = await page("/docs/api/gradus/linalg");
    const section = html.slice(html.indexOf('id="conjugateGradient"'));
    const text = textOf(section.slice(0, section.indexOf("</section>")));
    expect(text).toMatch(
      /function conjugateGradient\( matrix: OperatorOrMatrix , b: Float64Array , options\?:/,
    );
    for (const words of ["Conjugate gradients for A x = b", "preconditioner ?: OperatorOrMatrix", "Throws"])
      expect(text).toContain(words);
    expect(text).toMatch(/Source: Hestenes/);
    expect(section).toMatch(
      /href="\/docs\/source\/packages\/gradus\/src\/linalg\/krylov\/conjugate-gradient\.ts#L\d+"/,
    );
    expect(html).toMatch(/<nav aria-label="Breadcrumbs".*href="\/docs\/api\/gradus"/s);
    expect(html).toMatch(/rel="prev" href="\/docs\/api\/gradus\/[^"]+"/);
    expect(html).toMatch(/rel="next" href="\/docs\/api\/gradus\/[^"]+"/);
  });

  test("the name of a symbol leads to where it stands", async () => {
    const response = await get("/docs/api/gradus/conjugateGradient");
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/docs/api/gradus/linalg#conjugateGradient");
  });

  test.each([
    ["/docs/api/gradus/nothingOfTheKind", 'gradus exports no "nothingOfTheKind"'],
    ["/docs/api/nobody", "not found; packages are"],
    ["/docs/guides/nowhere", 'Guide "nowhere" not found'],
    ["/docs/source/packages/gradus/package.json", "No symbol is declared in"],
    ["/docs/source/..%2f..%2fpackage.json", "No symbol is declared in"],
    ["/docs/nowhere", 'Documentation page "nowhere" not found'],
    ["/docs/api/gradus/linalg/nowhere", 'Documentation page "api/gradus/linalg/nowhere" not found'],
  ])("there is no %s", async (path, words) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect((await response.text()).replaceAll("&quot;", '"')).toContain(words);
  });

  test("an unknown address of the documentation offers its pages and its search", async () => {
    const html = await (await get("/docs/nowhere/conjugateGradient")).text();
    expect(html).toMatch(/<form action="\/docs\/search"/);
    expect(html).toMatch(/<a href="\/docs\/guides\/curvature"/);
    expect(html).toContain('<a href="/docs/search?q=conjugateGradient">');
  });

  test("a guide has its programs, highlighted, and what they print", async () => {
    const html = await page("/docs/guides/train-and-export");
    expect(html).toMatch(/<span class="hljs-keyword">import<\/span>/);
    expect(textOf(html)).toContain("prints loss 0.");
    expect(html).toContain('<a href="/docs/guides/iterators">');
    expect(html).toMatch(/<a href="\/docs\/api\/gradus\/train#train"><code>train<\/code><\/a>/);
  });

  test("search is a form that works without scripts, and takes what is asked as text", async () => {
    expect(await page("/docs")).toMatch(/<form action="\/docs\/search"/);
    const found = await page("/docs/search?q=conjugategradient");
    expect(textOf(found)).toMatch(/entries for “conjugategradient” conjugateGradient function/);
    expect(textOf(await page("/docs/search?q=zzzzzz"))).toContain("Nothing for “zzzzzz”");
    const hostile = await page(`/docs/search?q=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(hostile).not.toContain("<script>alert(1)");
  });

  test("pages stay under the policy, without styles or scripts of their own", async () => {
    for (const path of KINDS) {
      const response = await get(path);
      expect(response.status, path).toBe(200);
      expect(response.headers.get("content-security-policy")).toMatch(/default-src 'none'/);
      const html = await response.text();
      const main = html.slice(html.indexOf("<main"), html.indexOf("</main>"));
      expect(main.match(/ style=|<script|\son\w+=/g), path).toBeNull();
      expect(html.match(/<h1/g), path).toHaveLength(1);
    }
  });

  test("every link leads to a page, and every anchor to an element", { timeout: MILLISECONDS }, async () => {
    const ids = new Map<string, Set<string>>();
    const links: [from: string, to: string][] = [];
    const waiting = ["/docs"];
    const broken: string[] = [];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (ids.has(path)) continue;
      const response = await get(path);
      const html = (await response.text()).replace(/<script.*?<\/script>/gs, "");
      if (response.status !== 200) broken.push(`${path}: ${response.status}`);
      const found = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      if (new Set(found).size < found.length) broken.push(`${path}: an id twice`);
      ids.set(path, new Set(found));
      for (const [, href] of html.matchAll(/ href="([^"]+)"/g)) {
        const url = new URL(href, `${origin}${path}`);
        if (url.origin !== origin || !url.pathname.startsWith("/docs")) continue;
        links.push([path, url.pathname + url.hash]);
        waiting.push(url.pathname);
      }
    }
    expect(ids.size).toBeGreaterThan(100);
    for (const [from, to] of links) {
      const [path, anchor] = to.split("#");
      if (anchor && !ids.get(path)?.has(decodeURIComponent(anchor))) broken.push(`${from} -> ${to}`);
    }
    expect(broken).toEqual([]);
  });
});

describe.skipIf(!installed)("the documentation in Chromium", { timeout: MILLISECONDS }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(() => browser?.close());

  const open = (path: string, options: BrowserContextOptions = {}) =>
    visit(browser, new URL(path, origin), options);
  /** Waits until the page's scripts run. */
  const ready = async (opened: Page) => {
    await alive(opened);
    await opened.waitForLoadState("networkidle");
  };

  test("the keyboard alone finds a symbol while it is typed", async () => {
    const { page: opened, trouble } = await open("/docs");
    await ready(opened);
    const field = opened.getByRole("searchbox", { name: "Search the documentation" });
    await field.focus();
    await field.pressSequentially("conjugateg");
    const results = opened.locator("search li a");
    await expect.poll(() => results.first().textContent()).toContain("conjugateGradient");
    await expect.poll(() => opened.locator("search [role=status]").textContent()).toMatch(/\d+ found/);

    await opened.keyboard.press("Escape");
    expect(await results.count()).toBe(0);
    await field.fill("");
    await field.pressSequentially("conjugateg");
    await expect.poll(() => results.first().textContent()).toContain("conjugateGradient");
    await opened.keyboard.press("ArrowDown");
    await opened.keyboard.press("ArrowUp");
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await opened.keyboard.press("ArrowDown");
    await opened.keyboard.press("Enter");
    await opened.waitForURL(/\/docs\/api\/gradus\/linalg#conjugateGradient$/);
    const box = await opened.locator("#conjugateGradient").boundingBox();
    expect(box && box.y >= 0 && box.y < 800).toBe(true);
    expect(trouble).toEqual([]);
  });

  test("without scripts the form asks the server", async () => {
    const { page: opened } = await open("/docs/api/gradus", { javaScriptEnabled: false });
    await opened.getByRole("searchbox", { name: "Search the documentation" }).fill("minres");
    await opened.keyboard.press("Enter");
    await opened.waitForURL(/\/docs\/search\?q=minres$/);
    await opened.getByRole("link", { name: "minres", exact: true }).click();
    await opened.waitForURL(/#minres$/);
  });

  test("a phone of 320 pixels needs no sideways scrolling, and folds the pages away", async () => {
    const { page: opened, trouble } = await open("/docs", { viewport: { width: 320, height: 640 } });
    for (const path of KINDS) {
      await opened.goto(`${origin}${path}`);
      await ready(opened);
      expect(await opened.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(
        320,
      );
    }
    // A button below its command is as wide as its word, as beside it.
    await opened.goto(`${origin}/docs/http`);
    const buttons = opened.getByRole("button", { name: "Copy the command" });
    const widths = await buttons.evaluateAll((all) => all.map((it) => it.getBoundingClientRect().width));
    expect(Math.max(...widths)).toBeLessThan(100);
    await opened.goto(`${origin}/docs/guides/iterators`);
    const link = opened.getByRole("link", { name: "Bring your own data", exact: true }).first();
    expect(await link.isVisible()).toBe(false);
    await opened.getByText("All pages").click();
    await link.click();
    await opened.waitForURL(/\/docs\/guides\/data$/);
    expect(trouble).toEqual([]);
  });

  test.each(["light", "dark"] as const)("code can be read in the %s", async (colorScheme) => {
    const { page: opened } = await open("/docs/guides/train-and-export", { colorScheme });
    const ratios = await opened.evaluate(() => {
      const luminance = (color: string) => {
        const [r, g, b] = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((text) => {
          const s = Number(text) / 255;
          return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const pre = document.querySelector(".docs-text .code pre");
      const ground = pre ? luminance(getComputedStyle(pre).backgroundColor) : Number.NaN;
      return ["", ".hljs-keyword", ".hljs-string", ".hljs-number", ".hljs-comment"].map((part) => {
        const element = document.querySelector(`.docs-text .code pre ${part || "code"}`);
        return element ? contrast(luminance(getComputedStyle(element).color), ground) : Number.NaN;
      });
    });
    for (const ratio of ratios) expect(ratio).toBeGreaterThanOrEqual(4.5);
  });

  test("a line of a source file is shown and marked", async () => {
    const { page: opened } = await open("/docs/api/gradus/iterate");
    await opened.getByRole("link", { name: /, the source of solve$/ }).click();
    await opened.waitForURL(/\/docs\/source\/packages\/gradus\/src\/iterate\/iterate\.ts#L\d+$/);
    const line = opened.locator(`#${new URL(opened.url()).hash.slice(1)}`);
    expect(await line.textContent()).toContain("function solve");
    const box = await line.boundingBox();
    expect(box && box.y > 0 && box.y < 800).toBe(true);
  });
});
