// Takes the README's picture of a paper's page: `node apps/site/scripts/readme-picture.ts`
import { fileURLToPath } from "node:url";
import { build, startServer } from "../tests/server.ts";
import { launch, visit } from "../tests/visit.ts";

const PAPER = "/papers/1706.04454";
const path = fileURLToPath(new URL("../../../docs/paper-page.png", import.meta.url));

await build();
const [server, browser] = await Promise.all([startServer(), launch()]);
try {
  const { page, trouble } = await visit(browser, new URL(PAPER, server.origin), {
    viewport: { width: 1280, height: 900 },
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path });
  for (const line of trouble) console.log(line);
} finally {
  await browser.close();
  await server.stop();
  server.remove();
}
