// The starters as a stranger has them: created, installed, run, built and tested from the packed packages.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { examplesOf } from "../../../apps/docs/src/examples/blocks.ts";
import { root } from "../../workspace.mjs";
import { npm, npmWith } from "../npm.ts";
import type { Archive } from "../pack.ts";
import { packedArchives } from "../packed.ts";
import { startTestRegistry, type TestRegistry } from "../test-registry.ts";

const run = promisify(execFile);
/** An installation unpacks some hundred megabytes. */
const INSTALLATION = 600_000;
/** How long a page on a busy machine may take for what takes a moment alone. */
const PAGE = 90_000;
const CHROMIUM = process.env.GRADUS_CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(CHROMIUM))
  console.warn(
    `there is no Chromium at ${CHROMIUM}: the page of the Vite starter is not tried. Install Debian's chromium, or name one ` +
      "in GRADUS_CHROMIUM",
  );

const folder = mkdtempSync(join(tmpdir(), "gradus starters "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let archives: readonly Archive[];
let registry: TestRegistry;
beforeAll(async () => {
  archives = await packedArchives();
  registry = await startTestRegistry(folder);
  for (const each of archives) registry.add(each);
}, INSTALLATION);
afterAll(() => registry[Symbol.asyncDispose]());

const archive = (name: string): string => archives.find((each) => each.name === name)?.file ?? "";

/** Types `npm create gradus`, and what it says to type next. */
async function createAndInstall(name: string, template: string): Promise<string> {
  const create = ["exec", "--yes", "--prefer-offline", `--package=${archive("create-gradus")}`, "--"];
  const said = await npm(folder, ...create, "create-gradus", name, "--template", template);
  const project = join(folder, name);
  // With the install scripts that the project allows.
  const install = ["install", "--no-audit", "--no-fund", "--prefer-offline"];
  await npmWith(project, install, registry.environment);
  return said;
}

describe("the Node starter", () => {
  const project = join(folder, "classify");

  test(
    "is created and installed",
    async () => {
      expect(await createAndInstall("classify", "node")).toContain(
        "  cd classify\n  npm install\n  npm start\n",
      );
      expect(readFileSync(join(project, ".gitignore"), "utf8")).toContain("node_modules/");
    },
    INSTALLATION,
  );

  test("trains, and leaves a model", async () => {
    const printed = await npm(project, "start");
    const [, accuracy] = /^([\d.]+)% of the held-out tumors are classified correctly/m.exec(printed) ?? [];
    const [, majority] = /more common class would get ([\d.]+)%/.exec(printed) ?? [];
    expect(Number(accuracy)).toBeGreaterThan(93);
    expect(Number(majority)).toBeLessThan(65);
    expect(existsSync(join(project, "tumors.onnx"))).toBe(true);
  });

  test("builds for plain Node", async () => {
    rmSync(join(project, "dist"), { recursive: true });
    await npm(project, "run", "build");
    const { stdout, stderr } = await run(process.execPath, ["dist/main.js"], { cwd: project });
    expect(stdout).toContain("The trained model is in tumors.onnx");
    expect(stderr).toBe("");
  });

  test("runs from its sources where Node strips types", async () => {
    const { stdout } = await run(process.execPath, ["src/main.ts"], { cwd: project });
    expect(stdout).toContain("The trained model is in tumors.onnx");
  });

  test("passes its tests", async () => {
    expect(await npm(project, "test")).toMatch(/(ℹ|#) pass 3\n(ℹ|#) fail 0\n/);
  });

  test("compiles the programs of the README and of the guides, which begin from it", async () => {
    // Experiments and verdicts are of the papers, not of a user's project.
    const guides = readdirSync(join(root, "docs")).filter(
      (file) => file.endsWith(".md") && !["experiments.md", "verdicts.md"].includes(file),
    );
    const documents = ["README.md", ...guides.map((file) => `docs/${file}`)];
    const programs = documents.flatMap((path) => examplesOf(path, readFileSync(join(root, path), "utf8")));
    expect(programs.length).toBeGreaterThan(20);
    const files = programs.map(({ code }, i) => {
      const file = join(project, "src", `program-${i}.ts`);
      writeFileSync(file, `${code}\nexport {};\n`);
      return file;
    });
    await npm(project, "run", "build", "--", "--noEmit");
    for (const file of files) rmSync(file);
  });
});

describe("the Vite starter", () => {
  const project = join(folder, "digits");
  let browser: Browser;
  const servers: ChildProcess[] = [];
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.kill();
  });

  /** Starts the project's own Vite, and returns where its page is. */
  async function serve(...words: string[]): Promise<string> {
    const vite = join(project, "node_modules", "vite", "bin", "vite.js");
    const server = spawn(process.execPath, [vite, ...words, "--port", "0"], { cwd: project });
    servers.push(server);
    let printed = "";
    for (;;) {
      const [text] = await once(server.stdout, "data");
      printed += stripVTControlCharacters(String(text));
      const [, address] = /Local: +(http:\S+)/.exec(printed) ?? [];
      if (address) return address;
    }
  }

  async function open(address: string): Promise<{ page: Page; trouble: string[] }> {
    const page = await browser.newPage({ viewport: { width: 360, height: 800 } });
    page.setDefaultTimeout(PAGE);
    const trouble: string[] = [];
    page.on("pageerror", ({ message }) => trouble.push(message));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) trouble.push(message.text());
    });
    await page.goto(address);
    await page.locator("#run:enabled").focus();
    return { page, trouble };
  }

  /** Presses, in the page, the button that has the focus when an epoch is reached. */
  function pressAtEpoch(wanted: number): void {
    const epoch = document.querySelector("#epoch") as HTMLElement;
    const observer = new MutationObserver(() => {
      if (Number.parseInt(epoch.textContent ?? "", 10) < wanted) return;
      observer.disconnect();
      (document.activeElement as HTMLElement).click();
    });
    observer.observe(epoch, { childList: true });
  }

  const status = (page: Page, text: string) => page.getByRole("status").filter({ hasText: text }).waitFor();

  test(
    "is created and installed",
    async () => {
      const said = await createAndInstall("digits", "vite");
      expect(said).toContain("  cd digits\n  npm install\n  npm run dev\n");
    },
    INSTALLATION,
  );

  test("builds without a warning, and passes its tests", async () => {
    expect(await npm(project, "run", "build")).not.toMatch(/warn|externalized/i);
    expect(stripVTControlCharacters(await npm(project, "test"))).toMatch(/Tests +3 passed/);
  });

  describe.skipIf(!existsSync(CHROMIUM))("in Chromium", () => {
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    });

    test.each([
      ["in development", []],
      ["as it is built", ["preview"]],
    ])("trains, stops and starts again by the keyboard, %s", async (_, words) => {
      const { page, trouble } = await open(await serve(...words));
      await page.evaluate(pressAtEpoch, 2);
      await page.keyboard.press("Enter"); // Run
      await status(page, "Stopped");
      await page.keyboard.press("Enter"); // Run
      await status(page, "Done");
      expect(await page.locator("#epoch").textContent()).toBe("60 of 60");
      expect(Number.parseFloat((await page.locator("#accuracy").textContent()) ?? "")).toBeGreaterThan(95);
      const points = await page.locator("#curve polyline").getAttribute("points");
      expect(points?.split(" ")).toHaveLength(60);
      expect(await page.locator("#examples li:not(.wrong)").count()).toBeGreaterThan(15);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      expect(trouble).toEqual([]);
    });
  });
});
