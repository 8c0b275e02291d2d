// What `gradus db` refuses before it touches anything; apps/site/tests carries its actions out on a site's database.
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { carryOut } from "../fixture/run-command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-db-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Carries out a command line whose paths lie in the folder of the test. */
async function gradus(line: string) {
  const { status, out, err } = await carryOut(line.replaceAll("./", `${folder}/`), { home: folder });
  return { status, out, err: err.replaceAll(`${folder}/`, "./").replace(/\s+/g, " ") };
}

describe("gradus db", () => {
  it.each([
    ["db", "db wants export, backup, restore or migrate, got nothing"],
    ["db dump", "db wants export, backup, restore or migrate, got dump"],
    ["db backup yesterday", "db backup takes no names, got yesterday"],
    ["db restore", "db restore takes one file, such as: gradus db restore backup.tar.gz"],
    ["db restore a.tar.gz b.tar.gz", "db restore takes one file, such as:"],
    ["db migrate", '"gradus db migrate --plan" shows what it would do'],
    ["db export --outt x", "--out"],
  ])("%s is a wrong use: %s", async (line, words) => {
    const { status, out, err } = await gradus(line);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(words);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ["db restore ./none.tar.gz --database ./restored", "there is no file ./none.tar.gz"],
    ["db restore ./notes.tar.gz --database ./restored", "./notes.tar.gz is no backup, or is damaged"],
    ["db restore ./kept.dump --database ./restored", "ends in .tar.gz, got ./kept.dump"],
    ["db restore ./notes.tar.gz --database postgres://localhost/x", "ends in .dump, got ./notes.tar.gz"],
    ["db backup --database ./missing --folder ./backups", "there is no database in ./missing"],
    ["db export --database ./missing --out ./papers.ndjson", "there is no database in ./missing"],
    ["db migrate --plan --database ./missing", "there is no database in ./missing"],
    ["db export --database postgres://me:hush@127.0.0.1:1/x", "127.0.0.1:1/x cannot be reached: connect"],
  ])("%s fails and leaves nothing: %s", async (line, words) => {
    await writeFile(join(folder, "notes.tar.gz"), "no tar");
    const { status, out, err } = await gradus(line);
    expect([status, out]).toEqual([3, ""]);
    // Paths may be broken where a line ends.
    expect(err.replaceAll(" ", "")).toContain(words.replaceAll(" ", ""));
    expect(err).not.toContain("hush");
    expect(await readdir(folder)).toEqual(["notes.tar.gz"]);
  });
});
