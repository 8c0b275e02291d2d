// What a reader sees of a paper before pressing Run: the figures of the official runs.
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unfold } from "./experiments.ts";
import { measurementsOf, shippedFigures } from "./measurements.ts";
import type { TestServer } from "./server.ts";
import { connectBrowser, startSeeded } from "./shared.ts";
import { alive, installed, newReader, visit } from "./visit.ts";

const SLUG = "normalized-logistic-gd";
const PAPER = "/papers/2412.08424";
/** Without an official run. */
const UNMEASURED = "imbalanced";
const PATIENCE = 60_000;

let measurements: ReturnType<typeof measurementsOf>;
let server: TestServer;
let browser: Browser | undefined;

beforeAll(async () => {
  measurements = measurementsOf(SLUG, (all) => all.filter(({ experiment }) => experiment !== UNMEASURED));
  [server, browser] = await Promise.all([
    startSeeded({ environment: measurements.environment }),
    installed ? connectBrowser() : undefined,
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
  const pictures = [...html.matchAll(/<img src="(\/figures\/[^"]+)" alt="([^"]*)" width="\d+" height="\d+"/g)]
    .map(([, address, alt]) => ({ address: address.replaceAll("&amp;", "&"), alt }))
    .filter(({ address }) => !address.endsWith("&frame"));
  const instants = Object.values(shippedFigures(SLUG)).map(({ startedAt }) => startedAt);
  expect(pictures.length).toBeGreaterThan(4);
  // The card beside the abstract names the figures of claims.
  const [card = ""] = /id="run".*?<\/ol>/s.exec(html) ?? [];
  expect(card.match(/<span title="[^"]{12,}"/g)?.length).toBeGreaterThan(2);
  for (const { address, alt } of pictures) {
    expect(address).not.toContain(`/${UNMEASURED}/`);
    expect(instants).toContain(new URLSearchParams(address.split("?")[1]).get("of"));
    expect(alt).toMatch(/: .+ against .+; .+/);
    const response = await fetch(`${server.origin}${address}`);
    expect(response.status, address).toBe(200);
    expect(response.headers.get("content-type")).toBe("image/svg+xml; charset=utf-8");
    expect(await response.text()).toMatch(/^<svg .*<path .*<\/svg>\s*$/s);
    const numbers = await fetch(`${server.origin}${address.replace(/\.svg.*/, ".csv")}`);
    expect(numbers.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect((await numbers.text()).split("\r\n").length).toBeGreaterThan(4);
  }
  expect(html).toContain(`/figures/${SLUG}/${UNMEASURED}/time.svg?form=page&amp;width=280&amp;frame`);
  const list = await (await fetch(`${server.origin}/papers?runnable=1`)).text();
  const inList = [...list.matchAll(/<img src="(\/figures\/[^"]+)"/g)].map(([, address]) =>
    address.replaceAll("&amp;", "&"),
  );
  expect(inList).toHaveLength(1);
  expect(instants).toContain(new URLSearchParams(inList[0].split("?")[1]).get("of"));
  expect((await fetch(`${server.origin}${inList[0]}`)).status).toBe(200);
  const badForm = await fetch(`${server.origin}${inList[0].replace("list", "tapestry")}`);
  expect(badForm.status).toBe(400);
  for (const width of ["281", "-1", "wide"]) {
    const badWidth = await fetch(
      `${server.origin}/figures/${SLUG}/factor-n/time.svg?form=page&width=${width}`,
    );
    expect(badWidth.status, width).toBe(400);
  }
  const absent = await fetch(`${server.origin}/figures/${SLUG}/${UNMEASURED}/nothing.svg`);
  expect(absent.status).toBe(404);
});

describe.skipIf(!installed)("in Chromium (skipped without Chromium)", { timeout: 4 * PATIENCE }, () => {
  test("the official figures are pictures until a pointer comes, and give way to what is measured here", async () => {
    if (!browser) throw new Error("there is no browser");
    const { page, trouble } = await visit(browser, new URL(PAPER, server.origin));
    await alive(page);
    const card = page.locator("#run");
    expect(await card.locator(".claims").textContent()).toMatch(/officially \d of 5 claims held/);
    const seen = (place: Locator) =>
      place
        .locator(".frame img")
        .first()
        .evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0);
    await expect.poll(() => seen(card), { timeout: PATIENCE }).toBe(true);

    const lab = page.locator("#experiment-factor-n");
    await unfold(lab);
    const drawings = lab.locator(".figures svg[role=img]");
    const frame = lab.locator(".frame").first();
    await frame.scrollIntoViewIfNeeded();
    await expect.poll(() => seen(lab), { timeout: PATIENCE }).toBe(true);
    expect(await drawings.count()).toBe(0);
    const room = await frame.boundingBox();
    await frame.hover();
    await expect.poll(() => drawings.count(), { timeout: PATIENCE }).toBe(1);
    expect(await frame.boundingBox()).toEqual(room);
    // The numbers of the point that is next to the pointer.
    await drawings.first().locator("circle").first().hover({ force: true });
    await expect
      .poll(() => drawings.first().textContent(), { timeout: PATIENCE })
      .toMatch(/iterations T: \d/);

    expect(await lab.textContent()).toContain("Measured for this site on ");
    // Nothing is random in it.
    expect(await lab.textContent()).not.toMatch(/seed \d/);
    const unmeasured = page.locator(`#experiment-${UNMEASURED}`);
    await unfold(unmeasured);
    expect(await unmeasured.textContent()).not.toContain("Measured for this site on ");
    const data = unmeasured.locator(".figures details").first();
    await data.getByText("Data", { exact: true }).click();
    expect(await data.textContent()).toContain("Not measured yet.");
    expect(await data.getByRole("button").count()).toBe(0);

    await lab.getByRole("button", { name: /^Run / }).click();
    await expect
      .poll(() => lab.locator(".about").textContent(), { timeout: PATIENCE })
      .toMatch(/quick, [\d.]+ s/);
    expect(await lab.textContent()).not.toMatch(/Measured for this site on |seed \d/);
    await expect.poll(() => drawings.count(), { timeout: PATIENCE }).toBe(3);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("a drawing that a pointer brings tells of the point that it met", async () => {
    if (!browser) throw new Error("there is no browser");
    const { page, trouble } = await visit(browser, new URL(PAPER, server.origin));
    const lab = page.locator("#experiment-factor-n");
    const frame = lab.locator(".frame").first();
    const meet = async (position?: { readonly x: number; readonly y: number }) => {
      await alive(page);
      await unfold(lab);
      await frame.hover({ position });
    };
    await meet();
    const circle = lab.locator(".figures svg[role=img] circle").first();
    await circle.waitFor();
    const [point, room] = [await circle.boundingBox(), await frame.boundingBox()];
    if (!point || !room) throw new Error("nothing was drawn");
    await page.mouse.move(0, 0);
    await page.reload();
    await meet({ x: point.x + point.width / 2 - room.x, y: point.y + point.height / 2 - room.y });
    await expect.poll(() => frame.textContent(), { timeout: PATIENCE }).toMatch(/iterations T: \d/);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("a drawing tells of no point to a pointer that went on before it was there", async () => {
    if (!browser) throw new Error("there is no browser");
    const { page, trouble } = await visit(browser, new URL(PAPER, server.origin));
    await alive(page);
    const lab = page.locator("#experiment-factor-n");
    await unfold(lab);
    const frame = lab.locator(".frame").first();
    const circle = lab.locator(".figures svg[role=img] circle").first();
    await frame.scrollIntoViewIfNeeded();
    // Between two frames of the page, as a quick hand does, or while the code that draws is loaded.
    await frame.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const at = { clientX: left + width / 2, clientY: top + height / 2, pointerType: "mouse" };
      element.dispatchEvent(new PointerEvent("pointerenter", at));
      element.dispatchEvent(new PointerEvent("pointerleave", at));
    });
    await circle.waitFor();
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await frame.textContent()).not.toMatch(/iterations T: \d/);
    await circle.hover({ force: true });
    await expect.poll(() => frame.textContent(), { timeout: PATIENCE }).toMatch(/iterations T: \d/);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("what a figure tells of a touched point goes with a touch elsewhere, and with a finger that scrolls", async () => {
    if (!browser) throw new Error("there is no browser");
    const context = await newReader(browser, { hasTouch: true, viewport: { width: 360, height: 760 } });
    const page = await context.newPage();
    await page.goto(new URL(PAPER, server.origin).href);
    await alive(page);
    const lab = page.locator("#experiment-factor-n");
    await unfold(lab);
    const frame = lab.locator(".frame").first();
    const touch = async () => {
      await frame.tap();
      await expect.poll(() => frame.textContent(), { timeout: PATIENCE }).toMatch(/iterations T: \d/);
    };
    await touch();
    await lab.locator(".figures .title").first().tap();
    await expect.poll(() => frame.textContent()).not.toMatch(/iterations T: \d/);
    await touch();
    // What a browser says of a finger once it scrolls.
    await frame.dispatchEvent("pointercancel", { pointerType: "touch" });
    await expect.poll(() => frame.textContent()).not.toMatch(/iterations T: \d/);
    await context.close();
  });

  test("a figure of a run here that cannot be drawn is said to be none, and no official one stands for it", async () => {
    if (!browser) throw new Error("there is no browser");
    const context = await newReader(browser);
    const page = await context.newPage();
    await page.goto(new URL(PAPER, server.origin).href);
    await alive(page);
    // Only what draws needs elements of SVG from scripts.
    await page.evaluate(() => {
      document.createElementNS = () => {
        throw new Error("no drawing");
      };
    });
    const lab = page.locator("#experiment-factor-n");
    await lab.getByRole("button", { name: /^Run / }).click();
    await expect
      .poll(() => lab.locator(".about").textContent(), { timeout: PATIENCE })
      .toMatch(/quick, [\d.]+ s/);
    const frame = lab.locator(".frame").first();
    await expect
      .poll(() => frame.textContent(), { timeout: PATIENCE })
      .toMatch("This figure could not be drawn.");
    expect(await frame.locator("img").isVisible()).toBe(false);
    const room = await frame.boundingBox();
    expect(room?.height).toBeGreaterThan(200);
    await context.close();
  });

  test("a picture that cannot be fetched is drawn", async () => {
    if (!browser) throw new Error("there is no browser");
    const context = await newReader(browser);
    const page = await context.newPage();
    await page.route("**/figures/**", (route) => route.abort());
    await page.goto(new URL(PAPER, server.origin).href);
    await expect.poll(() => page.locator("#run svg[role=img]").count(), { timeout: PATIENCE }).toBe(1);
    await context.close();
  });

  test("what is printed has its figures in blocks, two in a row, and the conditions", async () => {
    // Chromium prints what follows a grid that ends on the next sheet over what is in it.
    if (!browser) throw new Error("there is no browser");
    const address = new URL(PAPER, server.origin);
    const { page } = await visit(browser, address, { viewport: { width: 718, height: 1000 } });
    const { length } = await page.locator("details.fold").evaluateAll((folds) => {
      for (const fold of folds) if (fold instanceof HTMLDetailsElement) fold.open = true;
      return folds;
    });
    expect(length).toBeGreaterThan(1);
    await page.emulateMedia({ media: "print" });
    const figures = await page.locator(".lab .plot").evaluateAll((plots) =>
      plots.map((plot) => {
        const around: string[] = [];
        for (let parent = plot.parentElement; parent; parent = parent.parentElement)
          if (/grid|flex/.test(getComputedStyle(parent).display)) around.push(parent.className);
        const { width } = plot.getBoundingClientRect();
        return { around, width, of: plot.parentElement?.clientWidth ?? 0 };
      }),
    );
    expect(figures.flatMap(({ around }) => around)).toEqual([]);
    const half = figures.filter(({ width, of }) => width < of / 2);
    expect(half.length).toBeGreaterThan(1);
    expect(half.length).toBeLessThan(figures.length);
    expect(await page.locator(".lab .button").first().isVisible()).toBe(false);
    // What a reader unfolds on a screen.
    expect(await page.locator("#claim-C1 td.wanted").isVisible()).toBe(true);
    expect(await page.locator("#claim-C1 .source").isVisible()).toBe(true);
    expect(
      await page
        .getByText(/^Condition and source/)
        .first()
        .isVisible(),
    ).toBe(false);
    await page.context().close();
  });
});
