/**
 * `npm run bench -- --browser`: a training step of imported models in Chromium, with the threads of a cross-origin
 * isolated page and without. `--cases residual` measures one of them and writes nothing; `--rounds 3` and `--seconds 2`
 * say how often, and for how long, each setting has its turn.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { build, type PreviewServer, preview } from "vite";
import type { ImportedName } from "../imported-inputs.ts";
import { describeMachine } from "../machine.ts";
import type { Actions, PageMeasurement } from "./page/main.ts";
import { type BrowserResult, browserReport, median } from "./report.ts";

const CHROMIUM = process.env["GRADUS_CHROMIUM"] ?? "/usr/bin/chromium";

const { values: given } = parseArgs({
  options: {
    browser: { type: "boolean", default: false },
    cases: { type: "string", default: "residual,transformer" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
  },
});

const known = ["residual", "transformer"] as const;
function modelsOf(text: string): ImportedName[] {
  return text.split(",").map((name) => {
    const model = known.find((one) => one === name);
    if (!model) throw new RangeError(`--cases: "${name}" is neither of ${known.join(", ")}`);
    return model;
  });
}

function positive(option: "rounds" | "seconds"): number {
  const value = Number(given[option]);
  if (!(value > 0)) throw new RangeError(`--${option} must be a positive number, got ${given[option]}`);
  return value;
}

const models = modelsOf(given.cases);
const [rounds, seconds] = [positive("rounds"), positive("seconds")];
const folder = mkdtempSync(join(tmpdir(), "gradus-bench-browser-"));
const shared = {
  root: fileURLToPath(new URL("./page", import.meta.url)),
  configFile: false,
  logLevel: "error",
  build: { outDir: folder, emptyOutDir: true },
} as const;
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const serve = (headers: Record<string, string>): Promise<PreviewServer> =>
  preview({ ...shared, preview: { port: 0, strictPort: false, headers } });

async function measured(
  browser: Browser,
  server: PreviewServer,
  name: ImportedName,
  threads: number,
): Promise<PageMeasurement> {
  const page = await browser.newPage();
  try {
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    await page.waitForFunction(() => "actions" in globalThis);
    return await page.evaluate(
      ([model, count, time]) => {
        const { actions } = globalThis as unknown as { actions: Actions };
        return actions.measure(model, count, time);
      },
      [name, threads, seconds] as const,
    );
  } finally {
    await page.close();
  }
}

const cores = availableParallelism();
const [loadBefore] = loadavg();
await build({ ...shared, worker: { format: "es" } });
const servers = [await serve(isolation), await serve({})];
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
try {
  const settings = [
    { server: servers[0], threads: cores, label: `isolated, ${cores} threads` },
    { server: servers[0], threads: 1, label: "isolated, 1 thread" },
    { server: servers[1], threads: cores, label: "not isolated" },
  ];
  const results: BrowserResult[] = [];
  for (const model of models) {
    const runs = settings.map(({ label }) => ({ label, steps: [] as number[], first: [] as number[] }));
    for (let round = 0; round < rounds; round++)
      for (const [i, { server, threads, label }] of settings.entries()) {
        const { steps, first, isolated } = await measured(browser, server, model, threads);
        if (isolated !== (server === servers[0])) throw new Error(`${label}: the page's isolation is wrong`);
        runs[i].steps.push(median(steps));
        runs[i].first.push(first);
      }
    results.push({ model, runs });
  }
  const text = browserReport(results, {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    browser: browser.version(),
    load: { before: loadBefore, after: loadavg()[0] },
    rounds,
    seconds,
  });
  console.log(text);
  if (models.length === known.length)
    writeFileSync(fileURLToPath(new URL("../BROWSER.md", import.meta.url)), text);
} finally {
  await browser.close();
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true });
}
