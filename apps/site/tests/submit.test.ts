// Submitting a paper, against the production server and an arXiv of the test's own.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FakeArxiv, fakeArxiv, type Mood } from "../src/lib/server/ingestion/testing/fake-arxiv.ts";
import { faults } from "./faults.ts";
import { newPerson, type PlainReader, plainReader } from "./plain-reader.ts";
import { startServer, type TestServer } from "./server.ts";
import { connectBrowser, startSeeded } from "./shared.ts";
import { alive, installed, newReader, visitAs } from "./visit.ts";

const DAY = 86_400_000;
/** Two days from now: by then an account of today may submit. */
const NOW = new Date(Date.now() + 2 * DAY);
const ago = (days: number) => new Date(NOW.getTime() - days * DAY);

const paper = (id: string, days: number) => ({
  id,
  title: `Steps of ${id}`,
  category: "cs.LG",
  versions: [ago(days)],
  announced: ago(days),
});
const PAPERS = [
  paper("1412.6980", 4000),
  paper("2611.00001", 1),
  paper("2611.00002", 30),
  paper("2611.00003", 30),
  paper("2611.00004", 2),
];

let arxiv: FakeArxiv;
let mood: Mood = "well";
let server: TestServer;
let reader: PlainReader;

beforeAll(async () => {
  arxiv = await fakeArxiv({ papers: () => PAPERS, now: () => NOW, mood: () => mood });
  const environment = { GRADUS_ARXIV_URL: arxiv.queryUrl.href, GRADUS_OAI_URL: arxiv.oaiUrl.href };
  const first = await startSeeded({ environment });
  const young = await newPerson(first, "ada@readers.example");
  const refused = await young.post("/submit?/check", { paper: "2611.00001" });
  expect([refused.status, await refused.text()]).toEqual([
    400,
    expect.stringContaining("Your account must be 24 hours old to submit papers."),
  ]);
  const page = await (await young.ask("/submit")).text();
  expect(page).toMatch(
    /You can submit papers from <time datetime="[^"]+">\w{3} \d+, \d\d:\d\d UTC<\/time>\./,
  );
  expect(page).not.toContain('name="paper"');
  await first.stop();
  server = await startServer({
    folder: first.folder,
    environment: { ...environment, GRADUS_NOW: NOW.toISOString(), GRADUS_ALLOW_CLOCK: "1" },
  });
  reader = plainReader(server);
  for (const [name, value] of young.cookies) reader.cookies.set(name, value);
});
beforeEach(() => {
  mood = "well";
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
  await arxiv?.close();
});

const posted = async (action: string, fields: Readonly<Record<string, string>>) => {
  const response = await reader.post(`/submit?/${action}`, fields);
  return { status: response.status, page: await response.text() };
};

test("who is not signed in signs in first and comes back; another site cannot submit", async () => {
  const asked = await plainReader(server).ask("/submit?paper=2611.00001");
  expect([asked.status, asked.headers.get("location")]).toEqual([
    303,
    "/sign-in?to=%2Fsubmit%3Fpaper%3D2611.00001",
  ]);
  const evil = { origin: "https://evil.example" };
  expect((await reader.post("/submit?/submit", { paper: "2611.00001" }, evil)).status).toBe(403);
});

test("what names no paper is refused beside the field, and nothing is asked of anybody", async () => {
  const before = arxiv.requests.length;
  for (const typed of [
    "hessians",
    "https://arxiv.org@evil.example/abs/2611.00001",
    "http://169.254.169.254/",
  ]) {
    const { status, page } = await posted("check", { paper: typed });
    expect(status).toBe(400);
    expect(page).toContain("No arXiv paper recognized.");
    expect(page).toContain(`value="${typed}"`);
  }
  expect(arxiv.requests.length).toBe(before);
});

test("without scripts: a look at the paper, a mistake that keeps what was typed, and it is featured", async () => {
  const look = await posted("check", { paper: "https://arxiv.org/abs/2611.00001" });
  expect(look.status).toBe(200);
  expect(look.page).toContain("Steps of 2611.00001");
  expect(look.page).toContain("featured among today’s papers");
  const wrong = await posted("submit", {
    paper: "2611.00001",
    code: "http://github.com/a/b",
    note: "Worth it",
  });
  expect(wrong.status).toBe(400);
  expect(wrong.page).toContain("Enter an https address at github.com");
  expect(wrong.page).toContain("Worth it");
  expect(wrong.page).toContain("arXiv:2611.00001");
  const done = await posted("submit", {
    paper: "2611.00001",
    code: "https://github.com/a/b",
    note: "Worth it",
  });
  expect(done.status).toBe(200);
  expect(done.page).toContain("The paper is featured.");
  const shown = await reader.ask(`/papers/date/${NOW.toISOString().slice(0, 10)}`);
  expect(await shown.text()).toContain("Steps of 2611.00001");
  expect((await reader.ask("/papers/2611.00001")).status).toBe(200);
  const again = await posted("check", { paper: "2611.00001" });
  expect(again.page).toContain("This paper has already been featured.");
  expect(again.page).toContain('href="/papers/2611.00001"');
});

test("while arXiv is away a submission waits, and its submitter sees that", async () => {
  mood = { status: 503 };
  const look = await posted("check", { paper: "2611.00002" });
  expect(look.page).toContain("arXiv is temporarily unavailable");
  const done = await posted("submit", { paper: "2611.00002" });
  expect(done.page).toContain("We will try again for 48 hours");
  expect(await (await reader.ask("/submit")).text()).toContain("Waiting for arXiv");
});

test.skipIf(!installed)("axe finds nothing in any state, and nothing is cut off on a phone", async () => {
  mood = { status: 503 };
  expect((await posted("submit", { paper: "2611.00003" })).page).toContain("We will try again for 48 hours");
  const browser: Browser = await connectBrowser();
  try {
    const context = await newReader(browser, { serviceWorkers: "block" });
    const { hostname } = new URL(server.origin);
    for (const [name, value] of reader.cookies)
      await context.addCookies([{ name, value, domain: hostname, path: "/" }]);
    const { page, trouble } = await visitAs(context, new URL("/submit?paper=hessians", server.origin));
    await alive(page);
    const found = async (state: string) => {
      await looks(page, state);
      return faults(page);
    };
    expect(await found("empty")).toEqual([]);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("alert").waitFor();
    expect(await found("error")).toEqual([]);
    const field = page.getByLabel("Paper", { exact: true });
    await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true);
    const recognized = page.locator("#recognized");
    expect((await recognized.textContent())?.trim()).toBe("");
    await field.fill("2611");
    expect(await recognized.textContent()).toContain("Not an arXiv identifier or URL yet");
    expect(await page.getByRole("alert").count()).toBe(0);
    await field.fill("https://arxiv.org/pdf/2611.00003v3");
    expect(await recognized.textContent()).toContain("arXiv:2611.00003, of which the latest version");
    await field.fill("");
    expect((await recognized.textContent())?.trim()).toBe("");
    await field.fill("2611.00003");
    expect((await recognized.textContent())?.trim()).toBe("arXiv:2611.00003");
    expect(await found("recognized")).toEqual([]);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("is waiting for arXiv").waitFor();
    // From the answer the keyboard goes on to the next step, and a screen reader reads it.
    await field.fill("2611.00004");
    await page.keyboard.press("Enter");
    const answer = page.getByRole("status").filter({ hasText: "so arXiv:2611.00004 cannot be shown yet" });
    await answer.waitFor();
    await expect.poll(() => answer.evaluate((status) => status === document.activeElement)).toBe(true);
    expect(await found("unavailable")).toEqual([]);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("code");
    expect(trouble.filter((line) => !/400|Service Worker registration blocked/.test(line))).toEqual([]);
  } finally {
    await browser.close();
  }
});

async function looks(page: Page, state: string): Promise<void> {
  const folder = process.env.GRADUS_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/submit-${state}.png`, fullPage: true });
}
