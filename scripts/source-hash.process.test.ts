import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashOf } from "./source-hash.mjs";
import { root } from "./workspace.mjs";

let folder: string;
const hash = () => hashOf([relative(root, folder)]);
const write = (path: string, text: string) => {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-sources-"));
  write("src/one.ts", "export const one = 1;");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("follows sources, not tests, what is built or what a running server keeps", () => {
  const before = hash();
  write("src/one.test.ts", "test");
  write("build/one.js", "built");
  write(".gradus/database/pages", "rows");
  expect(hash()).toBe(before);
  write("src/one.ts", "export const one = 2;");
  expect(hash()).not.toBe(before);
  write("src/one.ts", "export const one = 1;");
  expect(hash()).toBe(before);
});

test("is made while files come and go", async () => {
  const program = `
    const { mkdirSync, rmSync, writeFileSync } = require("node:fs");
    for (let i = 0; ; i++) {
      mkdirSync("folder" + (i % 8), { recursive: true });
      writeFileSync("folder" + (i % 8) + "/file", "");
      if (i === 100) console.log("busy");
      rmSync("folder" + ((i + 1) % 8), { recursive: true, force: true });
    }`;
  mkdirSync(join(folder, "src/busy"), { recursive: true });
  const child = spawn(process.execPath, ["-e", program], { cwd: join(folder, "src/busy") });
  const closed = once(child, "close");
  try {
    await once(child.stdout, "data");
    for (let i = 0; i < 1000; i++) expect(hash()).toHaveLength(16);
  } finally {
    child.kill("SIGKILL");
    await closed;
  }
});

test("refuses a path that does not exist", () => {
  expect(() => hashOf(["no/such/folder"])).toThrow("ENOENT");
});
