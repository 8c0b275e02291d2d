// What is left where nothing more can be written.
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fixture, folder, start } from "./fixture/program.ts";

/** The program in a shell that lets files have no bytes; pipes still take them. */
const withoutSpace = (line: string) =>
  start("sh", ["-c", `trap '' XFSZ; ulimit -f 0; exec node '${fixture}' ${line}`]).ended;

const filesIn = async (part: string) => {
  const entries = await readdir(join(folder, ".gradus", part), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

it("says that a new folder for results cannot be written, and leaves none", async () => {
  const { status, err } = await withoutSpace("sweep walk --seeds 1");
  expect(status).toBe(3);
  expect(err.replaceAll(/\s+/g, " ")).toMatch(
    /^gradus: cannot write into \S*\.gradus \(EFBIG: .*GRADUS_HOME/,
  );
  expect(err).not.toMatch(/\n {4}at /);
  expect(existsSync(join(folder, ".gradus"))).toBe(false);
});

it("a run shows its results, says that it could not be saved, and leaves no parts of files", async () => {
  await mkdir(join(folder, ".gradus"));
  const { status, out, err } = await withoutSpace("run walk --set stages=4");
  expect(status).toBe(3);
  expect(out).toContain("● held");
  expect(err.replaceAll(/\s+/g, " ")).toContain("The run could not be saved: cannot write");
  expect(await filesIn("checkpoints")).toEqual([]);
  expect(await filesIn("runs")).toEqual([]);
});

it("a sweep says that its database cannot be opened, and leaves no part of a lock", async () => {
  await mkdir(join(folder, ".gradus"));
  const { status, err } = await withoutSpace("sweep walk --seeds 1");
  expect(status).toBe(3);
  expect(err).toContain("gradus: ");
  expect(err).not.toMatch(/\n {4}at /);
  expect((await filesIn(".")).filter((name) => name.startsWith("database.lock"))).toEqual([]);
});

it.skipIf(!existsSync("/proc/self")).each([
  ["GRADUS_HOME=/proc/x", "sweep walk --seeds 1"],
  ["", "run walk --out /proc/x"],
])(
  "below /proc, where folders cannot be made, '%s gradus %s' ends (skipped where it is absent)",
  async (setting, line) => {
    // Killed, because Node's own way to make them holds the whole process.
    const command = `${setting} exec timeout -s KILL 30 node '${fixture}' ${line}`;
    const { status, err } = await start("sh", ["-c", command]).ended;
    expect(err.replaceAll(/\s+/g, " ")).toContain("cannot write into /proc/x (ENOENT: ");
    expect(status).toBe(setting ? 3 : 2);
  },
);

it.skipIf(!existsSync("/dev/full"))(
  "says in a line that output cannot be written (skipped where /dev/full is absent)",
  async () => {
    const { status, err } = await start("sh", ["-c", `exec node '${fixture}' list --json > /dev/full`]).ended;
    expect(status).toBe(3);
    expect(err).toBe("gradus: cannot write the output (ENOSPC: no space left on device, write)\n");
  },
);
