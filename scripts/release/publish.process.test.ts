// Publishing to a registry, and what a stranger types afterwards.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { root } from "../workspace.mjs";
import { npmWith } from "./npm.ts";
import type { Archive } from "./pack.ts";
import { readManifest } from "./packages.ts";
import { packedArchives } from "./packed.ts";
import { publishArchives } from "./publish.ts";
import { startTestRegistry, type TestRegistry } from "./test-registry.ts";

const run = promisify(execFile);
const MILLISECONDS = 600_000;
const folder = mkdtempSync(join(tmpdir(), "gradus-published-"));
let archives: readonly Archive[];
let registry: TestRegistry;

beforeAll(async () => {
  archives = await packedArchives();
  registry = await startTestRegistry(folder);
  writeFileSync(join(folder, "package.json"), "{}");
}, MILLISECONDS);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => vi.unstubAllEnvs());

/** What a stranger types, with a data folder and global packages of their own. */
function type(cwd: string, words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  return npmWith(cwd, words, {
    ...registry.environment,
    npm_config_prefix: join(folder, "global"),
    // The native runtime is some hundred megabytes, and nothing is computed here.
    npm_config_omit: "optional",
    ...environment,
  });
}

test(
  "packages are published in order; one that fails stops it, and the next time goes on there",
  async () => {
    for (const [name, value] of Object.entries(registry.environment)) vi.stubEnv(name, value);
    const names = archives.map(({ name, version }) => `${name}@${version}`);
    const third = archives[2];
    registry.refuse(third.name);
    await expect(publishArchives(archives)).rejects.toThrow("the test refuses it");
    expect(registry.published).toEqual(names.slice(0, 2));
    registry.refuse(undefined);
    await publishArchives(archives);
    expect(registry.published).toEqual(names);
    // As those before the one that failed, the last is left out once it is there.
    await publishArchives(archives.slice(-1));
    expect(registry.published).toEqual(names);
  },
  MILLISECONDS,
);

test(
  "npm create gradus makes a project that depends on this release",
  async () => {
    const create = ["create", "--yes", "gradus", "my-app", "--", "--template", "node"];
    // With a cache of its own: npm would execute the package of an earlier test that has this version.
    await type(folder, create, { npm_config_cache: join(folder, "cache") });
    const { version } = readManifest(root);
    expect(readManifest(join(folder, "my-app")).dependencies).toMatchObject({ gradus: `^${version}` });
  },
  MILLISECONDS,
);

test(
  "npm install -g @gradus/cli brings the command",
  async () => {
    await type(folder, ["install", "-g", "--no-audit", "--no-fund", "--prefer-offline", "@gradus/cli"]);
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    const windows = process.platform === "win32";
    const gradus = windows ? join(folder, "global", "gradus.cmd") : join(folder, "global", "bin", "gradus");
    const environment = { PATH: process.env.PATH, HOME: folder };
    const { stdout } = await run(gradus, ["list"], { cwd: elsewhere, env: environment, shell: windows });
    expect(stdout).toContain("anyloss");
    expect(existsSync(join(elsewhere, ".gradus"))).toBe(false);
  },
  MILLISECONDS,
);
