// What moderators see of the papers that came, on a day with 300 of them, against the production server.
import { join } from "node:path";
import { inArray, sql } from "drizzle-orm";
import { randomStream } from "gradus/random";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEmbedded } from "../src/lib/server/database/connect.ts";
import { papers } from "../src/lib/server/database/schema/index.ts";
import { recordWith } from "../src/lib/server/papers/writing/testing.ts";
import { writePapers } from "../src/lib/server/papers/writing/write.ts";
import { faults } from "./faults.ts";
import { makeAdministrator, newPerson, type PlainReader } from "./plain-reader.ts";
import { startServer, type TestServer } from "./server.ts";
import { connectBrowser, copySeeded } from "./shared.ts";
import { alive, installed, newReader, visitAs } from "./visit.ts";

const CAME = 300;
const DAY = 86_400_000;
/** Where the server's clock stands: no midnight comes between two of its answers. */
const NOW = new Date("2026-11-30T12:00:00Z");
const YESTERDAY = new Date(NOW.getTime() - DAY);
const [TODAY, BEFORE] = ["2026-11-30", "2026-11-29"];
const ADDRESS = `/operator/papers?day=${TODAY}`;

let server: TestServer;
let moderator: PlainReader;
let reader: PlainReader;

/** Papers with words of the seed's, of today and a few of the day before. */
async function fill(folder: string): Promise<void> {
  const { orm, close } = await openEmbedded(join(folder, "database"));
  const seed = await orm.select().from(papers);
  const random = randomStream(5);
  const draw = <T>(from: readonly T[]) => from[Math.floor(random.uniform() * from.length)];
  const text = (words: readonly string[], count: number) =>
    Array.from({ length: count }, () => draw(words)).join(" ");
  const records = Array.from({ length: CAME + 5 }, (_, i) => {
    const { abstractText, title } = seed[i % seed.length];
    const others = draw(seed).abstractText;
    return recordWith({
      arxivId: `2611.${10_000 + i}`,
      title: text([...title.split(" "), ...others.split(" ")], 9),
      abstract: `${text(abstractText.split(" "), 90)} ${text(others.split(" "), 30)} $\\epsilon$.`,
      publishedAt: YESTERDAY,
      withdrawn: i === 7,
      authors: ["Ada Kovač", "Ben Ito", "Chloé Diaz"].map((name) => ({ name, affiliation: null })),
    });
  });
  await writePapers(orm, records);
  for (const [createdAt, came] of [
    [NOW, records.slice(0, CAME)],
    [YESTERDAY, records.slice(CAME)],
  ] as const) {
    const ids = came.map(({ arxivId }) => arxivId);
    await orm.update(papers).set({ createdAt }).where(inArray(papers.arxivId, ids));
  }
  await orm.execute(sql`checkpoint`);
  await close();
}

beforeAll(async () => {
  const folder = copySeeded();
  await fill(folder);
  const environment = { GRADUS_NOW: NOW.toISOString(), GRADUS_ALLOW_CLOCK: "1" };
  server = await startServer({ folder, environment });
  moderator = await newPerson(server, "moderator@example.org");
  await makeAdministrator(server, moderator);
  reader = await newPerson(server, "reader@example.org");
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
});

const pageOf = async (path: string) =>
  (await (await moderator.ask(path)).text()).replaceAll(/<!--.*?-->/gs, "").replaceAll(/\s+/g, " ");
const idsOf = (page: string) => [...page.matchAll(/id="paper-([\d.]+)"/g)].map(([, id]) => id);
const decide = ({ post }: PlainReader, action: string, paper: string, next = paper) =>
  post(`/operator/papers?/${action}&day=${TODAY}&p=0`, { paper, next });

test("a day of 300 papers has six pages, the suggested papers first, each paper once", async () => {
  const pages = await Promise.all([0, 1, 2, 3, 4, 5].map((p) => pageOf(`${ADDRESS}&p=${p}`)));
  const ids = pages.flatMap(idsOf);
  expect([ids.length, new Set(ids).size]).toEqual([CAME, CAME]);
  expect(pages[0]).toContain("300 new papers, 0 featured.");
  expect(pages[0].match(/Suggested because it is close to/g)).toHaveLength(10);
  expect(pages[1]).not.toContain("Suggested because");
  expect(Buffer.byteLength(pages[0])).toBeLessThan(400_000);
  expect(pages.join()).toContain("Cannot be featured. This paper was withdrawn.");
  expect(idsOf(await pageOf(`/operator/papers?day=${BEFORE}`))).toHaveLength(5);
  expect(await pageOf("/operator/papers?day=2001-01-01")).toContain("No new papers on this day.");
  expect(idsOf(await pageOf("/operator/papers?day=nonsense&p=-1"))).toEqual(idsOf(pages[0]));
  expect(await pageOf(`${ADDRESS}&p=7`)).toContain("This page does not exist.");
  expect(await pageOf("/operator")).toMatch(/30\d new papers to choose from/);
});

test("the page of a withdrawn paper says so, as a page and as Markdown; others do not", async () => {
  const read = async (path: string) => (await reader.ask(`/papers/${path}`)).text();
  expect(await read("2611.10007")).toContain("This paper has been withdrawn from arXiv.");
  expect(await read("2611.10007.md")).toContain("- Withdrawn from arXiv");
  for (const path of ["2611.10008", "2611.10008.md"])
    expect(await read(path)).not.toMatch(/withdrawn from arXiv/i);
});

test("without scripts a paper is featured in today's list, taken back, hidden and restored", async () => {
  const [first, second] = idsOf(await pageOf(ADDRESS));
  const today = async () => (await reader.ask(`/papers/date/${TODAY}`)).text();
  for (const path of [ADDRESS, `${ADDRESS}&p=1`]) expect((await reader.ask(path)).status).toBe(404);
  expect((await decide(reader, "feature", first)).status).toBe(404);
  const evil = { origin: "https://evil.example" };
  expect((await moderator.post("/operator/papers?/feature", { paper: first }, evil)).status).toBe(403);
  const featured = await decide(moderator, "feature", first, second);
  expect([featured.status, featured.headers.get("location")]).toEqual([
    303,
    `/operator/papers?day=${TODAY}&p=0&did=feature&paper=${first}#paper-${second}`,
  ]);
  expect(await today()).toContain(`href="/papers/${first}"`);
  expect(await pageOf(ADDRESS)).toContain("300 new papers, 1 featured.");
  const again = await decide(moderator, "feature", first);
  expect(again.status).toBe(400);
  expect(await again.text()).toContain("Nothing to change");
  expect((await decide(moderator, "unfeature", first)).status).toBe(303);
  expect(await today()).not.toContain(`href="/papers/${first}"`);
  expect((await reader.ask(`/papers/${first}`)).status).toBe(200);
  expect((await decide(moderator, "hide", first)).status).toBe(303);
  expect((await reader.ask(`/papers/${first}`)).status).toBe(404);
  expect((await decide(moderator, "restore", first)).status).toBe(303);
  expect((await decide(moderator, "feature", "2412.08424")).status).toBe(400);
  expect((await decide(moderator, "feature", "'; drop table papers")).status).toBe(400);
});

describe.skipIf(!installed)("in Chromium (skipped without it)", () => {
  async function looks(page: Page, state: string): Promise<void> {
    const folder = process.env.GRADUS_PICTURES;
    if (folder) await page.screenshot({ path: `${folder}/new-papers-${state}.png`, fullPage: false });
  }

  test.each([true, false])(
    "keys and buttons decide, and lead to the next paper (scripts: %s)",
    async (javaScriptEnabled) => {
      const browser = await connectBrowser();
      const context = await newReader(browser, { javaScriptEnabled });
      for (const [name, value] of moderator.cookies)
        await context.addCookies([{ name, value, url: server.origin }]);
      const { page, trouble } = await visitAs(context, new URL(ADDRESS, server.origin));
      const article = (i: number) => page.locator("article").nth(i);
      const featured = page.locator("article.featured");
      const title = (i: number) => article(i).getByRole("heading").textContent();
      const told = (words: string) => page.getByRole("status").getByText(words, { exact: true }).waitFor();
      const focused = () => page.evaluate(() => document.activeElement?.id);
      const before = await featured.count();
      if (javaScriptEnabled) {
        await alive(page);
        expect(await faults(page)).toEqual([]);
        await looks(page, "desktop");
        await page.emulateMedia({ colorScheme: "dark" });
        await page.setViewportSize({ width: 390, height: 844 });
        await looks(page, "phone-dark");
        await page.emulateMedia({ colorScheme: "light" });
        await looks(page, "phone");
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.keyboard.press("j");
        // The button's word and its key stand together, and the mark of what has the focus before all of them.
        const gaps = await article(0).evaluate((it) => {
          const button = it.querySelector("button") as HTMLElement;
          const word = document.createRange();
          word.selectNodeContents(button.firstChild as Text);
          const key = button.querySelector("kbd") as HTMLElement;
          const mark = getComputedStyle(it, "::before");
          return {
            key: key.getBoundingClientRect().left - word.getBoundingClientRect().right,
            mark: -Number.parseFloat(mark.left) - Number.parseFloat(mark.width),
          };
        });
        expect(gaps.key).toBeLessThan(10);
        expect(gaps.mark).toBeGreaterThan(4);
        await page.keyboard.press("f");
        await expect.poll(() => featured.count()).toBe(before + 1);
        const second = await article(1).getByRole("link").first().getAttribute("id");
        await expect.poll(focused).toBe(second);
        await told(`Featured ${await title(0)}. Next: ${await title(1)}.`);
        await alive(page);
        await page.keyboard.press("x");
        await page.locator("article.hidden").waitFor();
        await told(`Hid ${await title(1)}. Next: ${await title(2)}.`);
        await alive(page);
        await expect.poll(focused).toMatch(/^paper-/);
        await looks(page, "decided");
        await page.keyboard.press("k");
        await page.keyboard.press("x");
        await expect.poll(() => page.locator("article.hidden").count()).toBe(0);
        await told(`Restored ${await title(1)}. Next: ${await title(2)}.`);
        await alive(page);
        // Coming again, by a reload or from elsewhere, tells it no more.
        const announced = page.locator("main [role=status]");
        expect(page.url()).toMatch(/\?day=[\d-]+&p=0#paper-[\d.]+$/);
        for (const again of [() => page.reload(), () => page.goBack(), () => page.goForward()]) {
          await again();
          await alive(page);
          expect(await announced.textContent()).toBe("");
        }
        // Whoever has switched single keys off has none here.
        await page.evaluate(() => localStorage.setItem("gradus.keys", "off"));
        await page.reload();
        await alive(page);
        await page.keyboard.press("f");
        expect(await featured.count()).toBe(before + 1);
        await page.goto(`${server.origin}/operator/papers?day=2001-01-01`);
        await page.getByText("No new papers on this day.").waitFor();
        await looks(page, "empty");
        expect(await faults(page)).toEqual([]);
      } else {
        await article(2)
          .getByRole("button", { name: /^Feature / })
          .click();
        await expect.poll(() => featured.count()).toBe(before + 1);
        expect(page.url()).toMatch(/#paper-2611\.\d+$/);
        await article(2)
          .getByRole("button", { name: /^Unfeature / })
          .click();
        await expect.poll(() => featured.count()).toBe(before);
      }
      // Without scripts the browser says of each that it was not run.
      if (javaScriptEnabled) expect(trouble).toEqual([]);
      await context.close();
    },
  );
});
