import { dataDirectory } from "gradus";
import { describe, expect, test } from "vitest";
import { papers } from "../index.ts";
import { type RunCheckpoint, type RunReport, runExperiment } from "../run.ts";
import { exactAugmentedLagrangian as paper } from "./paper.ts";

const environment = { runtime: "test", platform: "test", cores: 1 };

async function load(id: string) {
  const entry = paper.experiments.find((experiment) => experiment.id === id);
  if (!entry) throw new Error(`no experiment ${id}`);
  return entry.load();
}

/** Runs to the end, or to the checkpoint after `stages` stages. */
async function run(id: string, set = {}, stages = Number.POSITIVE_INFINITY, resume?: RunCheckpoint) {
  const checkpoints: RunCheckpoint[] = [];
  const events = runExperiment(await load(id), { paper: paper.slug, set, resume, environment });
  for (;;) {
    const next = await events.next();
    if (next.done) return { report: next.value, checkpoints };
    if (next.value.kind === "checkpoint") checkpoints.push(next.value.checkpoint);
    if (checkpoints.length >= stages) return { report: undefined, checkpoints };
  }
}

async function complete(id: string, set = {}): Promise<RunReport> {
  const { report } = await run(id, set);
  if (!report) throw new Error(`${id} did not end`);
  return report;
}

const failed = (report: RunReport) => report.checks.filter(({ held }) => !held).map(({ label }) => label);

/** Every point belongs to a plot that is declared, and a log axis can show it. */
function expectDrawable(report: RunReport): void {
  const declared = new Map(report.plots.map((plot) => [plot.id, plot]));
  for (const [id, series] of Object.entries(report.series)) {
    const plot = declared.get(id);
    expect(plot).toBeDefined();
    for (const [name, points] of Object.entries(series)) {
      expect(plot?.series).toContain(name);
      expect(points.length).toBeLessThanOrEqual(400);
      for (const { y } of points) {
        expect(Number.isFinite(y)).toBe(true);
        if (plot?.y.scale === "log") expect(y).toBeGreaterThan(0);
      }
    }
    expect(Object.keys(report.captions)).toContain(id);
  }
}

test("the paper is listed, and says of each experiment what the experiment says of itself", async () => {
  expect(papers).toContain(paper);
  for (const { id, title, claims, load: loadExperiment } of paper.experiments) {
    const experiment = await loadExperiment();
    expect({ id, title, claims }).toEqual({
      id: experiment.id,
      title: experiment.title,
      claims: experiment.claims,
    });
  }
  expect([...new Set(paper.experiments.flatMap(({ claims }) => claims))].sort()).toEqual(
    paper.claims.map(({ id }) => id),
  );
});

describe("quick runs", () => {
  test("small problems: medians as in the authors' stored runs", { timeout: 120_000 }, async () => {
    const report = await complete("small-problems", { seeds: 1 });
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const row = (method: string) => report.tables[0].rows.find((candidate) => candidate["method"] === method);
    expect(row("AdaSketch-RK")).toMatchObject({ solved: 21, iterations: 5 });
    expect(row("AdaSketch-GV")).toMatchObject({ solved: 21, iterations: 5 });
    expect(row("adaptive GMRES ℓ1-SQP")).toMatchObject({ solved: 21, iterations: 6 });
    expect(report.tables.find(({ id }) => id === "problems")?.rows).toHaveLength(21);
  });

  test("control: the paper's iterations, and a finer grid out of the plain sketch's reach", {
    timeout: 120_000,
  }, async () => {
    const report = await complete("control");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    // ||K||_F^2 / sigma_min^2 by an independent implementation
    const [three, seven, fifteen] = report.series["difficulty"]["as it is"].map(({ y }) => y);
    expect(three / 5.3e5).toBeCloseTo(1, 1);
    expect(seven / 4.9e7).toBeCloseTo(1, 1);
    expect(fifteen / 3.6e9).toBeCloseTo(1, 1);
    const stuck = report.tables[0].rows.find((row) => row["N"] === 7 && row["method"] === "RK");
    expect(stuck).toMatchObject({ status: "max-iterations", iterations: 50 });
    expect(Number(stuck?.["kkt"])).toBeGreaterThan(1e-2);
  });

  test("cost of a solve: row steps near those of an independent implementation", async () => {
    const report = await complete("inner-cost");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    const steps = report.series["steps"]["RK, norm-weighted rows"].map(({ y }) => y);
    [5.1e3, 1.1e4, 2.1e4].forEach((expected, k) => {
      expect(Math.abs(steps[k] / expected - 1)).toBeLessThan(0.1);
    });
  });

  test("local rates on what comes with the library", async () => {
    const report = await complete("local-rates");
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    expect(report.checks.length).toBeGreaterThanOrEqual(9);
  });

  test("logistic regression, one seed", { timeout: 120_000 }, async () => {
    const report = await complete("logistic-regression", { seeds: 1 });
    expect(failed(report)).toEqual([]);
    expectDrawable(report);
    expect([...new Set(report.checks.map(({ claim }) => claim))]).toEqual(["C1", "C5"]);
    const sets = new Set(report.tables[0].rows.map((row) => row["set"]));
    expect(sets).toContain("ionosphere");
    // splice does not come with the library
    if (!sets.has("splice")) expect(report.notes.join()).toContain("splice");
    else expect(dataDirectory()).toBeDefined();
  });
});

test.each([
  ["inner-cost", { sizes: 2, seeds: 2 }, 1],
  ["control", { finest: 7, maxIterations: 5 }, 3],
  ["local-rates", { tolerance: 1e-6 }, 2],
])(
  "an interrupted run of %s resumes to the report of an uninterrupted one",
  { timeout: 120_000 },
  async (id, set, stages) => {
    const whole = await complete(id, set);
    const half = await run(id, set, stages);
    expect(half.checkpoints).toHaveLength(stages);
    const { report } = await run(id, set, undefined, half.checkpoints[stages - 1]);
    for (const part of ["checks", "series", "tables", "notes", "summary", "captions"] as const)
      expect(report?.[part]).toStrictEqual(whole[part]);
  },
);

test("an aborted run rejects with the signal's reason", async () => {
  const signal = AbortSignal.abort(new Error("closed"));
  const events = runExperiment(await load("control"), { paper: paper.slug, signal, environment });
  await expect(
    (async () => {
      for await (const _ of events);
    })(),
  ).rejects.toThrow("closed");
});
