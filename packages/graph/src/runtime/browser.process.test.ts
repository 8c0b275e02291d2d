import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page, type Worker } from "playwright-core";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importOnnx } from "../import/import-onnx.ts";
import type { Actions, Ending } from "./page/main.ts";
import { trainSmallNetwork } from "./page/program.ts";

const CHROMIUM = process.env.GRADUS_CHROMIUM ?? "/usr/bin/chromium";
const installed = existsSync(CHROMIUM);
/** A busy machine takes many times what a quiet one takes. */
const BUSY_MILLISECONDS = 150_000;
/** Chromium's own software rendering stands in for a graphics card. */
const SOFTWARE_WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

if (!installed)
  console.warn(
    `there is no Chromium at ${CHROMIUM}: the tests of the graph engine in a browser are skipped. Install Debian's ` +
      "chromium, or name one in GRADUS_CHROMIUM",
  );

const folder = mkdtempSync(join(tmpdir(), "gradus-graph-page-"));
const servers: PreviewServer[] = [];
let origin: string;
const browsers: Browser[] = [];

async function launch(...args: string[]): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", ...args] });
  browsers.push(browser);
  return browser;
}

interface Opened {
  readonly page: Page;
  readonly trouble: readonly string[];
  /** The workers that run, those of workers too. */
  readonly workers: ReadonlySet<Worker>;
}

/** Builds the page with workers of a format and serves it, cross-origin isolated; resolves to its address. */
async function serve(format: "es" | "iife"): Promise<string> {
  const shared = {
    root: join(import.meta.dirname, "page"),
    configFile: false,
    logLevel: "error",
    build: { outDir: join(folder, format), emptyOutDir: true, minify: false },
  } as const;
  await build({ ...shared, worker: { format } });
  const headers = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  };
  const server = await preview({ ...shared, preview: { port: 0, strictPort: false, headers } });
  servers.push(server);
  return server.resolvedUrls?.local[0] ?? "";
}

async function open(browser: Browser, script?: () => void, address = origin): Promise<Opened> {
  const page = await browser.newPage();
  page.setDefaultTimeout(BUSY_MILLISECONDS);
  const trouble: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) trouble.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => trouble.push(`exception: ${error.message}`));
  const workers = new Set<Worker>();
  page.on("worker", (worker) => {
    workers.add(worker);
    worker.on("close", () => workers.delete(worker));
  });
  if (script) await page.addInitScript(script);
  await page.goto(address);
  await page.waitForFunction(() => "actions" in globalThis);
  return { page, trouble, workers };
}

/** Counts what the page hands to the graphics card. */
function countSubmissions() {
  Object.assign(globalThis, { submissions: 0 });
  const { submit } = GPUQueue.prototype;
  GPUQueue.prototype.submit = function (commands) {
    Reflect.set(globalThis, "submissions", Reflect.get(globalThis, "submissions") + 1);
    return submit.call(this, commands);
  };
}

function act<K extends keyof Actions>(page: Page, action: K, ...args: Parameters<Actions[K]>) {
  return page.evaluate(
    ([name, given]) => {
      const { actions } = globalThis as unknown as { actions: Record<string, (...a: unknown[]) => unknown> };
      return actions[name](...given);
    },
    [action, args] as const,
  ) as Promise<Awaited<ReturnType<Actions[K]>>>;
}

function expectClose(ending: Ending<number[][]>, wanted: number[][], tolerance: number) {
  if (!("result" in ending)) throw new Error(`${ending.error}: ${ending.message}`);
  expect(ending.result.map(({ length }) => length)).toStrictEqual(wanted.map(({ length }) => length));
  ending.result.forEach((values, k) => {
    values.forEach((value, i) => {
      expect(Math.abs(value - wanted[k][i])).toBeLessThan(tolerance);
    });
  });
}

describe.skipIf(!installed)("in Chromium", { timeout: BUSY_MILLISECONDS }, () => {
  let browser: Browser;

  beforeAll(async () => {
    origin = await serve("es");
    browser = await launch();
  });

  afterAll(async () => {
    await Promise.all(browsers.map((b) => b.close()));
    await Promise.all(servers.map((server) => server.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    ["f32", 1e-6],
    ["f64", 1e-13],
  ] as const)("a page and its worker train as Node does, %s", async (dtype, tolerance) => {
    const wanted = await trainSmallNetwork(dtype, {});
    const { page, trouble, workers } = await open(browser);
    expectClose(await act(page, "train", "page", dtype, 1), wanted, tolerance);
    expect(workers.size).toBe(0);
    expectClose(await act(page, "train", "worker", dtype, 1), wanted, tolerance);
    await expect.poll(() => workers.size).toBe(0);
    expect(trouble).toStrictEqual([]);
    await page.close();
  });

  test("a model is imported by an address relative to the page's", async () => {
    const file = join(import.meta.dirname, "..", "..", "fixtures", "pytorch", "perceptron.onnx");
    copyFileSync(file, join(folder, "es", "perceptron.onnx"));
    const { page } = await open(browser);
    const { parameters } = await importOnnx(file);
    expect(await act(page, "parametersAt", "./perceptron.onnx")).toEqual({ result: Object.keys(parameters) });
    await page.close();
  });

  test("the page's event loop turns while its worker runs, and stands still while it runs itself", async () => {
    const { page } = await open(browser);
    expect(await act(page, "turnsDuring", "page")).toBeLessThan(5);
    expect(await act(page, "turnsDuring", "worker")).toBeGreaterThan(50);
    await page.close();
  });

  test("a cross-origin isolated page has threads, and the same numbers with them", async () => {
    const wanted = await trainSmallNetwork("f64", {});
    const { page, trouble, workers } = await open(browser);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expectClose(await act(page, "train", "page", "f64", 2), wanted, 1e-13);
    expect(workers.size).toBe(1);
    expectClose(await act(page, "train", "worker", "f64", 2), wanted, 1e-13);
    await expect.poll(() => workers.size).toBe(1);
    expect(trouble).toStrictEqual([]);
    await page.close();
  });

  test("so has its worker when it is bundled into one classic script", async () => {
    const wanted = await trainSmallNetwork("f64", {});
    const { page, trouble, workers } = await open(browser, undefined, await serve("iife"));
    expectClose(await act(page, "train", "worker", "f64", 2), wanted, 1e-13);
    await expect.poll(() => workers.size).toBe(0);
    expect(trouble).toStrictEqual([]);
    await page.close();
  });

  describe("WebGPU", () => {
    test("runs what asks for it, also two programs at a time", async () => {
      const wanted = await trainSmallNetwork("f32", {});
      const { page } = await open(await launch(...SOFTWARE_WEBGPU), countSubmissions);
      const twice = await act(page, "trainTwice", "webgpu", "f32");
      if (!("result" in twice)) throw new Error(twice.message);
      for (const result of twice.result) expectClose({ result }, wanted, 1e-4);
      expect(await page.evaluate(() => Reflect.get(globalThis, "submissions"))).toBeGreaterThan(0);
      await page.close();
    });

    test("refuses float64 before it loads anything, and names what is float64", async () => {
      const { page } = await open(browser);
      expect(await act(page, "train", "webgpu", "f64")).toStrictEqual({
        error: "UnsupportedError",
        message: "webgpu has no kernels for f64, which input layers.0.w is",
      });
      await page.close();
    });

    test("is refused where there is no graphics card, or no WebGPU", async () => {
      const { page } = await open(browser);
      expect(await act(page, "train", "webgpu", "f32")).toStrictEqual({
        error: "UnsupportedError",
        message: "webgpu: the browser provides no GPU adapter",
      });
      await page.close();
      const { page: old } = await open(browser, () => {
        Object.defineProperty(navigator, "gpu", { value: undefined });
      });
      expect(await act(old, "train", "webgpu", "f32")).toMatchObject({
        error: "UnsupportedError",
        message: expect.stringContaining("WebGPU is not available"),
      });
      await old.close();
    });
  });
});
