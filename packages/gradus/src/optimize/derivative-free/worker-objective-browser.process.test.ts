import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build } from "vite";
import { expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { consensusBasedOptimization } from "./consensus-based-optimization.ts";
import { SEARCH_STEPS, searchObjective, searchOptions } from "./worker-objective-page.ts";

const CHROMIUM = process.env.GRADUS_CHROMIUM ?? "/usr/bin/chromium";
const installed = existsSync(CHROMIUM);
if (!installed)
  console.warn(
    `there is no Chromium at ${CHROMIUM}: the test of objectives in a page's workers is skipped. Install Debian's chromium, ` +
      "or name one in GRADUS_CHROMIUM",
  );

/** The page's module as one script that defines the global `program`. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      lib: {
        entry: fileURLToPath(new URL("worker-objective-page.ts", import.meta.url)),
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

/** Runs an expression in a page that has `program`, and `worker(code)`, which starts a worker that has it too. */
async function inPage<T>(expression: string): Promise<T> {
  const program = await bundle();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: program });
    await page.addScriptTag({
      content: `const source = ${JSON.stringify(program)};
        const worker = (code) => new Worker(URL.createObjectURL(new Blob([source, ";", code])));`,
    });
    return await page.evaluate(expression);
  } finally {
    await browser.close();
  }
}

test.skipIf(!installed)("two workers of a page give the run that one thread of Node gives", async () => {
  const particles = await inPage<number[]>(
    `program.searchByWorkers([1, 2].map(() => worker("program.answerSearch(self)")))`,
  );
  const method = consensusBasedOptimization(searchObjective, searchOptions);
  const { iterate } = await solve(method, { maxIterations: SEARCH_STEPS });
  expect(particles).toEqual([...iterate.particles]);
});

test.skipIf(!installed)("what a page's worker throws, and one that cannot start, are named", async () => {
  const messages = await inPage<string[]>(
    `Promise.all(['program.answerSearch(self, "no such point")', "throw new Error('gone')"].map((code) =>
      program.searchByWorkers([worker(code)]).then(() => "no error", ({ message }) => message)))`,
  );
  expect(messages[0]).toBe("the objective failed in worker 0: no such point");
  expect(messages[1]).toMatch(/worker 0 failed: .*gone/);
});
