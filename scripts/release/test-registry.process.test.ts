import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { npmWith } from "./npm.ts";
import { startTestRegistry } from "./test-registry.ts";

const folder = mkdtempSync(join(tmpdir(), "gradus-registry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("npm asks for a package again, however much it prefers its cache", async () => {
  await using registry = await startTestRegistry(folder);
  const environment = { ...registry.environment, npm_config_cache: join(folder, "cache") };
  const latest = (version: string): Promise<string> => {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "gradus", version }));
    registry.add({
      name: "gradus",
      version,
      folder,
      file: join(folder, "package.json"),
      files: [],
      packed: 0,
      unpacked: 0,
    });
    return npmWith(folder, ["view", "gradus", "version", "--prefer-offline"], environment);
  };
  expect((await latest("1.0.0")).trim()).toBe("1.0.0");
  expect((await latest("1.0.1")).trim()).toBe("1.0.1");
});
