import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { secretSetting } from "./secrets.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("comes from the environment or from a file, without its line end", () => {
  const file = join(folder, "url");
  writeFileSync(file, "postgres://u:p@h/d\n");
  expect(secretSetting({ X: "value" }, "X")).toBe("value");
  expect(secretSetting({ X_FILE: file }, "X")).toBe("postgres://u:p@h/d");
  expect(secretSetting({ X: "", X_FILE: "" }, "X")).toBeUndefined();
});

test("two sources, a missing and an empty file are refused, and no message shows the secret", () => {
  const file = join(folder, "empty");
  writeFileSync(file, "\n");
  expect(() => secretSetting({ X: "hush", X_FILE: file }, "X")).toThrow("X and X_FILE are both set");
  expect(() => secretSetting({ X: "hush", X_FILE: file }, "X")).not.toThrow("hush");
  expect(() => secretSetting({ X_FILE: join(folder, "none") }, "X")).toThrow("cannot be read");
  expect(() => secretSetting({ X_FILE: file }, "X")).toThrow("empty");
});
