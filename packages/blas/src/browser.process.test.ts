import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build } from "vite";
import { expect, test } from "vitest";
import { resultHashes } from "./browser-program.ts";

const CHROMIUM = process.env.GRADUS_CHROMIUM ?? "/usr/bin/chromium";
const installed = existsSync(CHROMIUM);
if (!installed)
  console.warn(
    `there is no Chromium at ${CHROMIUM}: the test of @gradus/blas in a browser is skipped. Install Debian's chromium, or ` +
      "name one in GRADUS_CHROMIUM",
  );

/** The program as one script that defines the global `program`. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      lib: {
        entry: fileURLToPath(new URL("browser-program.ts", import.meta.url)),
        formats: ["iife"],
        name: "program",
      },
    },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) =>
    "output" in one ? one.output : [],
  );
  return outputs.flatMap((file) => (file.type === "chunk" ? [file.code] : [])).join("\n");
}

test.skipIf(!installed)("a page's main thread computes the same bits as Node, synchronously", async () => {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: await bundle() });
    expect(await page.evaluate("program.resultHashes()")).toEqual(resultHashes());
  } finally {
    await browser.close();
  }
});
