// `gradus db` on the database of a site: the program as an operator starts it, beside the production server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, lstatSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { migrations } from "@gradus/database/migrations";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEmbedded } from "../src/lib/server/database/connect.ts";
import { rowsOf } from "../src/lib/server/database/rows.ts";
import { papers } from "../src/lib/server/database/schema/index.ts";
import seed from "../src/lib/server/papers/seed/seed-papers.json" with { type: "json" };
import { startServer, type TestServer } from "./server.ts";
import { copySeeded } from "./shared.ts";

const CLOCK = { GRADUS_NOW: "2025-12-25T12:00:00Z", GRADUS_ALLOW_CLOCK: "1" };
const program = fileURLToPath(new URL("../../cli/bin/gradus.js", import.meta.url));
/** More votes and a higher score than the rest, so that the order is not the seed's. */
const ORDER = 15;
const VOTED = seed[ORDER - 1].arxivId;

let folder: string;
let database: string;

/** Carries out a command line in the folder of the test. */
async function gradus(...args: string[]) {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [program, "db", ...args], {
    cwd: folder,
    env: { ...env, GRADUS_HOME: ".gradus" },
  });
  let [out, err] = ["", ""];
  // A character may be split over two chunks of a pipe.
  child.stdout.setEncoding("utf8");
  child.stderr.setEncoding("utf8");
  child.stdout.on("data", (data) => {
    out += data;
  });
  child.stderr.on("data", (data) => {
    err += data;
  });
  const [status] = await once(child, "close");
  // Messages are wrapped to the width of a terminal.
  return { status, out, err: err.replace(/\s+/g, " ") };
}

const start = (path: string) => startServer({ environment: { ...CLOCK, GRADUS_DATABASE_DIR: path }, folder });
async function trending(site: TestServer): Promise<string[]> {
  const list = await (await fetch(`${site.origin}/api/v1/papers?sort=trending`)).json();
  return list.papers.map(({ id, votes, authors }: { id: string; votes: number; authors: string[] }) =>
    [id, votes, ...authors].join(", "),
  );
}

/** Rows of every table of the site. */
async function counts(path: string): Promise<Record<string, number>> {
  const opened = await openEmbedded(path);
  try {
    const tables = rowsOf<{ name: string }>(
      await opened.orm.execute(sql`
        select table_name as name from information_schema.tables
        where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`),
    );
    const found: Record<string, number> = {};
    for (const { name } of tables) found[name] = await opened.orm.$count(sql.identifier(name));
    return found;
  } finally {
    await opened.close();
  }
}

beforeAll(() => {
  folder = copySeeded();
  database = join(folder, "database");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("gradus db", { timeout: 300_000 }, () => {
  test("keeps its hands off the database of a running site, and says whose it is", async () => {
    const server = await start(database);
    try {
      const { status, out, err } = await gradus("backup", "--database", database);
      expect([status, out]).toEqual([3, ""]);
      expect(err).toMatch(/is open in process \d+; stop that process/);
      expect(await trending(server)).toHaveLength(21);
    } finally {
      expect(await server.stop()).toBe(0);
    }
    expect(readdirSync(join(folder, ".gradus", "backups"))).toEqual([]);
  });

  test("a backup restores into an empty folder: the same counts, and a site with the same order", async () => {
    const opened = await openEmbedded(database);
    await opened.orm.update(papers).set({ votesCount: 3, hot: sql`hot + 2` }).where(sql`arxiv_id = ${VOTED}`);
    await opened.close();
    const backup = await gradus("backup", "--database", database, "--folder", "kept");
    expect(backup).toMatchObject({ status: 0, err: "" });
    const file = backup.out.trim();
    expect(file).toMatch(/^kept\/gradus-\d{8}T\d{6}Z\.tar\.gz$/);
    const restored = join(folder, "restored");
    expect(await gradus("restore", file, "--database", restored)).toEqual({
      status: 0,
      out: `restored into ${restored}\n`,
      err: "",
    });
    const rows = await counts(restored);
    expect(rows).toEqual(await counts(database));
    expect(rows).toMatchObject({ papers: 21, paper_embeddings: 21, topics: 13 });
    const server = await start(restored);
    try {
      const inOrder = [seed[ORDER - 1], ...seed.filter(({ order }) => order !== ORDER)];
      expect(await trending(server)).toEqual(
        inOrder.map(({ arxivId, authors }) => [arxivId, arxivId === VOTED ? 3 : 0, ...authors].join(", ")),
      );
    } finally {
      await server.stop();
    }
  });

  test("an export is a line for every paper, with authors, votes without persons, and measured claims", async () => {
    const printed = await gradus("export", "--database", database);
    expect(printed).toMatchObject({ status: 0, err: "" });
    const [head, ...lines] = printed.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(head).toMatchObject({ type: "gradus-export", version: 1, papers: 21 });
    expect(lines.map(({ arxiv_id: id }) => id).sort()).toEqual(seed.map(({ arxivId }) => arxivId).sort());
    for (const line of lines) {
      const paper = seed.find(({ arxivId }) => arxivId === line.arxiv_id);
      expect(line).toMatchObject({ type: "paper", title: paper?.title, authors: paper?.authors, votes: [] });
      expect(line).not.toHaveProperty("submitted_by");
      if (line.spec_slug) expect(line.claims.length).toBeGreaterThan(0);
    }
    expect(lines.flatMap(({ measurements }) => measurements).length).toBeGreaterThan(0);

    const file = join(folder, "papers.ndjson");
    const written = await gradus("export", "--database", database, "--out", file);
    expect(written).toMatchObject({ status: 0, out: "" });
    expect(written.err).toContain("21 papers written");
    const [, ...same] = readFileSync(file, "utf8").trim().split("\n");
    expect(same).toEqual(printed.out.trim().split("\n").slice(1));

    // a link stays, and what it points to is written
    const link = join(folder, "latest.ndjson");
    writeFileSync(file, "old");
    symlinkSync(file, link);
    expect(await gradus("export", "--database", database, "--out", link)).toMatchObject({ status: 0 });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, "utf8").trim().split("\n").slice(1)).toEqual(same);
  });

  test("a plan tells applied steps from unknown ones, on which the site refuses to start", async () => {
    const plan = await gradus("migrate", "--plan", "--database", database);
    expect(plan).toMatchObject({ status: 0, err: "" });
    const planned = plan.out.trim().split("\n");
    expect(planned.map((line) => line.split(" ")[0])).toEqual(migrations.map(({ version }) => version));
    for (const line of planned) expect(line).toMatch(/^\S+ {2}applied {2}\d{4}-\d\d-\d\d \d\d:\d\d UTC$/);

    const newer = join(folder, "newer");
    cpSync(database, newer, { recursive: true });
    const opened = await openEmbedded(newer);
    await opened.orm.execute(sql`insert into schema_migrations values ('9999_later', 'x')`);
    await opened.orm.execute(sql`delete from schema_migrations where version like '0008%'`);
    await opened.close();
    const refused = await gradus("migrate", "--plan", "--database", newer);
    expect(refused.status).toBe(3);
    expect(refused.out).toMatch(/^0008_\w+ {2}pending$/m);
    expect(refused.out).toMatch(/^9999_later {2}unknown/m);
    expect(refused.err).toContain("the site would not start: 9999_later is unknown");
    await expect(start(newer)).rejects.toThrow("upgrade gradus");
  });
});
