import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asc } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEmbedded } from "../database/connect.ts";
import { papers } from "../database/schema/index.ts";
import { archive } from "./testing/archive.ts";
import { type FakeArxiv, fakeArxiv } from "./testing/fake-arxiv.ts";

const START = new Date("2026-11-02T00:00:00Z");
const NOW = new Date("2026-11-05T04:15:00Z");
const PAPERS = archive({ start: START, days: 2, papersPerDay: 200, seed: 2 });

let folder: string;
let server: FakeArxiv;
let killAt: number | undefined;
let child: ReturnType<typeof spawn> | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gradus-ingest-"));
  server = await fakeArxiv({
    papers: () => PAPERS,
    now: () => NOW,
    mood(request) {
      if (request !== killAt) return "well";
      child?.kill("SIGKILL");
      return "stalled";
    },
  });
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the ingestion; resolves to the signal that ended it, or its exit status. */
function ingest(): Promise<string | number | null> {
  const script = join(import.meta.dirname, "testing", "ingest-process.ts");
  child = spawn(
    process.execPath,
    [script, join(folder, "database"), server.queryUrl.href, NOW.toISOString()],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const { promise, resolve } = Promise.withResolvers<string | number | null>();
  child.once("exit", (code, signal) => resolve(signal ?? code));
  return promise;
}

test("killed between two pages, and started again, it loses nothing and has nothing twice", async () => {
  killAt = 2;
  expect(await ingest()).toBe("SIGKILL");
  const before = server.requests.length;
  expect(before).toBe(3);
  expect(await ingest()).toBe(0);
  const { orm, close } = await openEmbedded(join(folder, "database"));
  try {
    const rows = await orm.select({ id: papers.arxivId }).from(papers).orderBy(asc(papers.arxivId));
    const announced = PAPERS.filter(({ announced: at, versions: [came] }) => at <= NOW && came >= START);
    expect(rows.map(({ id }) => id)).toEqual(announced.map(({ id }) => id).sort());
  } finally {
    await close();
  }
});
