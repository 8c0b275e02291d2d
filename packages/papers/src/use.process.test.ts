import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { papers } from "./index.ts";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const program = (slug: string) =>
  readFile(fileURLToPath(new URL(`./${slug}/use.ts`, import.meta.url)), "utf8");
/** Where a paper's folder says what its program must print. */
interface Figures {
  readonly default: (text: string) => void | Promise<void>;
}
const MILLISECONDS = 120_000;
/** All programs share the work of stripping the library's types. */
const compiled = join(tmpdir(), "gradus-examples-compiled");

describe.each(papers.map(({ slug }) => slug))("the program that %s starts with", (slug) => {
  test("runs as it stands in a folder of its own, and prints the right numbers", {
    timeout: MILLISECONDS,
  }, async () => {
    const folder = await mkdtemp(join(root, ".examples-"));
    try {
      await writeFile(join(folder, "try.ts"), await program(slug));
      // Beside tests that have the other cores.
      const env = { ...process.env, NODE_COMPILE_CACHE: compiled, GRADUS_THREADS: "1" };
      const { stdout, stderr } = await execute(process.execPath, ["try.ts"], { cwd: folder, env });
      expect(stderr).toBe("");
      expect(stdout).toMatch(/\d/);
      expect(stdout).not.toMatch(/NaN|undefined|Infinity|max-iterations|separated: false/);
      const figures: Figures = await import(`./${slug}/use-testing.ts`);
      await figures.default(stdout);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("takes everything from the library, in lines that a page has room for", async () => {
    const code = await program(slug);
    const sources = [...code.matchAll(/from "([^"]+)"/g)].map(([, source]) => source);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(source).toMatch(/^(gradus(\/[a-z-]+)*|@gradus\/graph)$/);
    for (const line of code.split("\n")) expect(line.length).toBeLessThanOrEqual(99);
  });
});
