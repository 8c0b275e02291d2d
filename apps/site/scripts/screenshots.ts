// Takes every page and state at desktop and phone width, light and dark: `node apps/site/scripts/screenshots.ts folder [filter]`
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { LOOKS } from "../tests/looks.ts";
import { everyPage, STATES } from "../tests/pages.ts";
import { build, startServer } from "../tests/server.ts";
import { launch, visit } from "../tests/visit.ts";

async function take(browser: Browser, address: URL, name: string, folder: string): Promise<void> {
  for (const [look, options] of Object.entries(LOOKS)) {
    const { page, trouble } = await visit(browser, address, { ...options, reducedMotion: "reduce" });
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: join(folder, `${name}.${look}.png`), fullPage: true });
    for (const line of trouble) console.log(`${name}.${look}: ${line}`);
    await page.context().close();
  }
}

const [folder, filter = ""] = process.argv.slice(2);
if (!folder) throw new Error("say into which folder the pictures go");
mkdirSync(folder, { recursive: true });
await build();
const [server, browser] = await Promise.all([
  startServer({ environment: { GRADUS_NOW: "2025-12-25T12:00:00Z", GRADUS_ALLOW_CLOCK: "1" } }),
  launch(),
]);
const named = everyPage().map((path) => [path.slice(1).replaceAll("/", "-") || "start", path] as const);
try {
  for (const [name, path] of [...named, ...Object.entries(STATES)])
    if (name.includes(filter)) await take(browser, new URL(path, server.origin), name, folder);
} finally {
  await browser.close();
  await server.stop();
  server.remove();
}
