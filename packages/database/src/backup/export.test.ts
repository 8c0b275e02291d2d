import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFolder } from "../embedded.ts";
import { openStatements } from "../statements.ts";
import { exportLines } from "./export.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-export-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The columns of the site's tables that decide the order. */
const tables = [
  "create table papers (id bigint primary key, title text)",
  "create table paper_authors (paper_id bigint, position int, name text)",
  "create table votes (paper_id bigint, voted_at timestamptz, weight real)",
  "create table claims (paper_id bigint, position int, code text)",
  "create table measurements (id bigint primary key, paper_id bigint, experiment text, profile text)",
];

const AT = "2025-12-25T12:00:00Z";

test("an export orders equal instants by what it exports, not by the order of insertion", async () => {
  const location = join(folder, "database");
  await (await openFolder(location)).close();
  const database = await openStatements(location);
  try {
    for (const table of tables) await database.query(table);
    const rows = [
      { weight: 1, position: 1, code: "C1", experiment: "a", profile: "full" },
      { weight: 2, position: 1, code: "C2", experiment: "a", profile: "quick" },
      { weight: 3, position: 2, code: "C3", experiment: "b", profile: "full" },
    ];
    // The same paper twice, its rows inserted forward and backward.
    let id = 0;
    for (const [paper, order] of [[1, rows] as const, [2, rows.toReversed()] as const]) {
      await database.query("insert into papers values ($1, 'twin')", [paper]);
      for (const row of order) {
        await database.query("insert into votes values ($1, $2, $3)", [paper, AT, row.weight]);
        await database.query("insert into claims values ($1, $2, $3)", [paper, row.position, row.code]);
        const measured = [++id, paper, row.experiment, row.profile];
        await database.query("insert into measurements values ($1, $2, $3, $4)", measured);
      }
    }
    const [, first, second] = await Array.fromAsync(exportLines(database, new Date(AT)));
    expect(second).toBe(first);
    const { votes, claims, measurements } = JSON.parse(first);
    expect(votes.map(({ weight }: { weight: number }) => weight)).toEqual([1, 2, 3]);
    expect(claims.map(({ code }: { code: string }) => code)).toEqual(["C1", "C2", "C3"]);
    expect(
      measurements.map((one: { experiment: string; profile: string }) => `${one.experiment} ${one.profile}`),
    ).toEqual(["a full", "a quick", "b full"]);
  } finally {
    await database.close();
  }
});
