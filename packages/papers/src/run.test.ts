import { iterates, parseCheckpoint, serializeCheckpoint } from "gradus/iterate";
import { randomStream } from "gradus/random";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { check, inconclusive } from "./check.ts";
import {
  defineExperiment,
  type Experiment,
  matrix,
  note,
  point,
  points,
  replacePoints,
} from "./experiment.ts";
import { theorem } from "./ground.ts";
import {
  type Environment,
  judged,
  ParameterError,
  plotData,
  type RunCheckpoint,
  type RunOptions,
  type RunReport,
  runExperiment,
} from "./run.ts";

const environment: Environment = { runtime: "test", platform: "test", cores: 1 };
const options: RunOptions = { paper: "sums", environment };

/** Shows something before, within, between and after its stages, one of them nested. */
const definition = defineExperiment({
  description: "Adds odd numbers.",
  parameters: z.object({ count: z.int().min(1).max(9).default(3).describe("numbers to add") }),
  profiles: { quick: { count: 4 }, full: {} },
  seconds: { quick: 1, full: 1 },
  plots: [
    { id: "sum", title: "Sum", x: { label: "n" }, y: { label: "sum" }, mark: "line" },
    { id: "products", title: "Products", x: { label: "n" }, y: { label: "n" }, mark: "heat" },
  ],
  async *measure({ parameters, seed, stage }) {
    yield note("before");
    yield point("sum", "after", -1, 0);
    let total = seed;
    for (let n = 0; n < parameters.count; n++) {
      const sum = yield* stage(`sum ${n}`, async function* () {
        const odd = yield* stage(`odd ${n}`, async function* () {
          yield note(`odd ${n}`);
          return Float64Array.of(2 * n + 1);
        });
        yield points("sum", "within", [{ x: n, y: odd[0] }]);
        yield replacePoints("sum", "latest", [{ x: n, y: odd[0] }]);
        yield replacePoints("sum", "for now", n < 2 ? [{ x: n, y: odd[0] }] : []);
        yield matrix("products", "latest", { rows: ["n"], columns: ["n", "0"], values: [n * n, Number.NaN] });
        return total + odd[0];
      });
      total = sum;
      yield point("sum", "after", n, total);
      yield note(`after ${n}`);
    }
    return { sum: total - seed, last: parameters.count === 1 ? Number.NaN : total };
  },
  judge: ({ sum, last }) => [
    check("C1", "the sum", sum, { equals: 16 }, theorem("odd numbers add up to squares")),
    ...(Number.isNaN(last) ? [inconclusive("C2", "One number is no sum.")] : []),
  ],
  present: ({ sum }) => ({
    headline: `The sum is ${sum}.`,
    summary: [`${sum}`],
    captions: {},
    tables: [{ id: "t", title: "t", columns: [{ key: "n", label: "n" }], rows: [{ n: sum }] }],
  }),
});
const sums = { ...definition, id: "sums", title: "Sums", claims: ["C1"] };

interface Outcome {
  checkpoints: RunCheckpoint[];
  report: RunReport;
}

async function run(runOptions: RunOptions, experiment: Experiment = sums): Promise<Outcome> {
  const checkpoints: RunCheckpoint[] = [];
  const events = runExperiment(experiment, runOptions);
  for (;;) {
    const next = await events.next();
    if (next.done) return { checkpoints, report: next.value };
    if (next.value.kind === "checkpoint") checkpoints.push(next.value.checkpoint);
  }
}

/** What must not differ between an uninterrupted and a resumed run. */
function measured({
  elapsed: _,
  startedAt: __,
  ...rest
}: RunReport): Omit<RunReport, "elapsed" | "startedAt"> {
  return rest;
}

describe("runExperiment", () => {
  it("gives the uninterrupted report from every checkpoint, stored as text", async () => {
    const whole = await run(options);
    expect(whole.checkpoints).toHaveLength(8);
    expect(whole.report.notes).toEqual([
      "before",
      ...[0, 1, 2, 3].flatMap((n) => [`odd ${n}`, `after ${n}`]),
    ]);
    for (const checkpoint of whole.checkpoints) {
      const resume = parseCheckpoint(serializeCheckpoint(checkpoint)) as RunCheckpoint;
      const resumed = await run({ ...options, resume });
      expect(measured(resumed.report)).toEqual(measured(whole.report));
      expect(resumed.report.elapsed).toBeGreaterThan(checkpoint.elapsed);
    }
  });

  it("repeats no stage that is finished", async () => {
    const { checkpoints } = await run(options);
    const resumed = await run({ ...options, resume: checkpoints[5] });
    expect(resumed.checkpoints).toHaveLength(2);
  });

  it("calls a run modified when a parameter differs from the profile's, not when it is repeated", async () => {
    expect((await run(options)).report.modified).toBe(false);
    expect((await run({ ...options, set: { count: 4 } })).report.modified).toBe(false);
    expect((await run({ ...options, set: { count: 5 } })).report.modified).toBe(true);
    expect((await run({ ...options, profile: "full", set: { count: 4 } })).report.modified).toBe(true);
  });

  it("refuses a checkpoint of another run, and parameters that do not exist or are out of bounds", async () => {
    const { checkpoints } = await run(options);
    await expect(run({ ...options, seed: 2, resume: checkpoints[0] })).rejects.toThrow("its seed is 1");
    await expect(run({ ...options, set: { counts: 4 } })).rejects.toThrow(
      'no parameter "counts"; it has count',
    );
    await expect(run({ ...options, set: { count: 10 } })).rejects.toThrow(ParameterError);
    await expect(run({ ...options, seed: 0.5 })).rejects.toThrow("non-negative integer");
  });

  it("ends with the signal's reason", async () => {
    const controller = new AbortController();
    const events = runExperiment(sums, { ...options, signal: controller.signal });
    await events.next();
    controller.abort(new Error("enough"));
    await expect(events.next()).rejects.toThrow("enough");
  });
});

/** Two random walks in a stage, one that ends by itself and one that is ended, with something before and after them. */
const walks = defineExperiment({
  description: "Adds up random numbers.",
  parameters: z.object({}),
  profiles: { quick: {}, full: {} },
  seconds: { quick: 1, full: 1 },
  plots: [{ id: "walk", title: "Walk", x: { label: "n" }, y: { label: "sum" }, mark: "line" }],
  async *measure({ seed, stage, resumable, signal }) {
    const steps = 4;
    const walk = (name: string, resume?: { iteration: number; state: Float64Array }) =>
      iterates(
        {
          start: () => Float64Array.of(0),
          step: ([at], iteration) =>
            Float64Array.of(at + randomStream(seed).split(`${name} ${iteration}`).normal()),
          view: ([at], iteration) => ({ at, done: name === "first" && iteration === steps }),
        },
        { resume, signal },
      );
    const places: number[] = [];
    async function* walked(name: string) {
      yield note(`${name} begins`);
      const { iterate, kept } = yield* resumable(name, {
        method: (resume) => walk(name, resume),
        until: ({ iteration }) => iteration === steps,
        kept: places,
        async *each({ iteration, at }, places) {
          places.push(at);
          yield point("walk", name, iteration, at);
          yield replacePoints("walk", `latest of ${name}`, [{ x: iteration, y: at }]);
        },
      });
      yield note(`${name} ends at ${iterate.at}`);
      return kept;
    }
    const both = yield* stage("both", async function* () {
      return { first: yield* walked("first"), second: yield* walked("second") };
    });
    return { ...both, outside: yield* walked("outside") };
  },
  judge: () => [],
  present: () => ({ headline: "Walked.", summary: [], captions: {} }),
});

describe("methods inside stages", () => {
  const all = { ...options, checkpointInterval: 0 };
  const walked = (runOptions: RunOptions) =>
    run(runOptions, { ...walks, id: "walks", title: "Walks", claims: [] });

  it("resume after every iterate, to the uninterrupted report", async () => {
    const whole = await walked(all);
    // after each iterate but the last of the three walks, and after the stage
    expect(whole.checkpoints).toHaveLength(3 * 4 + 1);
    expect(whole.report.series.walk.second).toHaveLength(5);
    for (const [k, checkpoint] of whole.checkpoints.entries()) {
      const resume = parseCheckpoint(serializeCheckpoint(checkpoint)) as RunCheckpoint;
      const resumed = await walked({ ...all, resume });
      expect(measured(resumed.report)).toEqual(measured(whole.report));
      expect(resumed.checkpoints).toHaveLength(whole.checkpoints.length - k - 1);
      expect(Object.keys(resumed.report.series.walk)).toEqual(Object.keys(whole.report.series.walk));
    }
  });

  it("are forgotten when their stage has finished", async () => {
    const { checkpoints } = await walked(all);
    expect(Object.keys(checkpoints[7].methods ?? {})).toEqual(["both / first", "both / second"]);
    expect(checkpoints[8].methods).toBeUndefined();
    expect(Object.keys(checkpoints[9].methods ?? {})).toEqual(["outside"]);
  });

  it("save no more often than the interval", async () => {
    const { checkpoints } = await walked({ ...options, checkpointInterval: 1e9 });
    expect(checkpoints).toHaveLength(1);
  });
});

describe("findings", () => {
  it("are kept with every bit, judged and presented", async () => {
    const { report } = await run({ ...options, set: { count: 1 } });
    expect(report.findings).toEqual({ sum: 1, last: Number.NaN });
    expect(report.checks).toMatchObject([{ claim: "C1", measured: 1, held: false }]);
    expect(report.undecided).toEqual([{ claim: "C2", reason: "One number is no sum." }]);
    expect(report.headline).toBe("The sum is 1.");
    expect(report.tables).toMatchObject([{ id: "t", rows: [{ n: 1 }] }]);
  });

  it("say the same when they are judged again, and what is no plain data is refused", () => {
    const again = judged(sums, { sum: 16, last: 17 });
    expect(again.checks).toMatchObject([{ measured: 16, held: true }]);
    expect(again.undecided).toEqual([]);
    expect(() => judged(sums, { sum: () => 16 })).toThrow(/is a function/);
  });
});

describe("points", () => {
  it("gather in their series, unless they replace it", async () => {
    const { series } = (await run(options)).report;
    expect(series.sum.within).toEqual([1, 3, 5, 7].map((y, x) => ({ x, y })));
    expect(series.sum.latest).toEqual([{ x: 3, y: 7 }]);
    expect(Object.keys(series.sum)).toEqual(["after", "within", "latest"]);
  });
});

describe("matrices", () => {
  it("of a series replace one another, and what is no number is left out", async () => {
    const { report } = await run(options);
    expect(plotData(report, "products")).toEqual({
      latest: { rows: ["n"], columns: ["n", "0"], values: [9, null] },
    });
    expect(plotData(report, "sum")).toEqual(report.series.sum);
    expect(plotData(report, "none")).toEqual({});
  });

  it("have as many values as rows times columns", () => {
    expect(() => matrix("plot", "one", { rows: ["a"], columns: ["a", "b"], values: [1] })).toThrow(
      "values must be 1 x 2 numbers, got 1 for one of plot",
    );
  });
});
