// The lab on a paper's page, in a real browser: runs that are kept, compared, shared, gone on from, and made offline.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe, { type AxeResults } from "axe-core";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { downloaded, unfold } from "./experiments.ts";
import { connectBrowser, origin } from "./shared.ts";
import { alive, fits, installed, visit } from "./visit.ts";

const PAPER = "/papers/2412.08424";
/** On a busy machine a run takes many times what it takes alone. */
const RUN_MILLISECONDS = 150_000;
const patient = { timeout: RUN_MILLISECONDS };

let browser: Browser;
let folder: string;

const at = (path: string) => new URL(path, origin);
const lab = (page: Page, id: string) => page.locator(`#experiment-${id}`);
const press = (within: Locator, name: RegExp) => within.getByRole("button", { name }).click();
/** What a reader sees of it. */
const text = async (locator: Locator) => (await locator.allInnerTexts()).join(" ");

/** Runs an experiment from its form and waits until it is over. */
async function run(page: Page, id: string, seed: string): Promise<void> {
  const experiment = lab(page, id);
  await alive(page);
  await unfold(experiment);
  const field = experiment.getByLabel("seed");
  // Where nothing is random there is none.
  const seedless = (await field.count()) === 0;
  if (!seedless) await field.fill(seed);
  await press(experiment, /^Run /);
  await expect
    .poll(() => text(experiment.locator(".about")), patient)
    .toMatch(new RegExp(`quick, ${seedless ? "" : `seed ${seed}, `}[\\d.]+ s`));
}

/** What axe objects to in a page as it is now. */
async function objections(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, { resultTypes: ["violations"] })`,
  );
  return violations.map(({ id, nodes }) => `${id} at ${nodes[0].target.join(" ")}`);
}

/** The report that an experiment's button downloads. */
async function report(page: Page, id: string) {
  const [file] = await Promise.all([page.waitForEvent("download"), press(lab(page, id), /^Download report/)]);
  const content: { parameters: object; seed: number; checks: { measured: number }[] } = JSON.parse(
    await downloaded(file),
  );
  return content;
}

describe.skipIf(!installed)("the lab", { timeout: 3 * RUN_MILLISECONDS }, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "gradus-lab-"));
    browser = await connectBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("two runs of one experiment are compared, listed, taken away and brought back", async () => {
    const { page, trouble } = await visit(browser, at(PAPER));
    await run(page, "bounds", "1");
    expect(
      await lab(page, "bounds")
        .getByRole("button", { name: /^Compare/ })
        .count(),
    ).toBe(0);
    await run(page, "bounds", "2");
    await press(lab(page, "bounds"), /^Compare/);

    await page.getByRole("heading", { name: "Overlaid" }).waitFor();
    const settings = page.locator("section", { has: page.locator("#settings") });
    await expect.poll(() => text(settings)).toMatch(/seed\s+2\s+1/);
    const rows = page.getByRole("region", { name: "Checks of both runs" }).locator("tbody tr");
    expect(await rows.count()).toBeGreaterThan(0);
    await page.locator("svg[role=img]").first().waitFor();
    const drawn = (await page.locator("svg[role=img]").allTextContents()).join(" ");
    for (const run of ["(A)", "(B)"]) expect(drawn).toContain(run);
    expect(await fits(page)).toBe(true);
    expect(await objections(page)).toEqual([]);

    // On a phone no figure is out of sight, and neither the rows nor the finger move while runs are chosen.
    const wide = page.viewportSize();
    await page.setViewportSize({ width: 360, height: 760 });
    expect(await fits(page)).toBe(true);
    const ends = await rows
      .locator("td")
      .evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().right));
    expect(Math.max(...ends)).toBeLessThanOrEqual(360);

    await page.goto(new URL("/runs", page.url()).href);
    await expect.poll(() => page.getByRole("checkbox").count()).toBe(2);
    const last = page.getByRole("checkbox").last();
    const before = await last.boundingBox();
    for (const box of await page.getByRole("checkbox").all()) await box.check();
    await page.getByRole("link", { name: "Compare" }).waitFor();
    expect(await last.boundingBox()).toEqual(before);
    for (const box of await page.getByRole("checkbox").all()) await box.uncheck();
    if (wide) await page.setViewportSize(wide);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export all" }).click(),
    ]);
    const archive = join(folder, "runs.json");
    await file.saveAs(archive);
    for (const box of await page.getByRole("checkbox").all()) await box.check();
    await page.getByRole("link", { name: "Compare" }).waitFor();
    expect(await objections(page)).toEqual([]);
    await page.getByRole("button", { name: "Delete 2 runs" }).click();
    await expect.poll(() => text(page.locator("main"))).toContain("No runs yet");
    await page.locator("input[type=file]").setInputFiles(archive);
    await expect.poll(() => page.getByRole("checkbox").count()).toBe(2);
    await expect.poll(() => text(page.getByRole("status"))).toContain("2 runs imported");

    await page
      .getByRole("link", { name: /Every bound/ })
      .first()
      .click();
    await expect.poll(() => text(lab(page, "bounds").locator(".about"))).toContain("seed 2,");
    await lab(page, "bounds").locator("svg[role=img]").first().waitFor();
    expect(await objections(page)).toEqual([]);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("a file that holds no runs is refused in words, and 320 px hold the list", async () => {
    const { page } = await visit(browser, at("/runs"), { viewport: { width: 320, height: 700 } });
    await expect.poll(() => text(page.locator("main"))).toContain("No runs yet");
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "a.json", mimeType: "application/json", buffer: Buffer.from('{"a":1}') });
    await expect.poll(() => text(page.getByRole("alert"))).toContain("The file has no run reports");
    expect(await fits(page)).toBe(true);
    await page.context().close();
  });

  test("a link fills the form as it was when it was copied, and a run of it is that run", async () => {
    const permissions = ["clipboard-read", "clipboard-write"];
    const { page, trouble } = await visit(browser, at(PAPER), { permissions });
    await alive(page);
    const bounds = lab(page, "bounds");
    await unfold(bounds);
    await bounds.getByLabel("random sets").fill("5");
    await bounds.getByLabel("seed").fill("9");
    await press(bounds, /^Copy link/);
    await expect.poll(() => text(bounds.getByRole("button", { name: /^Copy link/ }))).toBe("Copied");
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toBe(
      at(`${PAPER}?experiment=bounds&profile=quick&seed=9&set.sets=5#experiment-bounds`).href,
    );

    await page.goto(link);
    await expect.poll(() => bounds.getByLabel("random sets").inputValue()).toBe("5");
    expect(await text(page.locator("#asked"))).toContain("Press Run");
    await run(page, "bounds", "9");
    const made = await report(page, "bounds");
    expect(made).toMatchObject({ seed: 9, parameters: { sets: 5 } });

    await page.goto(at(`${PAPER}?experiment=nothing`).href);
    await expect.poll(() => text(page.locator("#asked"))).toContain("does not exist");
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("a figure is taken away as SVG and as CSV, a table as CSV", async () => {
    const { page, trouble } = await visit(browser, at(PAPER));
    await run(page, "bounds", "1");
    const bounds = lab(page, "bounds");
    const taken = async (button: Locator) => {
      const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
      return { name: file.suggestedFilename(), content: await downloaded(file) };
    };
    await bounds.getByText("Data", { exact: true }).first().click();
    const svg = await taken(bounds.getByRole("button", { name: "Download SVG" }));
    expect(svg.name).toMatch(/^normalized-logistic-gd-bounds-[\w-]+\.svg$/);
    expect(svg.content).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
    expect(svg.content).toContain("batch perceptron");
    const csv = await taken(bounds.getByRole("button", { name: "Download CSV", exact: true }));
    expect(csv.content).toMatch(/^series,/);
    expect(csv.content.split("\r\n").length).toBeGreaterThan(30);
    await bounds.locator("summary", { hasText: "Iterations to separate" }).click();
    const table = await taken(
      bounds.getByRole("button", { name: /^Download CSV of Iterations to separate/ }),
    );
    expect(table.content.split("\r\n").length).toBeGreaterThan(3);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("what cannot be a parameter is said while it is typed", async () => {
    const { page } = await visit(browser, at(PAPER));
    await alive(page);
    const bounds = lab(page, "bounds");
    await unfold(bounds);
    await bounds.getByLabel("random sets").fill("0");
    await expect.poll(() => text(bounds.locator(".problem"))).toBe("0 is less than 1");
    await bounds.getByLabel("random sets").fill("many");
    await expect.poll(() => text(bounds.locator(".problem"))).toContain("is not a number");
    await bounds.getByLabel("random sets").fill("30");
    await expect.poll(() => bounds.locator(".problem").count()).toBe(0);
    await bounds.getByLabel("seed").fill("-1");
    await expect.poll(() => text(bounds.locator(".problem"))).toBe("the seed must be a non-negative integer");
    await page.context().close();
  });

  test("a run that was stopped goes on from its last stage, after a reload too, and measures the same", async () => {
    const { page, trouble } = await visit(browser, at(PAPER));
    const factor = lab(page, "factor-n");
    const stages = () =>
      page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const request = indexedDB.open("gradus");
            request.onsuccess = () => {
              const all = request.result.transaction("checkpoints").objectStore("checkpoints").getAll();
              all.onsuccess = () => {
                request.result.close();
                resolve(Object.keys(all.result[0]?.stages ?? {}).length);
              };
            };
          }),
      );
    await press(factor, /^Run /);
    await expect.poll(stages, { ...patient, interval: 50 }).toBeGreaterThan(2);
    await press(factor, /^Stop /);
    await expect.poll(() => text(factor.locator(".about")), patient).toContain("stopped");
    await page.reload();
    await press(factor, /^Resume /);
    await expect.poll(() => text(factor.locator(".about")), patient).toMatch(/quick, [\d.]+ s/);
    const resumed = await report(page, "factor-n");
    expect(await factor.getByRole("button", { name: /^Resume / }).count()).toBe(0);
    expect(await stages()).toBe(0);

    await run(page, "factor-n", "1");
    expect(resumed.checks).toEqual((await report(page, "factor-n")).checks);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("a run that an earlier version kept without findings is listed, and counts for no claim", async () => {
    const { page, trouble } = await visit(browser, at("/about"));
    // The stores of the first version.
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const request = indexedDB.open("gradus", 1);
          request.onupgradeneeded = () => {
            const { result: database } = request;
            database.createObjectStore("runs", { keyPath: "id" }).createIndex("paper", "paper");
            database.createObjectStore("reports", { keyPath: "id" });
            database.createObjectStore("checkpoints", { keyPath: ["paper", "experiment"] });
          };
          request.onsuccess = () => {
            const { result: database } = request;
            const change = database.transaction(["runs", "reports"], "readwrite");
            const check = { claim: "C3", label: "kept", measured: 2, condition: { atMost: 1 }, held: false };
            const run = {
              id: "normalized-logistic-gd.factor-n.20251224T100000000Z.3",
              paper: "normalized-logistic-gd",
              experiment: "factor-n",
              profile: "quick",
              seed: 3,
              modified: false,
              checks: [check],
              startedAt: "2025-12-24T10:00:00.000Z",
              elapsed: 1000,
              environment: { runtime: "Chromium 140", platform: "Linux", cores: 2 },
              whole: true,
            };
            change.objectStore("runs").put(run);
            change.objectStore("reports").put({ id: run.id, report: run });
            change.oncomplete = () => {
              database.close();
              resolve();
            };
          };
        }),
    );
    await page.goto(at(PAPER).href);
    await alive(page);
    await page.goto(at("/runs").href);
    await expect
      .poll(() => text(page.locator("main li")))
      .toContain("made by an earlier version; not counted");
    await page.goto(at(PAPER).href);
    await alive(page);
    await page.waitForLoadState("networkidle");
    expect(await text(page.locator("#claim-C3"))).not.toContain("your run");
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("a kept run is judged as its experiment judges now", async () => {
    const { page, trouble } = await visit(browser, at(PAPER));
    await run(page, "factor-n", "1");
    const own = () => text(page.locator("#claim-C3"));
    await expect.poll(own).toMatch(/your run: [\d.]+, held/);
    // As another version of the site would have judged it.
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const request = indexedDB.open("gradus");
          request.onsuccess = () => {
            const change = request.result.transaction(["runs", "reports"], "readwrite");
            for (const name of ["runs", "reports"]) {
              const store = change.objectStore(name);
              const all = store.getAll();
              all.onsuccess = () => {
                for (const row of all.result) {
                  const judged = name === "runs" ? row : row.report;
                  for (const check of judged.checks) Object.assign(check, { held: false, measured: 0.1 });
                  row.judgedBy = "another version";
                  store.put(row);
                }
              };
            }
            change.oncomplete = () => {
              request.result.close();
              resolve();
            };
          };
        }),
    );
    await page.reload();
    await expect.poll(own).toMatch(/your run: (?!0\.1)[\d.]+, held/);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("a link that asks for a run starts it, once", async () => {
    const { page, trouble } = await visit(browser, at("/papers?q=perceptron"));
    await alive(page);
    await page.getByRole("link", { name: /^Run claims of From Logistic Regression/ }).click();
    const card = page.locator("#run");
    await card.getByRole("button", { name: "Stop" }).waitFor();
    expect(await text(card)).toMatch(/experiment \d of 5/);
    expect(await text(card.locator(".now"))).toMatch(/next: /);
    // What waits has no verdict beside it.
    const waiting = card.locator("li", { hasText: "waiting" });
    expect(await waiting.count()).toBeGreaterThan(0);
    expect(await waiting.locator(".mark.held, .mark.failed, .mark.mixed").count()).toBe(0);
    await expect.poll(() => page.url()).toBe(at(`${PAPER}#run`).href);
    await page.reload();
    await alive(page);
    expect(await card.getByRole("button", { name: "Run all claims" }).count()).toBe(1);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("a run that the browser has no room for is shown, and the reader is told", async () => {
    const { page, trouble } = await visit(browser, at("/about"));
    await page.addInitScript(() => {
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (...parameters) {
        if (this.name === "reports") throw new DOMException("no room", "QuotaExceededError");
        return put.apply(this, parameters);
      };
    });
    await page.goto(at(PAPER).href);
    await run(page, "bounds", "1");
    await expect.poll(() => text(page.getByRole("alert"))).toContain("storage is full");
    await expect.poll(() => text(page.locator("#claim-C4"))).toContain("your run");
    await page.goto(at("/runs").href);
    await expect.poll(() => text(page.locator("main"))).toContain("No runs yet");
    expect(trouble).toEqual([]);
    await page.context().close();
  });
});
