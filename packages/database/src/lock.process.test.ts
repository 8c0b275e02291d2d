import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
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

/** Starts a process that takes the lock. */
async function startHolder() {
  const script = `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
    lockFolder(${JSON.stringify(path)}); console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

test("the lock of a process that was killed is taken over, and the taker is told", async () => {
  const child = await startHolder();
  expect(() => lockFolder(path)).toThrow(`process ${child.pid}`);
  child.kill("SIGKILL");
  await once(child, "exit");
  const lock = lockFolder(path);
  expect(lock.abandonedBy).toBe(child.pid);
  lock.release();
  expect(readdirSync(join(folder, "deeper"))).toEqual([]);
});

test("containers on one volume, which number their processes alike, do not open its database twice", async () => {
  const child = await startHolder();
  const held = readFileSync(path, "utf8");
  // As the first process of a container that was started before.
  const other = held
    .replace(/"pid":\d+/, `"pid":${process.pid}`)
    .replace(/"space":"[^"]*"/, '"space":"pid:[1]"');
  writeFileSync(path, other);
  expect(() => lockFolder(path)).toThrow(`process ${process.pid} of another container`);
  child.kill("SIGKILL");
  await once(child, "exit");
  const wait = vi.spyOn(Atomics, "wait").mockReturnValue("timed-out");
  try {
    const waits: number[] = [];
    lockFolder(path, () => waits.push(wait.mock.calls.length)).release();
    // Half a second each: a busy machine may delay signs of life.
    expect(wait).toHaveBeenCalledTimes(40);
    // Whoever waits is told after two seconds.
    expect(waits).toEqual([4]);
  } finally {
    wait.mockRestore();
  }
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
