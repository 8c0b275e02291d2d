// The packages as a stranger has them: packed, installed into an empty folder, and used there.
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { minVersion } from "semver";
import { preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../../workspace.mjs";
import { npmWith } from "../npm.ts";
import type { Archive } from "../pack.ts";
import { readManifest } from "../packages.ts";
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
    `there is no Chromium at ${CHROMIUM}: the installed packages are not tried in a page. Install Debian's chromium, or ` +
      "name one in GRADUS_CHROMIUM",
  );

const folder = mkdtempSync(join(tmpdir(), "gradus installed "));
const app = join(folder, "app");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The first program of the README: what a reader copies. */
const readme = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8"))?.[1] ?? "";

let archives: readonly Archive[];
let registry: TestRegistry;
afterAll(() => registry[Symbol.asyncDispose]());

/** Makes a project that depends on packages of the release, and others, and installs what it depends on. */
async function install(
  target: string,
  names: readonly string[],
  others: Readonly<Record<string, string>>,
  ...options: readonly string[]
): Promise<void> {
  mkdirSync(target);
  const own = archives
    .filter(({ name }) => names.includes(name))
    .map(({ name, version }) => [name, `^${version}`]);
  writeFileSync(
    join(target, "package.json"),
    JSON.stringify({
      name: "app",
      private: true,
      type: "module",
      dependencies: { ...Object.fromEntries(own), ...others },
    }),
  );
  const words = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", ...options];
  await npmWith(target, words, registry.environment);
}

/** Runs a file of the project, outside of this repository and of its environment. */
function execute(node: string, words: readonly string[], cwd: string, environment: NodeJS.ProcessEnv = {}) {
  const { PATH } = process.env;
  return run(node, words, { cwd, env: { PATH, HOME: folder, ...environment } });
}

/** The oldest release that reads the packages' declarations, whose typed arrays name their buffers; the guides say so. */
const OLDEST_TYPESCRIPT = "5.7.2";

function compileProject(target: string, options: object, files: readonly string[], compiler = "typescript") {
  const config = join(target, `tsconfig.${files.length}.json`);
  writeFileSync(
    config,
    JSON.stringify({
      compilerOptions: {
        target: "es2023",
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noPropertyAccessFromIndexSignature: true,
        verbatimModuleSyntax: true,
        isolatedModules: true,
        skipLibCheck: false,
        declaration: true,
        types: [],
        ...options,
      },
      files,
    }),
  );
  return run(process.execPath, [join(target, "node_modules", compiler, "bin", "tsc"), "-p", config], {
    cwd: target,
  }).catch((error: { stdout?: string }) => {
    throw new Error(error.stdout, { cause: error });
  });
}

const oldest = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
const oldestVersion =
  minVersion(readManifest(join(root, "packages", "gradus")).engines?.node ?? "")?.version ?? "";

beforeAll(async () => {
  archives = await packedArchives();
  registry = await startTestRegistry(folder);
  for (const archive of archives) registry.add(archive);
  const { devDependencies } = readManifest(root) as unknown as { devDependencies: Record<string, string> };
  await install(
    app,
    archives.map(({ name }) => name),
    {
      typescript: devDependencies["typescript"],
      "oldest-typescript": `npm:typescript@${OLDEST_TYPESCRIPT}`,
      "@types/node": devDependencies["@types/node"],
      vite: readManifest(join(root, "node_modules", "vite")).version,
      "oldest-node": `npm:${oldest}@${oldestVersion}`,
    },
  );
}, INSTALLATION);

/** Every import path of the packages that have one for programs. */
const paths = () =>
  archives.flatMap(({ name, folder }) =>
    Object.keys(readManifest(folder).exports ?? {})
      .map((path) => `${name}${path.slice(1)}`)
      .filter((path) => !path.endsWith("/worker-entry")),
  );

describe("types", () => {
  const everyPath = (without: readonly string[]) =>
    paths()
      .filter((path) => !without.some((name) => path.startsWith(name)))
      .map((path, i) => `import * as m${i} from "${path}";\nexport const n${i} = Object.keys(m${i});`)
      .join("\n");

  function writePrograms(...without: string[]): readonly string[] {
    // The declarations of what the database depends on do not compile without skipLibCheck.
    writeFileSync(join(app, "every-path.ts"), everyPath(["@gradus/database", ...without]));
    writeFileSync(join(app, "readme.ts"), readme);
    cpSync(fileURLToPath(new URL("./library.ts", import.meta.url)), join(app, "library.ts"));
    return ["every-path.ts", "readme.ts", "library.ts"];
  }

  test.each([
    [
      "nodenext",
      { module: "nodenext", moduleResolution: "nodenext", lib: ["es2024", "esnext.disposable", "dom"] },
    ],
    [
      "bundler",
      { module: "esnext", moduleResolution: "bundler", lib: ["es2024", "esnext.disposable", "dom"] },
    ],
  ])("a strict consumer compiles under %s resolution, declarations included", async (_, options) => {
    const files = writePrograms();
    await compileProject(app, { ...options, outDir: "out" }, files);
    expect(readFileSync(join(app, "out", "library.d.ts"), "utf8")).toContain("export declare const newton");
  });

  test("so does a program of Node, without the DOM's library, with the oldest TypeScript", async () => {
    // Figures are elements of the DOM.
    const node = { module: "nodenext", moduleResolution: "nodenext", lib: ["es2023"], types: ["node"] };
    await compileProject(
      app,
      { ...node, noEmit: true },
      writePrograms("@gradus/figures"),
      "oldest-typescript",
    );
  });
});

describe("in Node", () => {
  const loss = async (node: string, cwd: string, environment?: NodeJS.ProcessEnv) => {
    const { stdout, stderr } = await execute(node, ["readme.mjs"], cwd, environment);
    return { loss: Number(stdout), stderr };
  };
  const oldestNode = join(
    app,
    "node_modules",
    "oldest-node",
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );

  test("the README's program trains, on this Node and on the oldest", async () => {
    writeFileSync(join(app, "readme.mjs"), readme);
    expect((await execute(oldestNode, ["--version"], app)).stdout).toBe(`v${oldestVersion}\n`);
    const now = await loss(process.execPath, app);
    expect(now.stderr).toBe("");
    expect(now.loss).toBeGreaterThan(0);
    expect(now.loss).toBeLessThan(0.05);
    expect(await loss(oldestNode, app)).toEqual(now);
  });

  test("every import path loads, on this Node and on the oldest", async () => {
    const script = paths()
      .filter((path) => path !== "@gradus/graph/webgpu")
      .map((path) => `await import("${path}");`);
    for (const node of [process.execPath, oldestNode]) {
      const { stderr } = await execute(node, ["--input-type=module", "-e", script.join("\n")], app);
      expect(stderr).toBe("");
    }
  });

  test("without the native runtime it trains on WebAssembly, and says so once", async () => {
    const native = join(app, "node_modules", "onnxruntime-node");
    const wanted = await loss(process.execPath, app);
    renameSync(native, join(folder, "onnxruntime-node"));
    try {
      const { loss: found, stderr } = await loss(process.execPath, app);
      expect(Math.abs(found - wanted.loss)).toBeLessThan(1e-9);
      expect(stderr.match(/onnxruntime-node is not installed/g)).toHaveLength(1);
    } finally {
      renameSync(join(folder, "onnxruntime-node"), native);
    }
  });

  test(
    "installed without optional packages it has no native runtime, and trains",
    async () => {
      const bare = join(folder, "bare");
      await install(bare, ["gradus", "@gradus/graph"], {}, "--omit=optional");
      expect(existsSync(join(bare, "node_modules", "onnxruntime-node"))).toBe(false);
      writeFileSync(join(bare, "readme.mjs"), readme);
      expect((await loss(oldestNode, bare)).loss).toBeLessThan(0.05);
    },
    INSTALLATION,
  );
});

test.skipIf(!existsSync(CHROMIUM))("a page built with Vite trains in Chromium, in a worker too", async () => {
  const page = join(app, "page");
  cpSync(fileURLToPath(new URL("./page", import.meta.url)), page, { recursive: true });
  await execute(
    process.execPath,
    [join(app, "node_modules", "vite", "bin", "vite.js"), "build", page, "--logLevel", "warn"],
    app,
  );
  const server = await preview({ root: page, configFile: false, preview: { port: 0 }, logLevel: "silent" });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const tab = await browser.newPage();
    tab.setDefaultTimeout(PAGE);
    const trouble: string[] = [];
    tab.on("pageerror", ({ message }) => trouble.push(message));
    tab.on("console", (message) => {
      if (message.type() === "error") trouble.push(message.text());
    });
    await tab.goto(server.resolvedUrls?.local[0] ?? "");
    const text = await tab.locator("output").filter({ hasText: "loss" }).textContent();
    expect(trouble).toEqual([]);
    const { loss, inWorker } = JSON.parse(text ?? "{}");
    expect(loss).toBeLessThan(0.05);
    expect(inWorker).toBe(6.5);
  } finally {
    await browser.close();
    await server.close();
  }
});

describe("the command", () => {
  const elsewhere = join(folder, "elsewhere");
  const gradus = (...words: string[]) =>
    execute(join(app, "node_modules", ".bin", "gradus"), words, elsewhere, { NO_COLOR: "1", COLUMNS: "100" });
  beforeAll(() => mkdirSync(elsewhere));

  test("says which version it is, and lists the papers", async () => {
    const { version } = readManifest(root);
    expect((await gradus("--version")).stdout).toContain(version);
    const { stdout } = await gradus("list");
    expect(stdout).toContain("anyloss");
    expect(stdout).toContain("adadagrad");
  });

  test("measures a quick experiment, and keeps the run in the user's data folder", async () => {
    const { stdout } = await gradus("run", "normalized-logistic-gd/equivalence", "--profile", "quick");
    expect(stdout).toMatch(/● held/);
    expect((await gradus("show")).stdout).toContain("normalized-logistic-gd/equivalence");
    expect(existsSync(join(elsewhere, ".gradus"))).toBe(false);
  });

  test("creates a project", async () => {
    const { stdout } = await gradus("new", "my-page", "--template", "vite");
    expect(stdout).toContain("  cd my-page\n  npm install\n  npm run dev\n");
    const { version } = readManifest(root);
    expect(readManifest(join(elsewhere, "my-page")).dependencies?.["gradus"]).toBe(`^${version}`);
  });
});
