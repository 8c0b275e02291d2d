import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the README's example runs as it stands and learns", async () => {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const readme = await readFile(`${root}README.md`, "utf8");
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const folder = await mkdtemp(`${root}.readme-`);
  try {
    await writeFile(`${folder}/example.ts`, code);
    const { stdout } = await promisify(execFile)(process.execPath, [`${folder}/example.ts`]);
    // 1 - the soft balanced accuracy on the training rows of an almost separable set.
    expect(Number(stdout)).toBeGreaterThan(0);
    expect(Number(stdout)).toBeLessThan(0.05);
  } finally {
    await rm(folder, { recursive: true });
  }
});
