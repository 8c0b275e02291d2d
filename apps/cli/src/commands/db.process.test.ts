// Errors that `gradus db` reports before it touches anything; apps/site/tests runs its actions on a site's database.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runCommand } from "../fixture/run-command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-db-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs a command line with paths in the test's folder. */
async function gradus(line: string) {
  const { status, out, err } = await runCommand(line.replaceAll("./", `${folder}/`), { home: folder });
  return { status, out, err: err.replaceAll(`${folder}/`, "./").replace(/\s+/g, " ") };
}

describe("gradus db", () => {
  it.each([
    ["db", "Usage: gradus db [options] [command]"],
    ["db dump", "unknown command 'dump' See: gradus db --help"],
    ["db backup yesterday", "too many arguments for 'backup'"],
    ["db restore", "missing required argument 'file' See: gradus db restore --help"],
    ["db restore a.tar.gz b.tar.gz", "too many arguments for 'restore'"],
    ["db migrate", "required option '--plan' not specified"],
    ["db export --outt x", "Did you mean --out?"],
  ])("%s is a wrong use: %s", async (line, words) => {
    const { status, out, err } = await gradus(line);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(words);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    [{ DATABASE_URL: "postgers://me:hush@localhost/x" }, "DATABASE_URL must be a URL such as postgres://"],
    [{ DATABASE_URL: "postgres://me:hu/sh@localhost/x" }, "DATABASE_URL must be a URL such as postgres://"],
    [{ DATABASE_URL_FILE: "./url" }, "cannot reach the database 127.0.0.1:1/x"],
    [{ DATABASE_URL_FILE: "./none" }, "the file named by DATABASE_URL_FILE cannot be read"],
  ])("with %o nothing is restored into a folder", async (settings, words) => {
    await writeFile(join(folder, "url"), "postgres://me:hush@127.0.0.1:1/x\n");
    await writeFile(join(folder, "kept.dump"), "PGDMP");
    for (const [name, value] of Object.entries({ DATABASE_URL: "", DATABASE_URL_FILE: "", ...settings }))
      vi.stubEnv(name, value.replace("./", `${folder}/`));
    const { status, out, err } = await gradus("db restore ./kept.dump");
    vi.unstubAllEnvs();
    expect(err.replaceAll(" ", "")).toContain(words.replaceAll(" ", ""));
    expect(err).not.toMatch(/hu\/?sh/);
    expect([status === 0, out]).toEqual([false, ""]);
    expect((await readdir(folder)).sort()).toEqual(["kept.dump", "url"]);
  });

  it.each([
    ["db restore ./none.tar.gz --database ./restored", "the file ./none.tar.gz does not exist"],
    ["db restore ./notes.tar.gz --database ./restored", "./notes.tar.gz is damaged or is not a backup"],
    ["db restore ./kept.dump --database ./restored", "end in .tar.gz, got ./kept.dump"],
    ["db restore ./notes.tar.gz --database postgres://localhost/x", "end in .dump, got ./notes.tar.gz"],
    ["db backup --database ./missing --folder ./backups", "there is no database in ./missing"],
    ["db export --database ./missing --out ./papers.ndjson", "there is no database in ./missing"],
    ["db migrate --plan --database ./missing", "there is no database in ./missing"],
    [
      "db export --database postgres://me:hush@127.0.0.1:1/x",
      "cannot reach the database 127.0.0.1:1/x: connect",
    ],
  ])("%s fails and leaves nothing: %s", async (line, words) => {
    await writeFile(join(folder, "notes.tar.gz"), "no tar");
    const { status, out, err } = await gradus(line);
    expect([status, out]).toEqual([3, ""]);
    // Paths may be broken at the end of a line.
    expect(err.replaceAll(" ", "")).toContain(words.replaceAll(" ", ""));
    expect(err).not.toContain("hush");
    expect(await readdir(folder)).toEqual(["notes.tar.gz"]);
  });

  it.each([
    ["db restore ./notes.tar.gz --database ./database", "./notes.tar.gz is damaged or is not a backup"],
    ["db export --database ./database", "the database lacks tables of the site's papers"],
    ["db backup --database ./database --folder ./backups", ""],
    ["db migrate --plan --database ./database", ""],
  ])("%s says that it waits for the lock of another container", async (line, words) => {
    const { lockFolder, openFolder } = await import("@gradus/database");
    const database = join(folder, "database");
    await writeFile(join(folder, "notes.tar.gz"), "no tar");
    if (!line.includes("restore")) await (await openFolder(database)).close();
    const own = lockFolder(`${database}.lock`);
    const held = await readFile(`${database}.lock`, "utf8");
    own.release();
    await writeFile(`${database}.lock`, held.replace(/"space":"[^"]*"/, '"space":"pid:[1]"'));
    const waits = vi.spyOn(Atomics, "wait").mockReturnValue("timed-out");
    const { err } = await gradus(line);
    waits.mockRestore();
    expect(err.replaceAll(" ", "")).toContain(
      "Waiting up to 20 s to see whether a process of another container still has the database".replaceAll(
        " ",
        "",
      ),
    );
    expect(err.replaceAll(" ", "")).toContain(words.replaceAll(" ", ""));
  });

  it("db export says what a database lacks that only sweeps have used, and leaves the file that is there", async () => {
    const { openFolder } = await import("@gradus/database");
    await (await openFolder(join(folder, "database"))).close();
    await writeFile(join(folder, "papers.ndjson"), "kept");
    const { status, err } = await gradus("db export --database ./database --out ./papers.ndjson");
    expect(status).toBe(3);
    expect(err).toContain("the database lacks tables of the site's papers");
    expect((await readdir(folder)).sort()).toEqual(["database", "papers.ndjson"]);
    expect(await readFile(join(folder, "papers.ndjson"), "utf8")).toBe("kept");
  });
});
