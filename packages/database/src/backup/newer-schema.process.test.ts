// A backup of a newer version's database: the site of this version would not start on it.
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFolder } from "../embedded.ts";
import { migrations } from "../migrations/index.ts";
import { isServerUrl } from "../open.ts";
import { openStatements } from "../statements.ts";
import { backUp, FOLDER_BACKUP, SERVER_BACKUP } from "./dump.ts";
import { restoreBackup } from "./restore.ts";

const serverUrl = process.env.GRADUS_TEST_DATABASE_URL;
const REFUSAL = "has migration 9999_newer, which this version of gradus does not have";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-newer-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Notes migrations as applied, in the table that the site keeps of them. */
async function note(location: string, versions: readonly string[]): Promise<void> {
  if (!isServerUrl(location)) await (await openFolder(location)).close();
  const database = await openStatements(location);
  await database.query(`create table if not exists schema_migrations (
    version text primary key, checksum text not null, at timestamptz not null default now())`);
  for (const version of versions)
    await database.query("insert into schema_migrations values ($1, 'of a test')", [version]);
  await database.close();
}

async function noted(location: string): Promise<number> {
  const database = await openStatements(location);
  const [{ n }] = await database.query<{ n: number }>("select count(*)::int as n from schema_migrations");
  await database.close();
  return n;
}

const own = migrations.map(({ version }) => version);

test("of a folder, it is refused and leaves nothing behind; one of this version is restored", async () => {
  const [from, to] = [join(folder, "database"), join(folder, "restored")];
  const files = ["own", "newer"].map((name) => join(folder, `${name}${FOLDER_BACKUP}`));
  await note(from, own);
  await backUp(from, files[0]);
  await note(from, ["9999_newer"]);
  await backUp(from, files[1]);
  await expect(restoreBackup(files[1], to)).rejects.toThrow(`${files[1]} ${REFUSAL}`);
  expect([to, `${to}.lock`, `${to}.restoring`].filter(existsSync)).toEqual([]);
  await restoreBackup(files[0], to);
  expect(await noted(to)).toBe(own.length);
});

test("of a server, it is refused and nothing is restored; one of this version is", async ({ skip }) => {
  if (!serverUrl) return skip("GRADUS_TEST_DATABASE_URL is not set");
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  const names = ["a", "b"].map((end) => `gradus_${randomBytes(6).toString("hex")}_${end}`);
  const [from, to] = names.map((name) => Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href);
  const files = ["own", "newer"].map((name) => join(folder, `${name}${SERVER_BACKUP}`));
  try {
    for (const name of names) await admin`create database ${admin(name)}`;
    await note(from, own);
    await backUp(from, files[0]);
    await note(from, ["9999_newer"]);
    await backUp(from, files[1]);
    await expect(restoreBackup(files[1], to)).rejects.toThrow(`${files[1]} ${REFUSAL}`);
    await restoreBackup(files[0], to);
    expect(await noted(to)).toBe(own.length);
  } finally {
    for (const name of names) await admin`drop database if exists ${admin(name)} with (force)`;
    await admin.end();
  }
});
