import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  check,
  criterion,
  defineExperiment,
  experiment,
  inconclusive,
  type Measurement,
  type Paper,
  progress,
  papers as registry,
} from "@gradus/papers";
import { eq } from "drizzle-orm";
import { serializeCheckpoint } from "gradus/iterate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Database } from "../../database/connect.ts";
import { papers } from "../../database/schema/index.ts";
import { engines, openSeeded } from "../../database/testing.ts";
import { paperMarkdown } from "../../pages/markdown.ts";
import { paperByArxivId } from "../papers.ts";
import { syncRegistry } from "../sync-registry.ts";
import { measuredClaims } from "./claim-measurements.ts";
import { MeasurementsError, readMeasurements, shippedMeasurements } from "./file.ts";
import { importMeasurements, isImported, noteImport } from "./import.ts";
import { officialClaims, officialMeasurements } from "./official.ts";

const SLUG = "normalized-logistic-gd";

/** A paper in the place of one of the seed's, whose experiment counts steps; at most so many hold the claim. */
function counting(most: number): Paper {
  const definition = defineExperiment({
    description: "Counts steps.",
    parameters: z.object({ size: z.int().default(10).describe("size") }),
    profiles: { quick: {}, full: { size: 100 } },
    seconds: { quick: 1, full: 1 },
    plots: [],
    async *measure() {
      yield progress(1, "done");
      return { steps: 21 };
    },
    judge: ({ steps }) =>
      steps < 0
        ? [inconclusive("C1", "Too few steps.")]
        : [check("C1", "steps", steps, { atMost: most }, criterion("as told"))],
    present: ({ steps }) => ({ headline: `${steps} steps.`, summary: [], captions: {} }),
  });
  const seed = registry.find(({ slug }) => slug === SLUG);
  if (!seed) throw new Error(`${SLUG} is not registered`);
  const claim = {
    id: "C1",
    statement: "Few steps suffice.",
    short: "few steps",
    source: "abstract",
    reported: "30",
  };
  const load = async () => ({ default: definition });
  return {
    ...{ slug: SLUG, number: seed.number, arxivId: seed.arxivId, title: seed.title, remarks: [] },
    claims: [claim, { ...claim, id: "C2" }],
    experiments: [experiment({ id: "count", title: "Steps", claims: ["C1"], load })],
  };
}

const measurement = (steps: readonly number[], changes: Partial<Measurement> = {}): Measurement => ({
  paper: SLUG,
  experiment: "count",
  profile: "quick",
  parameters: { size: 10 },
  version: "0.1.0",
  environment: { runtime: "Node 24.0.0", platform: "linux x64", cores: 2 },
  seeds: steps.map((value, k) => ({
    seed: k + 1,
    findings: { steps: value },
    startedAt: "2025-12-25T10:00:00.000Z",
    elapsed: 1200,
  })),
  ...changes,
});

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let paperId: number;

  const store = (measured: readonly Measurement[], most = 30) =>
    importMeasurements(database.orm, measured, [counting(most)]);
  const verdicts = async () =>
    (await officialClaims(database.orm, paperId)).map(({ quick }) => quick?.verdict);

  beforeAll(async () => {
    database = await openSeeded(open);
    await syncRegistry(database.orm, [counting(30)]);
    [{ id: paperId }] = await database.orm
      .select({ id: papers.id })
      .from(papers)
      .where(eq(papers.specSlug, SLUG));
  });
  afterAll(() => database?.close());

  test("findings of seeds become the claim's official verdict, and importing them again changes nothing", async () => {
    expect(await store([measurement([21, 22, 40])])).toEqual({ rows: 1, skipped: [] });
    const first = await officialClaims(database.orm, paperId);
    expect(first[0].quick).toMatchObject({
      verdict: "mixed",
      runs: { held: 2, of: 3 },
      byCriterion: true,
      checks: [{ label: "steps", measured: [21, 22, 40], held: 2 }],
    });
    expect(first[1]).toEqual({ claim: "C2" });
    await store([measurement([21, 22, 40])]);
    expect(await officialClaims(database.orm, paperId)).toEqual(first);
    expect(await officialMeasurements(database.orm, paperId)).toMatchObject([
      { experiment: "count", seeds: 3, seconds: 3.6, version: "0.1.0", on: { label: "December 25, 2025" } },
    ]);
  });

  test("kept findings are judged anew when a criterion changes", async () => {
    await store([measurement([21, 22, 40])], 50);
    expect(await verdicts()).toEqual(["held", undefined]);
    await store([measurement([21, 22, 40])], 1);
    expect(await verdicts()).toEqual(["did not hold", undefined]);
  });

  test("what is not a number holds nothing, and what is undecided is inconclusive", async () => {
    await store([measurement([Number.NaN])]);
    expect(await verdicts()).toEqual(["did not hold", undefined]);
    expect((await officialClaims(database.orm, paperId))[0].quick?.checks[0].measured).toEqual([Number.NaN]);
    await store([measurement([-1])]);
    const [{ quick }] = await officialClaims(database.orm, paperId);
    expect(quick).toMatchObject({ verdict: "inconclusive", reason: "Too few steps." });
  });

  test("infinite figures stay infinite in the database and have words in the API", async () => {
    await store([measurement([21, Number.POSITIVE_INFINITY, Number.NaN])]);
    const [{ quick }] = await officialClaims(database.orm, paperId);
    expect(quick?.checks[0].measured).toEqual([21, Number.POSITIVE_INFINITY, Number.NaN]);
    const [{ measurements: own }] = await measuredClaims(database.orm, paperId);
    expect(own[0].checks[0].measured).toEqual([21, "Infinity", "NaN"]);
  });

  test("a paper's Markdown has its figures as its page does, on their side of the condition", async () => {
    const of = async (figure: number) => {
      await store([measurement([figure])]);
      const paper = await paperByArxivId(database.orm, counting(30).arxivId);
      if (!paper) throw new Error("the paper is not stored");
      return paperMarkdown(database.orm, paper, "https://papers.example.org");
    };
    expect(await of(21.4321)).toContain("steps: 21.4, wanted at most 30 (held)");
    expect(await of(30.04)).toContain("steps: 30.04, wanted at most 30 (did not hold)");
  });

  test("the later measurement counts, in whatever order they come; the full size is told apart", async () => {
    const [seed] = measurement([40]).seeds;
    const later = measurement([40], { seeds: [{ ...seed, startedAt: "2026-01-01T00:00:00.000Z" }] });
    const full = measurement([22], { profile: "full", parameters: { size: 100 } });
    for (const order of [
      [measurement([21]), later, full],
      [full, later, measurement([21])],
    ]) {
      await store(order);
      const [{ quick, full: whole }] = await officialClaims(database.orm, paperId);
      expect([quick?.verdict, whole?.verdict]).toEqual(["did not hold", "held"]);
    }
  });

  test("what the registry does not have, or has with other parameters, is left out by name", async () => {
    const { skipped, rows } = await store([
      measurement([21], { paper: "no-such-paper" }),
      measurement([21], { experiment: "nothing" }),
      measurement([21], { parameters: { size: 11 } }),
      measurement([21], { seeds: [{ ...measurement([21]).seeds[0], findings: null }] }),
    ]);
    expect(rows).toBe(0);
    expect(skipped.join("\n")).toMatch(/no-such-paper.*nothing.*other parameters.*another form/s);
    expect(await verdicts()).toEqual([undefined, undefined]);
  });

  test("a build's measurements are imported once, as long as build and papers are the same", async () => {
    const { orm } = database;
    expect(await isImported(orm, "build 1")).toBe(false);
    await noteImport(orm, "build 1");
    expect(await isImported(orm, "build 1")).toBe(true);
    expect(await isImported(orm, "build 2")).toBe(false);
    await noteImport(orm, "build 2");
    expect([await isImported(orm, "build 1"), await isImported(orm, "build 2")]).toEqual([false, true]);
    const runs = eq(papers.specSlug, SLUG);
    const [{ id }] = await orm.select({ id: papers.id }).from(papers).where(runs);
    await orm.update(papers).set({ specSlug: null }).where(runs);
    expect(await isImported(orm, "build 2")).toBe(false);
    await orm.update(papers).set({ specSlug: SLUG }).where(eq(papers.id, id));
    expect(await isImported(orm, "build 2")).toBe(true);
    // Those of an operator's folder took their place.
    await noteImport(orm, undefined);
    expect(await isImported(orm, "build 2")).toBe(false);
  });
});

test("the measurements that come with the site are of experiments that it has, as they are", async () => {
  const shipped = shippedMeasurements();
  expect(shipped.length).toBeGreaterThan(0);
  for (const { paper: slug, experiment: id } of shipped)
    expect(registry.find((one) => one.slug === slug)?.experiments.map((one) => one.id)).toContain(id);
});

test("a file that is none is named, with what is wrong", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gradus-measurements-"));
  const content = (measured: readonly unknown[]) =>
    serializeCheckpoint({ gradus: "measurements", format: 1, measurements: measured });
  try {
    writeFileSync(join(folder, "whole.json"), content([measurement([Number.NaN])]));
    writeFileSync(join(folder, "ignored.txt"), "no JSON");
    expect(await readMeasurements(folder)).toEqual([measurement([Number.NaN])]);
    writeFileSync(join(folder, "cut.json"), '[{"paper":');
    await expect(readMeasurements(folder)).rejects.toThrow(MeasurementsError);
    writeFileSync(join(folder, "cut.json"), content([{ paper: 3 }]));
    await expect(readMeasurements(folder)).rejects.toThrow(/cut\.json .* measurements\.0\.paper/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
