// Measures how long each quick experiment takes from Run to the first points that it draws, on a page that was just opened: `node apps/site/scripts/first-pictures.ts [slug or slug/experiment ...]`
import { papers } from "@gradus/papers";
import type { Browser } from "playwright-core";
import { unfold } from "../tests/experiments.ts";
import { build, startServer } from "../tests/server.ts";
import { alive, launch, visit } from "../tests/visit.ts";

/** A picture that comes later is late enough. */
const PATIENCE = 20_000;
/** A reader has the pointer on the button for so long before pressing it. */
const HOVER = 150;
const REPEATS = 2;

/** From the press of Run to the first figure with points in the experiment's section: axes without any are no picture. */
interface Wait {
  readonly milliseconds: number;
  /** Of the browser's processes: what it would be at most on a machine that does nothing else. */
  readonly processor: number;
}

/** Milliseconds of processor time that the browser's processes have used. */
async function processorMilliseconds(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + 1000 * cpuTime, 0);
}

/** Waits for an experiment's first picture; undefined where none came. */
async function firstPicture(browser: Browser, address: URL, id: string): Promise<Wait | undefined> {
  const { page } = await visit(browser, address);
  try {
    const section = page.locator(`#experiment-${id}`);
    await alive(page);
    await unfold(section);
    const button = section.locator(".head button.primary");
    await button.and(page.locator(":enabled")).waitFor();
    await page.evaluate((experiment) => {
      const within = document.getElementById(`experiment-${experiment}`);
      const root = document.documentElement;
      // In a figure's own coordinates, beside ticks and grid: what stands for points.
      const points = "svg :is(path, circle, rect, image):not([aria-hidden] *)";
      const figures = () =>
        [...(within?.querySelectorAll(".figures svg[role=img]") ?? [])].filter((figure) =>
          figure.querySelector(points),
        );
      // What was there before is of an earlier measurement.
      let earlier: readonly Element[] = [];
      let pressed = Number.NaN;
      within?.querySelector(".head button.primary")?.addEventListener(
        "click",
        () => {
          earlier = figures();
          pressed = performance.now();
        },
        { capture: true },
      );
      const look = () => {
        if (root.dataset.picture || Number.isNaN(pressed) || figures().every((one) => earlier.includes(one)))
          return;
        // What was put into the page is seen with the next frame.
        requestAnimationFrame(() => {
          root.dataset.picture ??= String(performance.now() - pressed);
        });
      };
      if (within) new MutationObserver(look).observe(within, { childList: true, subtree: true });
    }, id);
    await button.hover();
    // What was measured earlier is drawn as it comes into sight.
    if ((await section.locator(".state", { hasText: "Measured for this site" }).count()) > 0)
      await section.locator(".figures :is(picture img, svg[role=img])").first().waitFor();
    await page.waitForTimeout(HOVER);
    const before = await processorMilliseconds(browser);
    await button.click();
    await page
      .locator("html[data-picture]")
      .waitFor({ timeout: PATIENCE })
      .catch(() => undefined);
    const processor = (await processorMilliseconds(browser)) - before;
    const time = await page.evaluate(() => document.documentElement.dataset.picture);
    return time === undefined ? undefined : { milliseconds: Number(time), processor };
  } finally {
    await page.context().close();
  }
}

const wanted = process.argv.slice(2);
await build();
const [server, browser] = await Promise.all([startServer(), launch()]);
try {
  for (const { slug, arxivId, experiments } of papers)
    for (const { id, graph } of experiments) {
      if (wanted.length > 0 && !wanted.includes(slug) && !wanted.includes(`${slug}/${id}`)) continue;
      let least: Wait | undefined;
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        const wait = await firstPicture(browser, new URL(`/papers/${arxivId}`, server.origin), id);
        if (!wait) break;
        least = {
          milliseconds: Math.min(wait.milliseconds, least?.milliseconds ?? Infinity),
          processor: Math.min(wait.processor, least?.processor ?? Infinity),
        };
      }
      const words = least
        ? `${Math.round(least.milliseconds)} ms (${Math.round(least.processor)} ms of processor time)`
        : "none in 20 s";
      console.log(`${slug}/${id}: ${words}${graph ? ", graph engine" : ""}`);
    }
} finally {
  await browser.close();
  await server.stop();
  server.remove();
}
