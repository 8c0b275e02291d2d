import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findHome, HomeFolderError, makeHome, makeHomeFolder } from "./home-folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "gradus-home-")));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function made(...path: string[]): Promise<string> {
  const inner = join(folder, ...path);
  await mkdir(inner, { recursive: true });
  return inner;
}

describe("findHome", () => {
  test("in a repository, is .gradus at its top", async () => {
    await made("repository", ".git");
    expect(await findHome(await made("repository"), undefined)).toBe(".gradus");
    expect(await findHome(await made("repository", "a", "b"), "")).toBe(join("..", "..", ".gradus"));
  });

  test("in a worktree, whose .git is a file, is .gradus at its top", async () => {
    const worktree = await made("worktree");
    await writeFile(join(worktree, ".git"), "gitdir: elsewhere\n");
    expect(await findHome(worktree, undefined)).toBe(".gradus");
  });

  test("below a folder with .gradus, is the nearest one", async () => {
    await made("repository", ".git");
    await made("repository", "study", ".gradus");
    expect(await findHome(await made("repository", "study", "a"), undefined)).toBe(join("..", ".gradus"));
  });

  test("elsewhere, is the user's data folder", async () => {
    vi.stubEnv("XDG_DATA_HOME", join(folder, "data"));
    vi.stubEnv("LOCALAPPDATA", join(folder, "data"));
    // A file of that name is not a folder of runs.
    await writeFile(join(folder, ".gradus"), "");
    const home = await findHome(await made("outside"), undefined);
    if (process.platform === "linux") expect(home).toBe(join(folder, "data", "gradus"));
    else expect(home).toContain("gradus");
  });

  test("is the one the user chose, wherever the command runs", async () => {
    await made("repository", ".git");
    expect(await findHome(await made("repository"), "/somewhere")).toBe("/somewhere");
  });
});

describe("a new folder", () => {
  test("is ignored by its repository; an existing one is left unchanged", async () => {
    const home = join(folder, "a", ".gradus");
    expect(await makeHomeFolder(home, "runs")).toBe(join(home, "runs"));
    expect(await readFile(join(home, ".gitignore"), "utf8")).toBe("*\n");
    await rm(join(home, ".gitignore"));
    await makeHomeFolder(home, "checkpoints");
    expect((await readdir(home)).sort()).toEqual(["checkpoints", "runs"]);
  });

  test("that cannot be created is named in the error, with what to do", async () => {
    await writeFile(join(folder, "file"), "");
    const home = join(folder, "file", ".gradus");
    const error = await makeHome(home).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HomeFolderError);
    expect(String(error)).toContain(`cannot write into ${home} (ENOTDIR`);
    expect(String(error)).toContain("GRADUS_HOME");
  });
});
