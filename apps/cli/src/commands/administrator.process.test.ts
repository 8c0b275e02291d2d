import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCommand } from "../fixture/run-command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-administrator-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("prints the link that the site reads from its data folder, and replaces an earlier one", async () => {
  const links: string[] = [];
  for (let i = 0; i < 2; i++) {
    const { status, out, err } = await runCommand(`administrator --folder ${folder}`, { home: folder });
    expect(status).toBe(0);
    expect(out).toMatch(/^\/administrator\?key=[\w-]{43}\n$/);
    expect(err).toContain("it works once");
    expect(await readFile(join(folder, "administrator-link"), "utf8")).toContain(out);
    links.push(out);
  }
  expect(links[0]).not.toBe(links[1]);
});

test.each([
  ["administrator --folder ./none", 3, "there is no folder"],
  ["administrator now", 2, "too many arguments for 'administrator'"],
  ["administrator --fold x", 2, "Did you mean --folder?"],
])("%s ends with %i: %s", async (line, wanted, words) => {
  const { status, out, err } = await runCommand(line.replace("./", `${folder}/`), { home: folder });
  expect([status, out]).toEqual([wanted, ""]);
  expect(err).toContain(words);
});
