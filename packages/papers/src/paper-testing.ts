// Helpers for the tests of all papers.
import { parseCheckpoint, serializeCheckpoint } from "gradus/iterate";
import { expect, vi } from "vitest";
import type { z } from "zod";
import type { Judgment } from "./check.ts";
import type { ExperimentDefinition, Presentation } from "./experiment.ts";
import type { Paper } from "./paper.ts";
import type { InterruptedMethod } from "./resumable-parts.ts";
import {
  type Judged,
  judged,
  type RunCheckpoint,
  type RunEvent,
  type RunOptions,
  type RunReport,
  runExperiment,
} from "./run.ts";

const environment = { runtime: "test", platform: "test", cores: 1 };

/** What must not differ between a run and the same run resumed. */
function measured({ startedAt: _, elapsed: __, ...rest }: RunReport): object {
  return rest;
}

const asRead = (checkpoint: RunCheckpoint) =>
  parseCheckpoint(serializeCheckpoint(checkpoint)) as RunCheckpoint;

/** The iterates of a method from which its run is resumed. */
interface KeptIterates {
  /** Iterates stored so far. */
  readonly count: number;
  /** The last two. */
  readonly latest: readonly InterruptedMethod[];
  /** Those whose number, from 1 on, was half and all of the largest power of two so far. */
  readonly powers: readonly InterruptedMethod[];
}

function withIterate(kept: KeptIterates | undefined, iterate: InterruptedMethod): KeptIterates {
  const { count: before, latest, powers } = kept ?? { count: 0, latest: [], powers: [] };
  const count = before + 1;
  const isPower = (count & (count - 1)) === 0;
  return {
    count,
    latest: [...latest.slice(-1), iterate],
    powers: isPower ? [...powers.slice(-1), iterate] : powers,
  };
}

/** With fewer iterates than this there is none in the middle. */
const LEAST_ITERATES = 4;

/** Of each method the iterate before the last, but of the one with the fewest iterates, one from its middle. */
function resumedFrom(kept: Readonly<Record<string, KeptIterates>>): Record<string, InterruptedMethod> {
  const entries = Object.entries(kept);
  const [shortest] = entries
    .filter(([, { count }]) => count >= LEAST_ITERATES)
    .sort(([, a], [, b]) => a.count - b.count);
  return Object.fromEntries(
    entries.map(([key, { latest, powers }]) => [key, key === shortest?.[0] ? powers[0] : latest[0]]),
  );
}

/** Milliseconds, a power of two: sums of them are exact. */
const TICK = 2 ** -20;

/** Readings of the ticking clock between two checkpoints inside a stage. */
export const EVERY_THOUSAND_TICKS = 1000 * TICK;

/**
 * A clock that moves on by a tick whenever it is read, until mocks are restored: a method reads it equally often in a
 * run and in the same run resumed, so that the times that they measure agree too.
 */
export function useTickingClock(): void {
  let ticks = 0;
  vi.spyOn(performance, "now").mockImplementation(() => TICK * ++ticks);
}

/** Runs a paper's experiments to their end, or to a checkpoint, with some options in common. */
export function paperRuns(paper: Paper, common: Partial<RunOptions> = {}) {
  async function load(id: string) {
    const entry = paper.experiments.find((experiment) => experiment.id === id);
    if (!entry) throw new Error(`no experiment ${id}`);
    return entry.load();
  }

  /** Runs to the end, or to the checkpoint after `stages` stages. */
  async function run(id: string, changes: Partial<RunOptions> = {}, stages = Number.POSITIVE_INFINITY) {
    const checkpoints: RunCheckpoint[] = [];
    const iterates: Record<string, KeptIterates> = {};
    const options = { paper: paper.slug, environment, checkpointInterval: 0, ...common, ...changes };
    const events = runExperiment(await load(id), options);
    let last: RunEvent | undefined;
    for (;;) {
      const next = await events.next();
      if (next.done) return { report: next.value, checkpoints, methods: resumedFrom(iterates) };
      if (next.value.kind === "checkpoint") {
        const { checkpoint } = next.value;
        if (last?.kind === "stage") checkpoints.push(checkpoint);
        else if (last?.kind === "iterate" && checkpoint.methods)
          iterates[last.key] = withIterate(iterates[last.key], checkpoint.methods[last.key]);
      }
      last = next.value;
      if (checkpoints.length >= stages) {
        await events.return(undefined as never);
        return { report: undefined, checkpoints, methods: resumedFrom(iterates) };
      }
    }
  }

  /**
   * The report of a whole run, after checking that runs resumed from checkpoints, read back from text, give the same
   * report: from the last finished stage, because everything measured in a stage must be in the value that the stage
   * returns; and from the last iterates but one or two of all methods, of one method from an iterate in its middle, because
   * what is collected of iterates must be kept.
   */
  async function complete(id: string, changes: Partial<RunOptions> = {}): Promise<RunReport> {
    const { report, checkpoints, methods } = await run(id, changes);
    if (!report) throw new Error(`${id} did not end`);
    const last = checkpoints.at(-1);
    if (changes.resume) return report;
    const same = async (resume: RunCheckpoint, from: string) => {
      const resumed = await complete(id, { ...changes, resume: asRead(resume) });
      expect(measured(resumed), `${id}, resumed from ${from}`).toStrictEqual(measured(report));
    };
    if (last) await same(last, "its last finished stage");
    if (Object.keys(methods).length > 0) {
      const within = (stage: string) => Object.keys(methods).some((key) => key.startsWith(`${stage} / `));
      const { paper: slug, experiment, profile, seed, parameters } = report;
      const stages = Object.entries(last?.stages ?? {}).filter(([key]) => !within(key));
      const run = { format: 1, paper: slug, experiment, profile, seed, parameters, elapsed: 0 } as const;
      await same({ ...run, stages: Object.fromEntries(stages), methods }, "the iterates of its methods");
    }
    return report;
  }

  const quickReports = new Map<string, Promise<RunReport>>();

  /** The report of the quick profile, measured once for all tests of a file. */
  function quick(id: string): Promise<RunReport> {
    const report = quickReports.get(id) ?? complete(id);
    quickReports.set(id, report);
    return report;
  }

  /** The reports of a whole run and of one resumed from its checkpoint after `stages`, read back from text. */
  async function wholeAndResumed(
    id: string,
    stages: number,
    changes: Partial<RunOptions> = {},
  ): Promise<{ readonly whole: object; readonly resumed: object }> {
    const { report: whole, checkpoints } = await run(id, changes);
    if (!whole || checkpoints.length <= stages) throw new Error(`${id} has no more than ${stages} stages`);
    const resumed = await complete(id, { ...changes, resume: asRead(checkpoints[stages - 1]) });
    return { whole: measured(whole), resumed: measured(resumed) };
  }

  return { load, run, complete, quick, wholeAndResumed };
}

export const failed = (report: RunReport) =>
  report.checks.filter(({ held }) => !held).map(({ label }) => label);

export const claimsChecked = (report: RunReport) =>
  [...new Set(report.checks.map(({ claim }) => claim))].sort();

/** Checks that the metadata of experiments match the loaded ones, and that together they measure every claim. */
export async function expectDescribed(paper: Paper): Promise<void> {
  for (const entry of paper.experiments) {
    const { id, title, claims } = await entry.load();
    expect({ id, title, claims }).toEqual({ id: entry.id, title: entry.title, claims: entry.claims });
  }
  const measured = new Set(paper.experiments.flatMap(({ claims }) => claims));
  expect([...measured].sort()).toEqual(paper.claims.map(({ id }) => id).sort());
}

/**
 * Feeds made-up findings to `judge` and `present`: every check holds for `holding`, each fails for one of `failing`,
 * and the labels are the same for all.
 */
export function expectDecisive<F>(
  { judge, present, plots }: Pick<ExperimentDefinition<z.ZodObject, F>, "judge" | "present" | "plots">,
  holding: F,
  ...failing: readonly F[]
): void {
  const experiment = {
    judge: judge as (findings: unknown) => readonly Judgment[],
    present: present as (findings: unknown) => Presentation,
  };
  const labels = ({ checks }: Judged) => checks.map(({ claim, label }) => [claim, label]);
  const good = judged(experiment, holding);
  const bad = failing.map((findings) => judged(experiment, findings));
  expect(good.checks.filter(({ held }) => !held).map(({ label }) => label)).toEqual([]);
  for (const one of bad) expect(labels(one)).toEqual(labels(good));
  const neverFail = good.checks.filter((_, i) => bad.every(({ checks }) => checks[i].held));
  expect(neverFail.map(({ label }) => label)).toEqual([]);
  for (const { headline, summary, captions, tables } of [good, ...bad]) {
    expect(headline).toMatch(/\S.*[.!?]$/);
    for (const id of Object.keys(captions)) expect(plots.map((plot) => plot.id)).toContain(id);
    for (const text of [headline, ...summary, ...Object.values(captions)])
      expect(text).not.toMatch(/NaN|undefined|\[object/);
    for (const { columns, rows } of tables)
      for (const row of rows)
        expect(columns.map(({ key }) => key)).toEqual(expect.arrayContaining(Object.keys(row)));
  }
}

/**
 * Checks that every declared plot except the `empty` ones has a caption and points, all finite, positive on logarithmic
 * axes, and at most `most` per series. Matrices of the plots `withHoles` have places without a number, and others.
 */
export function expectDrawable(
  report: RunReport,
  {
    empty = [],
    withHoles = [],
    most = 400,
  }: {
    readonly empty?: readonly string[];
    readonly withHoles?: readonly string[];
    readonly most?: number;
  } = {},
): void {
  const drawn = report.plots.filter(({ id }) => !empty.includes(id));
  const shown = [...Object.keys(report.series), ...Object.keys(report.matrices ?? {})];
  expect(shown.sort()).toEqual(drawn.map(({ id }) => id).sort());
  for (const { id } of drawn)
    for (const { rows, columns, values } of Object.values(report.matrices?.[id] ?? {})) {
      const finite = values.filter((value) => Number.isFinite(value)).length;
      if (!withHoles.includes(id)) expect(finite).toBe(rows.length * columns.length);
      else expect(finite > 0 && finite < rows.length * columns.length, id).toBe(true);
    }
  for (const { id, x, y } of drawn)
    for (const [name, points] of Object.entries(report.series[id] ?? {})) {
      expect(points.length, `${id}, ${name}`).toBeLessThanOrEqual(most);
      for (const point of points) {
        expect(Number.isFinite(point.y)).toBe(true);
        if (y.scale === "log") expect(point.y).toBeGreaterThan(0);
        if (x.scale === "log") expect(Number(point.x)).toBeGreaterThan(0);
      }
    }
  const captioned = Object.keys(report.captions).filter((id) => !empty.includes(id));
  expect(captioned.sort()).toEqual(drawn.map(({ id }) => id).sort());
}
