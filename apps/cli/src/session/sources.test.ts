import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sourcesDigest } from "./sources.ts";

test("a digest changes with a module's content, name or number, and not with tests, texts or times", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gradus-sources-"));
  try {
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    mkdirSync(join(folder, "deep"));
    write("a.ts", "1");
    write("deep/b.ts", "2");
    const digest = () => sourcesDigest([folder]);
    const first = await digest();
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    for (const name of ["a.test.ts", "deep/b-testing.ts", "README.md"]) write(name, "3");
    write("a.ts", "1");
    expect(await digest()).toBe(first);
    write("deep/b.ts", "3");
    const second = await digest();
    renameSync(join(folder, "deep/b.ts"), join(folder, "deep/c.ts"));
    const third = await digest();
    write("d.js", "");
    expect(new Set([first, second, third, await digest()]).size).toBe(4);
    write("deep/c.ts", "2");
    rmSync(join(folder, "d.js"));
    renameSync(join(folder, "deep/c.ts"), join(folder, "deep/b.ts"));
    expect(await digest()).toBe(first);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
