// What a reader sees of a paper before pressing Run: the figures of the official runs.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { measurementsOf, shippedFigures } from "./measurements.ts";
import { build, startServer, type TestServer } from "./server.ts";
import { installed, launch, visit } from "./visit.ts";

const SLUG = "normalized-logistic-gd";
const PAPER = "/papers/2412.08424";
/** Without an official run. */
const UNMEASURED = "imbalanced";
const PATIENCE = 60_000;

let measurements: ReturnType<typeof measurementsOf>;
let server: TestServer;
let browser: Browser | undefined;

beforeAll(async () => {
  await build();
  const figures = shippedFigures(SLUG);
  measurements = measurementsOf(SLUG, (claims) =>
    claims
      .map((claim) => ({
        ...claim,
        runs: claim.runs
          .filter(({ experiment }) => experiment !== UNMEASURED)
          .map((run) => ({ ...run, startedAt: figures[run.experiment].startedAt })),
      }))
      .filter(({ runs }) => runs.length > 0),
  );
  [server, browser] = await Promise.all([
    startServer({ environment: measurements.environment }),
    installed ? launch() : undefined,
  ]);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  server?.remove();
  measurements?.remove();
});

test("without scripts the page has pictures of what was measured, and of nothing else", async () => {
  const html = await (await fetch(`${server.origin}${PAPER}`)).text();
  const pictures = [...html.matchAll(/<noscript><img src="([^"]+)" alt="([^"]+)"/g)];
  expect(pictures.length).toBeGreaterThan(4);
  for (const [, address, alt] of pictures) {
    expect(address).not.toContain(`/${UNMEASURED}/`);
    expect(alt).toMatch(/: .+ against .+/);
    const response = await fetch(`${server.origin}${address}`);
    expect(response.status, address).toBe(200);
    expect(response.headers.get("content-type")).toBe("image/svg+xml; charset=utf-8");
    expect(await response.text()).toMatch(/^<svg .*<path .*<\/svg>\s*$/s);
  }
  const list = await (await fetch(`${server.origin}/papers?runnable=1`)).text();
  const inList = [...list.matchAll(/<img src="(\/figures\/[^"]+)"/g)].map(([, address]) => address);
  expect(inList).toHaveLength(1);
  expect((await fetch(`${server.origin}${inList[0]}`)).status).toBe(200);
  const badForm = await fetch(`${server.origin}${inList[0].replace("list", "tapestry")}`);
  expect(badForm.status).toBe(400);
  const absent = await fetch(`${server.origin}/figures/${SLUG}/${UNMEASURED}/nothing.svg`);
  expect(absent.status).toBe(404);
});

describe.skipIf(!installed)("in Chromium (skipped without Chromium)", { timeout: 4 * PATIENCE }, () => {
  test("the official figures are drawn when they come near, and give way to what is measured here", async () => {
    if (!browser) throw new Error("there is no browser");
    const { page, trouble } = await visit(browser, new URL(PAPER, server.origin));
    const card = page.locator("#run");
    await expect.poll(() => card.locator("svg[role=img]").count(), { timeout: PATIENCE }).toBe(1);
    expect(await card.locator(".claims").textContent()).toMatch(/\d of 5 held.* officially/);

    const lab = page.locator("#experiment-factor-n");
    expect(await lab.locator("svg[role=img]").count()).toBe(0);
    await lab.scrollIntoViewIfNeeded();
    await expect.poll(() => lab.locator("svg[role=img]").count(), { timeout: PATIENCE }).toBeGreaterThan(0);
    expect(await lab.textContent()).toContain("Measured for this site on ");
    const unmeasured = page.locator(`#experiment-${UNMEASURED}`);
    expect(await unmeasured.textContent()).not.toContain("Measured for this site on ");

    await lab.getByRole("button", { name: /^Run / }).click();
    await expect
      .poll(() => lab.locator(".about").textContent(), { timeout: PATIENCE })
      .toMatch(/quick, seed 1, [\d.]+ s/);
    expect(await lab.textContent()).not.toContain("Measured for this site on ");
    expect(await lab.locator("svg[role=img]").count()).toBeGreaterThan(0);
    expect(trouble).toEqual([]);
    await page.context().close();
  });
});
