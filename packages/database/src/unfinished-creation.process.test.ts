import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DatabaseMissingError, openExistingFolder, openFolder } from "./embedded.ts";
import { openOrCreate } from "./unfinished-creation.ts";
import { takesRestore } from "./unfinished-restore.ts";

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "gradus-creation-"));
  folder = join(parent, "database");
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

test("a database whose creation failed, as on a full disk, leaves nothing that looks like one", async () => {
  mkdirSync(folder);
  const failing = openOrCreate(folder, async () => {
    writeFileSync(join(folder, "PG_VERSION"), "18\n");
    throw new Error("no space left on device");
  });
  await expect(failing).rejects.toThrow("no space left on device");
  expect(readdirSync(parent)).toEqual(["database"]);
  expect(readdirSync(folder)).toEqual([]);
});

test("a database that was opened before stays when it cannot be opened", async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, "PG_VERSION"), "18\n");
  const failing = openOrCreate(folder, () => Promise.reject(new Error("cannot be opened")));
  await expect(failing).rejects.toThrow("cannot be opened");
  expect(readdirSync(folder)).toEqual(["PG_VERSION"]);
});

test("a database that somebody put in the place of an unfinished one stays", async () => {
  mkdirSync(folder);
  const cut = openOrCreate(folder, () => {
    renameSync(folder, `${folder}.away`);
    // Elsewhere, so that the file system gives it no number of the folder that it replaces.
    mkdirSync(`${folder}.copy`);
    writeFileSync(join(`${folder}.copy`, "PG_VERSION"), "18\n");
    renameSync(`${folder}.copy`, folder);
    return new Promise<never>(() => {});
  });
  // The process that creates never comes back.
  void cut;
  expect(takesRestore(folder)).toBe(false);
  expect(await openOrCreate(folder, async () => readdirSync(folder))).toEqual(["PG_VERSION"]);
  expect(readdirSync(parent)).toEqual(["database", "database.away"]);
});

test("a process that is killed while it creates a database leaves a folder that opens", async () => {
  const script = `import { openFolder } from ${JSON.stringify(join(import.meta.dirname, "embedded.ts"))};
    import { syncBuiltinESMExports } from "node:module";
    import fs from "node:fs";
    const write = fs.writeSync;
    // Postgres fills its catalogs after it has made this file.
    fs.writeSync = (...given) => {
      if (fs.existsSync(${JSON.stringify(join(folder, "PG_VERSION"))})) process.kill(process.pid, "SIGKILL");
      return write(...given);
    };
    syncBuiltinESMExports();
    await openFolder(${JSON.stringify(folder)});`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
  expect(existsSync(join(folder, "PG_VERSION"))).toBe(true);
  expect(takesRestore(folder)).toBe(true);
  await expect(openExistingFolder(folder)).rejects.toThrow(DatabaseMissingError);
  for (let i = 0; i < 2; i++) {
    const database = await openFolder(folder);
    await database.client.exec("create table if not exists kept (x int); insert into kept values (1)");
    const { rows } = await database.client.query("select count(*)::int as n from kept");
    expect(rows).toEqual([{ n: i + 1 }]);
    await database.close();
  }
  expect(readdirSync(parent)).toEqual(["database"]);
  expect(takesRestore(folder)).toBe(false);
});
