// Home folders that are none.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { expect, it } from "vitest";
import { bin, folder, start } from "./fixture/program.ts";

const flat = (text: string) => text.replaceAll(/\s+/g, " ");

it.each(["", "relative"])("HOME=%s has nothing written below the working directory", async (HOME) => {
  const env = { HOME, GRADUS_HOME: "", NODE_COMPILE_CACHE: "" };
  const { status, err } = await start(process.execPath, [bin, "data", "list"], env).ended;
  expect({ status, err: flat(err) }).toEqual({
    status: 3,
    err: expect.stringContaining("this user has no home folder; set its path in"),
  });
  const run = await start(process.execPath, [bin, "version"], env).ended;
  expect(run.out).toMatch(/^folder +\$GRADUS_HOME$/m);
  expect(await readdir(folder)).toEqual([]);
});

it.skipIf(!existsSync("/proc/self"))(
  "HOME=/proc/x, where folders cannot be made, lets commands end (skipped where /proc is absent)",
  async () => {
    // Killed, because what does not end holds the whole process.
    const command = `exec timeout -s KILL 30 node '${bin}' list --json`;
    const { status, out } = await start("sh", ["-c", command], { HOME: "/proc/x", NODE_COMPILE_CACHE: "" })
      .ended;
    expect(status).toBe(0);
    expect(JSON.parse(out)).not.toEqual([]);
  },
);
