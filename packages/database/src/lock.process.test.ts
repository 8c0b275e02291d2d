import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderLockedError, lockFolder } from "./lock.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-lock-"));
  path = join(folder, "deeper", "database.lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a second holder is refused by name, and let in after the first gives it back", () => {
  const lock = lockFolder(path);
  expect(() => lockFolder(path)).toThrow(FolderLockedError);
  expect(() => lockFolder(path)).toThrow(`process ${process.pid}`);
  lock.release();
  expect(existsSync(path)).toBe(false);
  const again = lockFolder(path);
  expect(again.abandonedBy).toBeUndefined();
  again.release();
});

test("the lock of a process that was killed is taken over, and the taker is told", async () => {
  const script = `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
    lockFolder(${JSON.stringify(path)}); console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  expect(() => lockFolder(path)).toThrow(`process ${child.pid}`);
  child.kill("SIGKILL");
  await once(child, "exit");
  const lock = lockFolder(path);
  expect(lock.abandonedBy).toBe(child.pid);
  lock.release();
  expect(readdirSync(join(folder, "deeper"))).toEqual([]);
});

test("a number that another process got since does not keep the lock", () => {
  const lock = lockFolder(path);
  const held = readFileSync(path, "utf8");
  lock.release();
  writeFileSync(path, held.replace(/"begun":"[^"]*"/, '"begun":"1"'));
  lockFolder(path).release();
});

test("a file that is no lock does not keep the folder", () => {
  lockFolder(path).release();
  writeFileSync(path, '{"pid":12');
  const lock = lockFolder(path);
  expect(lock.abandonedBy).toBeUndefined();
  lock.release();
});

test("a released lock does not remove another's", () => {
  const first = lockFolder(path);
  rmSync(path);
  const second = lockFolder(path);
  first.release();
  expect(existsSync(path)).toBe(true);
  second.release();
});
