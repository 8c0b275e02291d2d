import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openInFolder, openingFailure } from "./open-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Ends as a database does whose disk fills while it is made. */
async function halfMade(place: string): Promise<never> {
  mkdirSync(join(place, "base"));
  writeFileSync(join(place, "PG_VERSION"), "17\n");
  throw new Error("Aborted()");
}

test("half a new database goes, and the next start makes a whole one", async () => {
  const place = join(folder, "data", "database");
  await expect(openInFolder(place, halfMade)).rejects.toThrow(place);
  expect(readdirSync(place)).toEqual([]);
  expect(await openInFolder(place, async () => "open")).toBe("open");
});

test("what was in a folder before stays there", async () => {
  writeFileSync(join(folder, "letter"), "mine");
  await expect(openInFolder(folder, halfMade)).rejects.toThrow(folder);
  expect(readdirSync(folder).sort()).toEqual(["PG_VERSION", "base", "letter"]);
  expect(existsSync(join(folder, "letter"))).toBe(true);
});

test("a full disk is named, and any other reason is told", () => {
  const cause = new Error("Aborted()");
  expect(openingFailure("/var/lib/gradus/database", cause, { room: 3_900_000 })).toMatchObject({
    message:
      "the disk of the database folder /var/lib/gradus/database has 3 MB free; the database needs 64 MB to open",
    cause,
  });
  expect(openingFailure("/var/lib/gradus/database", cause, { room: 64_000_000 }).message).toBe(
    "the database in /var/lib/gradus/database could not be opened: Aborted()",
  );
});

test("a folder that another user wrote is told with the users, and how to hand it over", () => {
  const owner = process.getuid?.() ?? 0;
  const message = (user: number) =>
    openingFailure(folder, new Error("PGlite failed"), { room: 64_000_000, user }).message;
  expect(message(owner)).toBe(`the database in ${folder} could not be opened: PGlite failed`);
  expect(message(owner + 7)).toBe(
    `the database in ${folder} could not be opened: PGlite failed; ` +
      `${folder} belongs to user ${owner}, the site runs as user ${owner + 7}: chown -R ${owner + 7} ${folder}`,
  );
});
