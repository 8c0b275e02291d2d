import { and, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unaskedLabel } from "#lib/status-view.ts";
import type { Database } from "../database/connect.ts";
import { claims, ingestState, measurements, papers } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { type Jobs, startJobs } from "../jobs/start.ts";
import { syncRegistry } from "../papers/sync-registry.ts";
import { siteStatus } from "./site-status.ts";

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let jobs: Jobs;
  beforeAll(async () => {
    database = await openSeeded(open, syncRegistry);
    jobs = await startJobs(database, [
      { name: "idle", run: async () => {} },
      { name: "well", run: async () => {} },
    ]);
  });
  afterAll(async () => {
    await jobs?.close();
    await database?.close();
  });
  const status = () => siteStatus({ database, jobs, now: () => new Date("2025-12-25T12:00:00Z") });

  test("a fresh site: the seed's papers, no source, nothing measured, no model", async () => {
    const { papers: counts, sources, ingests, updated, claims: measured, model, ...rest } = await status();
    const { versions, megabytes } = rest;
    expect(ingests).toBe(false);
    expect(counts).toMatchObject({ featured: 21, days: 1, indexed: 21 });
    expect([sources, updated, model]).toEqual([[], undefined, undefined]);
    const stored = await database.orm.select().from(claims);
    expect(measured).toEqual({ total: stored.length, measured: 0, last: undefined, version: undefined });
    expect(versions.postgres).toMatch(/^\d+(\.\d+)?$/);
    expect(versions.schema).toMatch(/^\d{4}_/);
    expect(megabytes).toBeGreaterThan(1);
  });

  test("a site that fetches papers says so before it has done so first", async () => {
    for (const name of ["ingest-atom", "ingest-hugging-face"]) {
      const names = [...jobs.names, name];
      const { ingests, sources } = await siteStatus({ database, jobs: { names }, now: () => new Date() });
      expect([ingests, sources]).toEqual([true, []]);
    }
  });

  test("papers that came without a source are told, with when the last did", async () => {
    const names = [...jobs.names, "ingest-atom"];
    const at = () => siteStatus({ database, jobs: { names }, now: () => new Date() });
    expect((await at()).arrived).toEqual({ day: 0, week: 0, all: 0, last: undefined });
    expect(unaskedLabel(await at())).toBe("Configured; no papers fetched yet");
    const kept = await database.orm
      .select({ id: papers.id, created: papers.createdAt })
      .from(papers)
      .limit(3);
    for (const [i, { id }] of kept.entries())
      await database.orm
        .update(papers)
        .set({ lane: null, createdAt: sql`now() - make_interval(hours => ${[3, 50, 500][i]}::int)` })
        .where(eq(papers.id, id));
    const { arrived, ingests, sources } = await at();
    expect(sources).toEqual([]);
    expect(arrived).toMatchObject({ day: 1, week: 2, all: 3, last: { label: "3 h ago" } });
    expect(unaskedLabel({ arrived, ingests })).toBe("Configured; no scheduled run yet");
    expect(unaskedLabel({ arrived, ingests: false })).toBe("No ingestion source configured");
    for (const { id, created } of kept)
      await database.orm.update(papers).set({ lane: "seed", createdAt: created }).where(eq(papers.id, id));
  });

  test("a source that failed since its last success is named; one that recovered is well", async () => {
    const at = (hour: number) => new Date(Date.UTC(2025, 11, 25, hour));
    await database.orm.insert(ingestState).values([
      { source: "broken", okAt: at(4), error: "429 of the source", errorAt: at(10) },
      { source: "never", error: "503", errorAt: at(11) },
      { source: "well", okAt: at(9), error: "503", errorAt: at(8) },
    ]);
    const { sources, updated } = await status();
    expect(sources).toEqual([
      { name: "broken", ok: "8 h ago", failed: "2 h ago" },
      { name: "never", ok: undefined, failed: "1 h ago" },
      { name: "well", ok: "3 h ago", failed: undefined },
    ]);
    expect(updated).toMatchObject({ label: "3 h ago", stale: false });
    expect(JSON.stringify(sources)).not.toContain("429");
  });

  test("jobs are told with their last run, and with a failure that came after it", async () => {
    expect((await status()).jobs).toEqual([
      { name: "idle", ok: undefined, failed: undefined, running: false },
      { name: "well", ok: undefined, failed: undefined, running: false },
    ]);
    const ended = (state: string, hours: number) => sql`
      insert into pgboss.job (name, state, started_on, completed_on)
      values ('well', ${state}::pgboss.job_state, now() - make_interval(hours => ${hours}), now() - make_interval(hours => ${hours}))`;
    await database.orm.execute(ended("failed", 5));
    await database.orm.execute(ended("completed", 3));
    expect((await status()).jobs[1]).toEqual({
      ...{ name: "well", ok: "3 h ago", failed: undefined, running: false },
    });
    await database.orm.execute(ended("failed", 2));
    expect((await status()).jobs[1]).toMatchObject({ name: "well", ok: "3 h ago", failed: "2 h ago" });
  });

  test("measured claims are counted, and the latest measurement is told", async () => {
    const [claim] = await database.orm.select().from(claims).limit(1);
    const measure = (experiment: string, day: number, version: string) =>
      database.orm.insert(measurements).values({
        ...{ paperId: claim.paperId, experiment, profile: "quick", version, seeds: 20, ms: 1 },
        ...{ checks: [], undecided: [], measuredAt: new Date(Date.UTC(2025, 11, day)) },
        environment: { runtime: "Node 24.0.0", platform: "linux x64", cores: 2 },
      });
    await measure("one", 1, "0.0.9");
    await measure("two", 2, "0.1.0");
    await database.orm
      .update(claims)
      .set({ verdict: "mixed" })
      .where(and(eq(claims.paperId, claim.paperId), eq(claims.code, claim.code)));
    const { claims: measured } = await status();
    expect(measured).toMatchObject({ measured: 1, version: "0.1.0", last: { label: "Dec 2" } });
  });

  test("hidden papers are not counted", async () => {
    await database.orm.update(papers).set({ hidden: true }).where(eq(papers.arxivId, "2412.08424"));
    expect((await status()).papers).toMatchObject({ featured: 20, indexed: 20 });
  });
});
