import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FolderLockedError } from "./lock.ts";
import { describeLocation, isServerUrl, openJobDatabase } from "./open.ts";

const ignore = () => undefined;

// Postgres in WebAssembly takes seconds to start where much else is going on.
describe("the embedded database", () => {
  let folder: string;
  let location: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gradus-jobs-"));
    location = join(folder, "database");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("keeps rows and jobs between two openings, and is one process' at a time", async () => {
    const first = await openJobDatabase(location, ignore);
    expect(first).toMatchObject({ embedded: true, description: location });
    await first.execute("create table t (x int); insert into t values (1), (2);");
    expect(await first.execute("select x + $1 as y from t order by x", [10])).toEqual([{ y: 11 }, { y: 12 }]);
    await first.jobs.createQueue("q");
    const id = await first.jobs.send("q", { a: 1 });
    await expect(openJobDatabase(location, ignore)).rejects.toThrow(FolderLockedError);
    await first.close();

    const second = await openJobDatabase(location, ignore);
    expect(await second.execute("select count(*)::int as n from t")).toEqual([{ n: 2 }]);
    expect((await second.jobs.fetch("q")).map((job) => [job.id, job.data])).toEqual([[id, { a: 1 }]]);
    await second.close();
  });

  test("gives a job to one worker at a time, and again when it fails", async () => {
    const { jobs, close } = await openJobDatabase(location, ignore);
    await jobs.createQueue("q", { retryLimit: 2 });
    await jobs.send("q", {});
    const [job] = await jobs.fetch("q");
    expect(await jobs.fetch("q")).toEqual([]);
    await jobs.fail("q", job.id);
    expect((await jobs.fetch("q")).map(({ id }) => id)).toEqual([job.id]);
    await close();
  });
});

test("a server is told by its URL", () => {
  expect(["postgres://h/d", "postgresql://u:p@h:1/d"].map(isServerUrl)).toEqual([true, true]);
  expect(["database", "/a/postgres", "C:\\postgres"].map(isServerUrl)).toEqual([false, false, false]);
});

test("what people are told of a database holds no password", () => {
  expect(describeLocation("postgres://me:secret@db.example:5432/papers")).toBe("db.example:5432/papers");
  expect(describeLocation("postgres://me:sec@ret@db.example/papers")).toBe("db.example/papers");
  expect(describeLocation("postgres://me:secret@db:port/papers")).not.toContain("secret");
  expect(describeLocation(".gradus/database")).toBe(".gradus/database");
});

test("a server that cannot be reached is an error, not a wait", async () => {
  await expect(openJobDatabase("postgres://localhost:1/none", ignore)).rejects.toThrow();
});
