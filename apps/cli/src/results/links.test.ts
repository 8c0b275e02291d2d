import { lstat, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { prepareFile } from "./exports.ts";
import { writeAtomically } from "./report-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "gradus-write-")));
});
afterEach(() => rm(folder, { recursive: true }));

it.each([
  ["to a file", true],
  ["to a file that is not there yet", false],
])("a link %s stays, and what it points to is written", async (_, there) => {
  const [target, second, first] = ["target", "second", "first"].map((name) => join(folder, name));
  if (there) await writeFile(target, "old");
  await symlink("target", second);
  await symlink(second, first);
  await writeAtomically(first, "new");
  expect((await lstat(first)).isSymbolicLink()).toBe(true);
  expect(await readFile(target, "utf8")).toBe("new");
  expect((await readdir(folder)).sort()).toEqual(["first", "second", "target"]);
});

it("a circle of links is refused", async () => {
  await symlink("b", join(folder, "a"));
  await symlink("a", join(folder, "b"));
  await expect(writeAtomically(join(folder, "a"), "x")).rejects.toThrow(/cannot write .*a \(ELOOP/);
});

it("a device stays, and its folder is not written into", async () => {
  const file = join(folder, "null");
  await symlink("/dev/null", file);
  await prepareFile(file, "--html", "report.html");
  await writeAtomically(file, new Uint8Array(3));
  expect((await lstat("/dev/null")).isCharacterDevice()).toBe(true);
  expect(await readdir(folder)).toEqual(["null"]);
});

it("what goes to /proc/self/fd/1 goes where all output of the process goes", async () => {
  const write = vi.spyOn(process.stdout, "write").mockImplementation((...given: unknown[]) => {
    const done = given.at(-1);
    if (typeof done === "function") done();
    return true;
  });
  try {
    await writeAtomically("/proc/self/fd/1", "text");
    expect(write.mock.calls.map(([text]) => String(text))).toEqual(["text"]);
  } finally {
    write.mockRestore();
  }
});
