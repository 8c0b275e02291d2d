import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DatabaseMissingError, openFolder } from "../embedded.ts";
import { isServerUrl } from "../open.ts";
import { DatabaseUnreachableError } from "../reachable.ts";
import { openStatements } from "../statements.ts";
import { backUpWithRetention } from "./backup-folder.ts";
import { backUp, backupName, backupTime, dumpEmbedded, FOLDER_BACKUP, SERVER_BACKUP } from "./dump.ts";
import { restoreBackup } from "./restore.ts";
import { RestoreError } from "./restore-error.ts";

const serverUrl = process.env.GRADUS_TEST_DATABASE_URL;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-backup-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Names with all that could go wrong on the way, and sums of many rows. */
async function fill(location: string): Promise<void> {
  if (!isServerUrl(location)) await (await openFolder(location)).close();
  const database = await openStatements(location);
  await database.query("create table t (id int primary key, name text not null)");
  await database.query("insert into t select i, 'Lê 🦉 \\ ''' || i from generate_series(1, 3000) i");
  await database.close();
}

async function content(location: string) {
  const database = await openStatements(location);
  const [row] = await database.query(
    "select count(*)::int as n, sum(id)::int as sum, max(name) as last from t",
  );
  await database.close();
  return row;
}
const filled = { n: 3000, sum: 4_501_500, last: "Lê 🦉 \\ '999" };

describe("of a folder", () => {
  test("a backup restores to the same rows in an empty folder, and into no other", async () => {
    const from = join(folder, "database");
    const to = join(folder, "restored");
    const file = join(folder, "kept", backupName(new Date(0), FOLDER_BACKUP));
    await fill(from);
    await backUp(from, file);
    expect(statSync(file).mode & 0o077).toBe(0);
    await restoreBackup(file, to);
    expect(await content(to)).toEqual(filled);
    await expect(restoreBackup(file, to)).rejects.toThrow(RestoreError);
    expect(await content(to)).toEqual(filled);
  });

  test("a restore that was killed leaves no database, and the next one begins anew", async () => {
    const from = join(folder, "database");
    const to = join(folder, "restored");
    const file = join(folder, backupName(new Date(0), FOLDER_BACKUP));
    await fill(from);
    await backUp(from, file);
    const module = JSON.stringify(new URL("restore.ts", import.meta.url).href);
    const program = `import { restoreBackup } from ${module};
      await restoreBackup(${JSON.stringify(file)}, ${JSON.stringify(to)});`;
    mkdirSync(to);
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: "ignore" });
    const ended = once(child, "close");
    while (child.exitCode === null && readdirSync(to).length === 0) await setTimeout(1);
    child.kill("SIGKILL");
    expect((await ended)[1]).toBe("SIGKILL");
    expect(readdirSync(to)).not.toEqual([]);
    await expect(openFolder(to)).rejects.toThrow(`restoring a backup into ${to} was interrupted`);
    await restoreBackup(file, to);
    expect(await content(to)).toEqual(filled);
    expect(existsSync(`${to}.restoring`)).toBe(false);
  });

  test("a restore that was killed while it read the backup leaves no folder to begin a new site in", async () => {
    const to = join(folder, "restored");
    const file = join(folder, `slow${FOLDER_BACKUP}`);
    execFileSync("mkfifo", [file]);
    const source = `import { restoreBackup } from ${JSON.stringify(import.meta.resolve("./restore.ts"))};
await restoreBackup(${JSON.stringify(file)}, ${JSON.stringify(to)});`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", source], { stdio: "ignore" });
    const ended = once(child, "exit");
    // It is opened for reading once somebody writes.
    const pipe = await open(file, "w");
    child.kill("SIGKILL");
    expect((await ended)[1]).toBe("SIGKILL");
    await pipe.close();
    await expect(openFolder(to)).rejects.toThrow(`restoring a backup into ${to} was interrupted`);
    expect(existsSync(to)).toBe(false);
  });

  test("a file that is no backup leaves nothing behind", async () => {
    const file = join(folder, `broken${FOLDER_BACKUP}`);
    writeFileSync(file, "no tar");
    const to = join(folder, "restored");
    await expect(restoreBackup(file, to)).rejects.toThrow("is damaged or is not a backup");
    writeFileSync(file, gzipSync("an archive of something else"));
    await expect(restoreBackup(file, to)).rejects.toThrow("is damaged or is not a backup");
    expect(existsSync(to)).toBe(false);
    expect(existsSync(`${to}.lock`)).toBe(false);
    await expect(restoreBackup(join(folder, "none.tar.gz"), to)).rejects.toThrow("does not exist");
    await expect(restoreBackup(file, "postgres://localhost/x")).rejects.toThrow(".dump");
  });

  test("a folder that is in use is neither read nor written", async () => {
    const path = join(folder, "database");
    const open = await openFolder(path);
    await expect(backUp(path, join(folder, "b.tar.gz"))).rejects.toThrow("is open in process");
    await open.close();
    expect(readdirSync(folder)).toEqual(["database"]);
  });

  test("where there is none, none is made", async () => {
    const path = join(folder, "none");
    await expect(backUp(path, join(folder, "b.tar.gz"))).rejects.toThrow(DatabaseMissingError);
    await expect(openStatements(path)).rejects.toThrow(`there is no database in ${path}`);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("of a server, a backup restores to the same rows in an empty database", async ({ skip }) => {
  if (!serverUrl) return skip("GRADUS_TEST_DATABASE_URL is not set");
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  const names = ["a", "b"].map((end) => `gradus_${randomBytes(6).toString("hex")}_${end}`);
  const urls = names.map((name) => {
    const own = new URL(serverUrl);
    own.pathname = `/${name}`;
    return own.href;
  });
  try {
    for (const name of names) await admin`create database ${admin(name)}`;
    const file = join(folder, `backup${SERVER_BACKUP}`);
    // Nothing to back up, as where the address names another database.
    await expect(backUp(urls[0], file)).rejects.toThrow(DatabaseMissingError);
    expect(existsSync(file)).toBe(false);
    await fill(urls[0]);
    await backUp(urls[0], file);
    await restoreBackup(file, urls[1]);
    expect(await content(urls[1])).toEqual(filled);
    // A second time there are tables already: nothing is changed.
    await expect(restoreBackup(file, urls[1])).rejects.toThrow(
      `/${names[1]} is not empty; restore into an empty database`,
    );
    expect(await content(urls[1])).toEqual(filled);
  } finally {
    for (const name of names) await admin`drop database if exists ${admin(name)} with (force)`;
    await admin.end();
  }
});

test("of a server, a backup restores for an owner whose extensions an administrator made", async ({
  skip,
}) => {
  if (!serverUrl) return skip("GRADUS_TEST_DATABASE_URL is not set");
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  const role = `gradus_${randomBytes(6).toString("hex")}`;
  const names = ["a", "b", "bare"].map((end) => `${role}_${end}`);
  try {
    await admin`create role ${admin(role)} login password 'of-a-test'`;
    const urls: string[] = [];
    for (const name of names) {
      await admin`create database ${admin(name)} owner ${admin(role)}`;
      const own = new URL(serverUrl);
      own.pathname = `/${name}`;
      if (!name.endsWith("_bare")) {
        const within = postgres(own.href, { max: 1, onnotice: () => {} });
        await within`create extension vector`;
        await within.end();
      }
      Object.assign(own, { username: role, password: "of-a-test" });
      urls.push(own.href);
    }
    await fill(urls[0]);
    const file = join(folder, `backup${SERVER_BACKUP}`);
    await backUp(urls[0], file);
    await restoreBackup(file, urls[1]);
    expect(await content(urls[1])).toEqual(filled);
    await expect(restoreBackup(file, urls[2])).rejects.toThrow(`/${names[2]} has no extension "vector"`);
  } finally {
    for (const name of names) await admin`drop database if exists ${admin(name)} with (force)`;
    await admin`drop role if exists ${admin(role)}`;
    await admin.end();
  }
});

test("a server that cannot be reached is told by its address, without the password", async () => {
  const opening = openStatements("postgres://me:hush@127.0.0.1:1/papers");
  await expect(opening).rejects.toThrow(DatabaseUnreachableError);
  await expect(opening).rejects.toThrow(/^cannot reach the database 127\.0\.0\.1:1\/papers: connect/);
});

test("keeping removes what is too old, and nothing that is not a backup", async () => {
  writeFileSync(join(folder, "notes.txt"), "");
  for (let day = 1; day <= 20; day++)
    await backUpWithRetention(folder, {
      time: new Date(Date.UTC(2025, 11, day, 3)),
      ending: FOLDER_BACKUP,
      dump: async (file) => writeFileSync(file, ""),
    });
  // Sundays 30 (November) to 14, the week's last so far, the 20th, and the seven days up to it.
  expect(readdirSync(folder).sort()).toEqual([
    ...["07", "14", "15", "16", "17", "18", "19", "20"].map((day) => `gradus-202512${day}T030000Z.tar.gz`),
    "notes.txt",
  ]);
});

test("what a killed process left of a backup is removed before the next, what is being written is not", async () => {
  const [left, current, foreign] = [
    "gradus-20251201T030000Z.tar.gz.draft",
    "gradus-20251203T030000Z.dump.draft",
    "notes.draft",
  ].map((name) => join(folder, name));
  for (const file of [left, current, foreign]) writeFileSync(file, "part");
  const dayAgo = new Date(Date.now() - 86_400_000);
  for (const file of [left, foreign]) utimesSync(file, dayAgo, dayAgo);
  await backUpWithRetention(folder, {
    time: new Date(Date.UTC(2025, 11, 4, 3)),
    ending: FOLDER_BACKUP,
    async dump(file) {
      expect(existsSync(left)).toBe(false);
      writeFileSync(file, "");
    },
  });
  expect(readdirSync(folder).sort()).toEqual([
    ...["gradus-20251203T030000Z.dump.draft", "gradus-20251204T030000Z.tar.gz", "notes.draft"],
  ]);
});

test("a backup's name tells its time", () => {
  const time = new Date("2025-12-25T03:04:05.678Z");
  expect(backupName(time, FOLDER_BACKUP)).toBe("gradus-20251225T030405Z.tar.gz");
  expect(backupTime("gradus-20251225T030405Z.dump")).toEqual(new Date("2025-12-25T03:04:05Z"));
  expect(backupTime("gradus-20251225T030405Z.tar.gz.draft")).toBeUndefined();
});

test("what is packed is what the open database gives, unpacked: it answers nobody while it makes an archive", async () => {
  const archive = randomBytes(3_000_000);
  const asked: string[] = [];
  const client = {
    async dumpDataDir(compression: "none") {
      asked.push(compression);
      return new Blob([archive]);
    },
  };
  const file = join(folder, "packed", backupName(new Date(0), FOLDER_BACKUP));
  await dumpEmbedded(client, file);
  expect(asked).toEqual(["none"]);
  expect(gunzipSync(readFileSync(file)).equals(archive)).toBe(true);
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(readdirSync(join(folder, "packed"))).toEqual([backupName(new Date(0), FOLDER_BACKUP)]);
});
