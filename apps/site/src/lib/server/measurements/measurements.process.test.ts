import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Paper, papers as registry, resolveParameters } from "@gradus/papers";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { claimRuns, papers } from "../database/schema.ts";
import { engines } from "../database/testing.ts";
import { loadSeed } from "../seed/seed.ts";
import { syncRegistry } from "../sync-registry.ts";
import {
  type MeasuredClaim,
  MeasurementsError,
  parseMeasurements,
  readMeasurements,
  shippedMeasurements,
} from "./file.ts";
import { importMeasurements } from "./import.ts";
import { officialRuns } from "./official.ts";

const SLUG = "normalized-logistic-gd";

/** A claim measured once, with what the registry's quick profile says. */
async function measuredClaim(paper: Paper, figure: number, threshold: number): Promise<MeasuredClaim> {
  const [{ id: claim }] = paper.claims;
  const entry = paper.experiments.find(({ claims }) => claims.includes(claim));
  if (!entry) throw new Error("the first claim has no experiment");
  return {
    paper: paper.slug,
    claim,
    version: "0.1.0",
    runs: [
      {
        experiment: entry.id,
        profile: "quick",
        seed: 1,
        parameters: resolveParameters(await entry.load(), "quick"),
        environment: { runtime: "Node 24.0.0", platform: "linux x64", cores: 2 },
        startedAt: "2025-12-25T10:00:00.000Z",
        elapsed: 1200,
        checks: [{ claim, label: "steps", measured: figure, condition: { atMost: threshold } }],
      },
    ],
  };
}

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let paperId: number;
  let claim: MeasuredClaim;
  const paper = registry.find(({ slug }) => slug === SLUG);
  if (!paper) throw new Error(`${SLUG} is not registered`);

  const official = async () =>
    (await officialRuns(database.orm, paperId, SLUG)).filter((run) => run.checks[0].claim === claim.claim);

  beforeAll(async () => {
    database = await open();
    await migrate(database.orm);
    await loadSeed(database.orm);
    await syncRegistry(database.orm);
    [{ id: paperId }] = await database.orm
      .select({ id: papers.id })
      .from(papers)
      .where(eq(papers.specSlug, SLUG));
    claim = await measuredClaim(paper, 21, 30);
  });
  afterAll(() => database?.close());

  test("a measurement becomes the claim's official one, and importing it again changes nothing", async () => {
    expect(await importMeasurements(database.orm, [claim])).toEqual({ rows: 1, skipped: [] });
    const first = await database.orm.select().from(claimRuns);
    await importMeasurements(database.orm, [claim]);
    expect(await database.orm.select().from(claimRuns)).toEqual(first);
    expect(await official()).toMatchObject([
      {
        checks: [{ measured: 21, held: true }],
        environment: { runtime: "Node 24.0.0" },
        version: "0.1.0",
        ranAt: { label: "December 25, 2025" },
      },
    ]);
  });

  test("a claim whose threshold is made impossible did not hold, whatever the file says", async () => {
    const impossible = await measuredClaim(paper, 21, -1);
    const text = JSON.stringify([{ ...impossible, verdict: "held", checks: [{ held: true }] }]);
    await importMeasurements(database.orm, parseMeasurements("impossible.json", JSON.parse(text)));
    expect(await official()).toMatchObject([{ checks: [{ measured: 21, held: false }] }]);
    const [{ held }] = await database.orm.select({ held: claimRuns.held }).from(claimRuns);
    expect(held).toBe(false);
  });

  test("what was not a number holds nothing", async () => {
    const text = JSON.stringify([await measuredClaim(paper, Number.NaN, 30)]);
    await importMeasurements(database.orm, parseMeasurements("nan.json", JSON.parse(text)));
    expect((await official())[0].checks).toMatchObject([{ measured: Number.NaN, held: false }]);
  });

  test("the latest run of an experiment is the official one", async () => {
    const [run] = claim.runs;
    const later = { ...run, startedAt: "2026-01-01T00:00:00.000Z", seed: 7 };
    await importMeasurements(database.orm, [{ ...claim, runs: [later, run] }]);
    expect(await official()).toMatchObject([{ seed: 7, ranAt: { label: "January 1, 2026" } }]);
  });

  test("of runs that began at once the same one is official, in whatever order they were imported", async () => {
    const [run] = claim.runs;
    const elsewhere = { ...run, environment: { ...run.environment, platform: "darwin arm64" } };
    const imported = async (runs: MeasuredClaim["runs"]) => {
      await database.orm.execute(sql`delete from claim_runs`);
      await importMeasurements(database.orm, [{ ...claim, runs }]);
      return official();
    };
    expect(await imported([run, elsewhere])).toEqual(await imported([elsewhere, run]));
  });

  test("what the registry does not have, or has with other parameters, is left out by name", async () => {
    const [run] = claim.runs;
    const { skipped, rows } = await importMeasurements(database.orm, [
      { ...claim, paper: "no-such-paper" },
      { ...claim, claim: "C99" },
      { ...claim, runs: [{ ...run, experiment: "nothing" }] },
      { ...claim, runs: [{ ...run, parameters: { other: 1 } }] },
    ]);
    expect(rows).toBe(0);
    expect(skipped.join("\n")).toMatch(/no-such-paper.*C99.*nothing.*other parameters/s);
    expect(await official()).toEqual([]);
  });

  test("runs that readers sent stay when the official ones change", async () => {
    await importMeasurements(database.orm, [claim]);
    await database.orm.update(claimRuns).set({ origin: "reader" });
    await importMeasurements(database.orm, []);
    expect(await database.orm.select({ origin: claimRuns.origin }).from(claimRuns)).toEqual([
      { origin: "reader" },
    ]);
    await database.orm.execute(sql`delete from claim_runs`);
  });
});

test("the measurements that come with the site are of papers and experiments that it has", () => {
  const shipped = shippedMeasurements();
  expect(shipped.length).toBeGreaterThan(0);
  for (const { paper: slug, claim, runs } of shipped) {
    const paper = registry.find((one) => one.slug === slug);
    expect(paper?.claims.map(({ id }) => id)).toContain(claim);
    for (const { experiment } of runs) expect(paper?.experiments.map(({ id }) => id)).toContain(experiment);
  }
});

test("a file that is none is named, with what is wrong", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gradus-measurements-"));
  try {
    writeFileSync(join(folder, "whole.json"), "[]");
    writeFileSync(join(folder, "ignored.txt"), "no JSON");
    expect(await readMeasurements(folder)).toEqual([]);
    writeFileSync(join(folder, "cut.json"), '[{"paper":');
    await expect(readMeasurements(folder)).rejects.toThrow(MeasurementsError);
    writeFileSync(join(folder, "cut.json"), '[{"paper": 3}]');
    await expect(readMeasurements(folder)).rejects.toThrow(/cut\.json .* 0\.paper/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
