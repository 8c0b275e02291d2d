import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreBackup } from "@gradus/database/backup";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, openEmbedded } from "../../database/connect.ts";
import { pendingMigrations } from "../../database/migrate.ts";
import { papers } from "../../database/schema/index.ts";
import { openMigrated, openSeeded } from "../../database/testing.ts";
import { listPapers } from "../../papers/listing/query.ts";
import { backupFolder, backupJob, isDue, isMissing } from "./nightly.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-nightly-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function trending({ orm }: Database) {
  const parameters = { sort: "trending", topics: [], runnable: false, minVotes: 0 } as const;
  const list = await listPapers(orm, { last: "2025-12-25" }, parameters, { offset: 0, limit: 100 });
  return list.papers.map(({ arxivId, authors }) => [arxivId, ...authors]);
}

test("the site's backup restores to the same papers in the same order, ready for this version", {
  timeout: 300_000,
}, async () => {
  const database = await openSeeded(openMigrated);
  // Not the seed's own order.
  await database.orm
    .update(papers)
    .set({ votesCount: 3, hot: sql`hot + 2` })
    .where(sql`arxiv_id = '1806.07572'`);
  const now = new Date("2025-12-25T12:00:00Z");
  const { signal } = new AbortController();
  expect(isMissing(folder, now)).toBe(true);
  await backupJob(database, folder, () => now).run(signal);
  const [file] = readdirSync(folder);
  expect(file).toBe("gradus-20251225T120000Z.tar.gz");
  expect(isMissing(folder, new Date("2025-12-26T02:59:00Z"))).toBe(false);

  const target = join(folder, "restored");
  await restoreBackup(join(folder, file), target);
  const restored = await openEmbedded(target);
  expect(await trending(restored)).toEqual(await trending(database));
  expect((await trending(restored))[0][0]).toBe("1806.07572");
  expect(await pendingMigrations(restored.orm)).toEqual([]);
  await restored.close();

  // Asked for before an upgrade, say, though the night's is there: the latest of a day is kept.
  await backupJob(database, folder, () => new Date("2025-12-25T14:00:00Z")).run(signal);
  expect(readdirSync(folder)).toContain("gradus-20251225T140000Z.tar.gz");
  await database.close();
});

test("is due once after three in the night, UTC", () => {
  const made = [new Date("2025-12-24T03:05:00Z")];
  expect(isDue([], new Date("2025-12-24T14:00:00Z"))).toBe(true);
  expect(isDue(made, new Date("2025-12-24T23:59:00Z"))).toBe(false);
  expect(isDue(made, new Date("2025-12-25T02:59:59Z"))).toBe(false);
  expect(isDue(made, new Date("2025-12-25T03:00:00Z"))).toBe(true);
  // One of a clock that went wrong does not count for ever.
  expect(isDue([new Date("2030-01-01T00:00:00Z")], new Date("2025-12-25T03:00:00Z"))).toBe(true);
});

test("goes beside the embedded database, or where an operator says; not of a server, not in development", () => {
  const NODE_ENV = "production";
  expect(backupFolder({ NODE_ENV, GRADUS_DATABASE_DIR: "/data/database" })).toBe("/data/backups");
  expect(backupFolder({ NODE_ENV, DATABASE_URL: "postgres://h/d" })).toBeUndefined();
  expect(backupFolder({ NODE_ENV, DATABASE_URL: "postgres://h/d", GRADUS_BACKUP_DIR: "/b" })).toBe("/b");
  expect(backupFolder({ NODE_ENV: "development" })).toBeUndefined();
});
