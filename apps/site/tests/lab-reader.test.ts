// What a stranger meets on a paper's page: links with nonsense in them, a claim measured in part, a program to take away.
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unfold } from "./experiments.ts";
import { withFactorN } from "./measurements.ts";
import type { TestServer } from "./server.ts";
import { connectBrowser, startSeeded } from "./shared.ts";
import { alive, fits, installed, visit } from "./visit.ts";

const SLUG = "normalized-logistic-gd";
const PAPER = "/papers/2412.08424";
/** On a busy machine a run takes many times what it takes alone. */
const RUN_MILLISECONDS = 150_000;
const patient = { timeout: RUN_MILLISECONDS };

let measurements: ReturnType<typeof withFactorN>;
let server: TestServer;
const at = (path: string) => new URL(path, server.origin);

beforeAll(async () => {
  measurements = withFactorN();
  server = await startSeeded({ environment: measurements.environment });
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
  measurements?.remove();
});

test("every name that the program of a paper takes from the library is documented where the page says", async () => {
  const html = await (await fetch(at(PAPER))).text();
  const section = /<section[^>]*aria-labelledby="use".*?<\/section>/s.exec(html)?.[0] ?? "";
  const links = [...section.matchAll(/href="(\/docs\/api\/[^"]+)"/g)].map(([, href]) => href);
  expect(links).toContain("/docs/api/gradus/separate");
  for (const href of links) {
    const answer = await fetch(at(href));
    expect([href, answer.status]).toEqual([href, 200]);
    expect(await answer.text()).toContain(`>${href.split("/").at(-1)}<`);
  }
  expect(section).toContain(`npx gradus run ${SLUG}`);
});

describe.skipIf(!installed)(
  "in Chromium (skipped without Chromium)",
  { timeout: 3 * RUN_MILLISECONDS },
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await connectBrowser();
    });
    afterAll(() => browser?.close());

    const text = async (locator: Locator) => (await locator.allInnerTexts()).join(" ").replace(/\s+/g, " ");
    const bounds = (page: Page) => page.locator("#experiment-bounds");
    const run = async (page: Page, seed: string) => {
      await unfold(bounds(page));
      await bounds(page).getByLabel("seed").fill(seed);
      await bounds(page).getByRole("button", { name: /^Run / }).click();
      await expect.poll(() => text(bounds(page).locator(".about")), patient).toContain(`seed ${seed},`);
    };

    test("on a phone a claim, the abstract and experiments are folded, and links unfold what they lead to", async () => {
      const phone = { viewport: { width: 390, height: 844 } };
      const { page, trouble } = await visit(browser, at(PAPER), phone);
      await alive(page);
      const row = page.locator("#claim-C4");
      expect(await text(row)).toContain("did not hold");
      expect(await text(row)).not.toContain("reported:");
      const folded = (await row.boundingBox())?.height ?? 0;
      await row.locator("summary").click();
      expect(await text(row)).toContain("reported:");
      expect((await row.boundingBox())?.height).toBeGreaterThan(folded);

      const abstract = page.locator(".abstract");
      const begun = (await abstract.boundingBox())?.height ?? 0;
      await page.locator("summary", { hasText: "Whole abstract" }).press("Enter");
      expect((await abstract.boundingBox())?.height).toBeGreaterThan(begun);

      expect(await page.locator("section.lab details.fold[open]").count()).toBe(0);
      expect(await fits(page)).toBe(true);
      const why = page.locator("a.why").last();
      const remark = page.locator((await why.getAttribute("href")) ?? "");
      expect(await remark.isVisible()).toBe(false);
      await why.click();
      await expect.poll(() => remark.isVisible()).toBe(true);
      await page.goto(at(`${PAPER}#experiment-bounds`).href);
      await expect.poll(() => bounds(page).locator("details.fold[open]").count()).toBe(1);
      expect(trouble).toEqual([]);
      await page.context().close();
    });

    test("on a phone a link above the abstract runs the claims, and leads to where they run", async () => {
      const phone = { viewport: { width: 390, height: 844 } };
      const { page, trouble } = await visit(browser, at(PAPER), phone);
      await alive(page);
      const link = page.getByRole("link", { name: "Run claims", exact: true });
      const abstract = await page.locator(".abstract").boundingBox();
      expect((await link.boundingBox())?.y).toBeLessThan(abstract?.y ?? 0);
      await link.click();
      const stop = page.getByRole("button", { name: "Stop", exact: true });
      await stop.waitFor();
      expect((await stop.boundingBox())?.y).toBeLessThan(844);
      await stop.click();
      await page.getByRole("button", { name: "Run all claims" }).waitFor(patient);
      await page.setViewportSize({ width: 1280, height: 900 });
      expect(await link.isVisible()).toBe(false);
      expect(trouble).toEqual([]);
      await page.context().close();
    });

    test("a run of one experiment of a claim leaves what the others say of it", async () => {
      const { page, trouble } = await visit(browser, at(PAPER));
      await alive(page);
      const row = page.locator("#claim-C4");
      const verdict = () => text(row.locator(".verdict"));
      expect(await verdict()).toBe("did not hold");
      expect(await text(row)).toContain("not run here");
      expect(await row.locator("svg path.own").count()).toBe(0);
      await run(page, "1");
      // One more seed beside the official ones, and no part of their verdict.
      await expect.poll(() => text(row)).toMatch(/your run: [^.]*held/);
      expect(await verdict()).toBe("did not hold");
      const dots = row.locator("svg circle");
      expect(await dots.count()).toBeGreaterThan(0);
      expect(await dots.count()).toBe(await row.locator("svg circle.missed").count());
      expect(await text(page.locator("#run .go .claims"))).toContain("1 measured here");
      const seen = await text(page.locator("#run .go .claims"));
      await expect.poll(() => page.getByRole("status").allInnerTexts()).toContain(`Finished: ${seen.trim()}`);
      await page.getByRole("link", { name: "What to know about C4" }).click();
      const { hash } = new URL(page.url());
      expect(await text(page.locator(hash))).toMatch(/\bC4\b/);
      expect(trouble).toEqual([]);
      await page.context().close();
    });

    test("who opens a link is told what of it can be run, and a command holds nothing that a shell would run", async () => {
      const { page, trouble } = await visit(
        browser,
        at(`${PAPER}?experiment=bounds&seed=9007199254740992&set.foo=1`),
      );
      const asked = () => text(page.locator("#asked"));
      await expect.poll(asked).toContain("some values are invalid");
      expect(await asked()).toContain("The link also sets “foo”, which is ignored.");
      expect(await text(bounds(page).locator(".problem"))).toBe("the seed must be at most 9007199254740991");

      await page.goto(at(`${PAPER}?experiment=bounds&profile=full&seed=1;id&set.sets=40`).href);
      await expect.poll(() => text(bounds(page).locator("form code"))).toContain("--set sets=40");
      expect(await text(bounds(page).locator("form"))).not.toContain("--seed");
      await page.goto(at(`${PAPER}?experiment=bounds&profile=full&seed=3`).href);
      await expect.poll(asked).toContain("The full profile runs in Node");

      await page.goto(at(`${PAPER}?experiment=bounds&set.sets=${"x".repeat(300)}`).href);
      await expect.poll(() => text(bounds(page).locator(".problem"))).toContain("is not a number");
      const form = await bounds(page).locator("form").boundingBox();
      const field = await bounds(page).getByLabel("random sets").boundingBox();
      expect((field?.x ?? 0) + (field?.width ?? 0)).toBeLessThan((form?.x ?? 0) + (form?.width ?? 0));
      expect(await fits(page)).toBe(true);

      await page.goto(at(`${PAPER}?run=somebody.elses.1`).href);
      await expect.poll(asked).toContain("not stored in this browser");
      expect(trouble).toEqual([]);
      await page.context().close();
    });

    test("a run that was cut short is told of when its reader comes back", async () => {
      const { page, trouble } = await visit(browser, at(PAPER));
      await alive(page);
      const factor = page.locator("#experiment-factor-n");
      const checkpoints = () =>
        page.evaluate(
          () =>
            new Promise<number>((resolve) => {
              const request = indexedDB.open("gradus");
              request.onsuccess = () => {
                const count = request.result.transaction("checkpoints").objectStore("checkpoints").count();
                count.onsuccess = () => {
                  request.result.close();
                  resolve(count.result);
                };
              };
            }),
        );
      await factor.getByRole("button", { name: /^Run / }).click();
      await expect.poll(checkpoints, { ...patient, interval: 50 }).toBe(1);
      await page.reload();
      await expect
        .poll(() => text(factor))
        .toContain("A run was interrupted. Resume continues from its last checkpoint.");
      expect(await factor.getByRole("button", { name: /^Resume / }).count()).toBe(1);
      expect(trouble).toEqual([]);
      await page.context().close();
    });

    test("a run with changed parameters is not the picture of the paper", async () => {
      const { page, trouble } = await visit(browser, at(PAPER));
      await alive(page);
      const title = page.locator("#run .title");
      const before = await text(title);
      expect(before).toMatch(/measured \w+ \d+, \d{4}$/);
      await unfold(bounds(page));
      await bounds(page).getByLabel("random sets").fill("5");
      await run(page, "1");
      expect(await text(bounds(page))).toContain("Only runs with the paper’s parameters can be sent.");
      expect(await text(title)).toBe(before);
      expect(await text(page.locator("#run .go .claims"))).toContain("officially");
      expect(trouble).toEqual([]);
      await page.context().close();
    });

    test("a run with changed parameters says so when it is stopped, whatever its form says meanwhile", async () => {
      const { page, trouble } = await visit(browser, at(PAPER));
      await alive(page);
      const factor = page.locator("#experiment-factor-n");
      const title = page.locator("#run .title");
      const official = await text(title);
      await unfold(factor);
      const largest = factor.getByLabel("largest n");
      await largest.fill("100000");
      await factor.getByRole("button", { name: /^Run / }).click();
      await expect.poll(() => factor.locator("svg[role=img] circle").count(), patient).toBeGreaterThan(0);
      await largest.fill("10000");
      expect(await text(factor)).toContain("Parameters were changed");
      expect(await text(title)).toContain("parameters changed");
      expect(await text(page.locator("#claim-C3"))).not.toContain("running");

      await factor.getByRole("button", { name: /^Stop / }).click();
      await expect.poll(() => text(factor.locator(".about")), patient).toContain("stopped");
      expect(await text(factor.locator(".state"))).toContain("Stopped early.");
      expect(await factor.locator("svg[role=img]").count()).toBeGreaterThan(0);
      expect(await text(factor)).toContain("Parameters were changed");
      expect(await text(title)).toBe(official);
      expect(trouble).toEqual([]);
      await page.context().close();
    });

    test("what a reader can do next is said where the official figures are shown", async () => {
      const { page, trouble } = await visit(browser, at(PAPER));
      await alive(page);
      const state = (id: string) => text(page.locator(`#experiment-${id} .state`));
      await unfold(bounds(page));
      expect(await state("bounds")).toMatch(
        /^Measured for this site on .*\. Press Run to measure it here\.\s*$/,
      );
      await bounds(page).getByLabel("profile").selectOption("full");
      expect(await state("bounds")).toMatch(
        /^The full profile runs in Node; see the command in the form\. The figures were measured for this site on /,
      );
      await bounds(page).getByLabel("profile").selectOption("quick");
      const factor = page.locator("#experiment-factor-n");
      await unfold(factor);
      await factor.getByLabel("largest n").fill("100000");
      await factor.getByRole("button", { name: /^Run / }).click();
      await expect.poll(() => text(factor.locator(".about")), patient).toContain("%");
      await bounds(page).getByRole("button", { name: /^Run / }).click();
      await expect.poll(() => state("bounds")).toMatch(/^Queued\. The figures were measured/);
      await page.locator("#run").getByRole("button", { name: "Stop" }).click();
      await expect.poll(() => text(factor.locator(".about")), patient).toContain("stopped");
      await expect.poll(() => state("bounds")).toContain("Press Run to measure it here.");
      expect(trouble).toEqual([]);
      await page.context().close();
    });

    test("runs that were deleted come back with Undo; two of different experiments say why they are not compared", async () => {
      const { page, trouble } = await visit(browser, at(PAPER));
      await alive(page);
      await run(page, "1");
      await page.locator("#experiment-imbalanced").getByRole("button", { name: /^Run / }).click();
      await expect
        .poll(() => text(page.locator("#experiment-imbalanced .about")), patient)
        .toMatch(/quick, [\d.]+ s/);
      // A run counts for its claims once it is stored.
      await expect.poll(() => text(page.locator("#claim-C4"))).toContain("your run");
      await page.goto(at("/runs").href);
      const boxes = page.getByRole("checkbox");
      await expect.poll(() => boxes.count()).toBe(2);
      // One of which only the verdicts are kept, as of runs of earlier versions.
      await page.evaluate(
        () =>
          new Promise<void>((resolve) => {
            const request = indexedDB.open("gradus");
            request.onsuccess = () => {
              const change = request.result.transaction(["runs", "reports"], "readwrite");
              const runs = change.objectStore("runs");
              const all = runs.getAll();
              all.onsuccess = () => {
                const run = all.result.find(({ experiment }) => experiment === "imbalanced");
                runs.put({ ...run, whole: false });
                change.objectStore("reports").delete(run.id);
              };
              change.oncomplete = () => {
                request.result.close();
                resolve();
              };
            };
          }),
      );
      await page.reload();
      await expect.poll(() => boxes.count()).toBe(2);
      const verdictsOnly = () => page.getByText("verdicts only").count();
      expect(await verdictsOnly()).toBe(1);
      for (const box of await boxes.all()) await box.check();
      await expect.poll(() => text(page.locator("main"))).toContain("These runs cannot be compared");
      const onStatus = () => page.locator(".said").evaluate((status) => status === document.activeElement);
      await page.getByRole("button", { name: "Delete 2 runs" }).press("Enter");
      await expect.poll(() => text(page.locator("main"))).toContain("No runs yet");
      expect(await onStatus()).toBe(true);
      await page.keyboard.press("Tab");
      expect(await text(page.locator("button:focus"))).toBe("Undo");
      await page.keyboard.press("Enter");
      await expect.poll(() => boxes.count()).toBe(2);
      expect(await onStatus()).toBe(true);
      expect(await verdictsOnly()).toBe(1);
      expect(await text(page.getByRole("status"))).toContain("2 runs restored.");
      expect(await page.getByRole("button", { name: "Undo" }).count()).toBe(0);
      await page.reload();
      await expect.poll(() => boxes.count()).toBe(2);
      expect(trouble).toEqual([]);
      await page.context().close();
    });
  },
);
