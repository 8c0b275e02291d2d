import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openEmbedded } from "./connect.ts";
import { lockFolder } from "./lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-lock-wait-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test("the log says that the start waits for what another container left", async () => {
  const database = join(folder, "database");
  const path = `${database}.lock`;
  const own = lockFolder(path);
  const held = readFileSync(path, "utf8");
  own.release();
  writeFileSync(path, held.replace(/"space":"[^"]*"/, '"space":"pid:[1]"'));
  const waits = vi.spyOn(Atomics, "wait").mockReturnValue("timed-out");
  const lines: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  const opened = await openEmbedded(database);
  waits.mockRestore();
  await opened.close();
  expect(lines.filter((line) => line.includes("waiting")).map((line) => JSON.parse(line))).toEqual([
    {
      time: expect.any(String),
      database,
      outcome: "waiting",
      message: "up to 20 s, to see whether a process of another container still has it open",
    },
  ]);
});
