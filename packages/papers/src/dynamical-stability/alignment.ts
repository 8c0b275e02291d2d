import { alignment } from "gradus/curvature";
import { z } from "zod";
import { check, formatRounded, inconclusive } from "../check.ts";
import { curve, defineExperiment, type ExperimentRun, point } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { descend, rangeOf } from "./descend.ts";
import { reluProblem, reluSizes } from "./problems.ts";

const rates = { small: [0.008, 0.016, 0.032], paper: [0.002, 0.004, 0.008, 0.016] } as const;
/** Below this loss the model is near a minimum, and the bound must hold. */
const NEAR = 1e-2;

interface Recorded {
  readonly step: number;
  readonly loss: number;
  readonly mu: number;
  /** eta ||G||_F sqrt(mu). */
  readonly share: number;
}

/** One run: its records, their alignment, and those near a minimum. */
type Aligned = {
  readonly rate: number;
  readonly seed: number;
  readonly records: number;
  readonly least: number;
  readonly most: number;
  readonly near: number;
  readonly share: number | null;
};

function figuresOf(runs: readonly Aligned[]) {
  return {
    least: rangeOf(runs.map(({ least }) => least))[0],
    most: rangeOf(runs.map(({ most }) => most))[1],
    share: rangeOf(runs.map(({ share }) => share ?? 0))[1],
  };
}

export default defineExperiment({
  description:
    "Trains two-layer ReLU networks by SGD with single samples and measures, every 1000 steps, the alignment μ of the noise with the curvature and the share η‖G‖_F√μ of what stability of the loss allows.",
  parameters: z.object({
    size: z
      .enum(["small", "paper"])
      .default("paper")
      .describe("small: d = 20, m = n = 60; paper: d = m = 100, n = 300"),
    seeds: z.int().min(1).max(20).default(1).describe("seeds of data, start and order"),
    steps: z.int().min(1000).max(2_000_000).default(600_000).describe("most steps"),
    every: z
      .int()
      .min(1000)
      .max(100_000)
      .multipleOf(1000)
      .default(10_000)
      .describe("steps between two records"),
  }),
  profiles: { quick: { size: "small", seeds: 3, steps: 60_000, every: 1000 }, full: {} },
  seconds: { quick: 2, full: 35 },
  plots: [
    linePlot("alignment", "Alignment of the noise with the curvature, first seed", "step", "μ", {
      references: ["1"],
    }),
    linePlot(
      "bound",
      "Share of the bound that stability of the loss sets, first seed",
      "step",
      logAxis("η ‖G‖_F √μ"),
      { references: ["the bound"] },
    ),
  ],

  async *measure({ parameters: { size, seeds, steps, every }, seed, signal, stage }) {
    const each = repeatSeeds(seed, seeds);
    const plan = each.flatMap((s) => rates[size].map((rate) => ({ rate, seed: s })));
    const runs: Aligned[] = [];
    let last = 0;
    for (const [k, { rate, seed: s }] of plan.entries()) {
      const name = `η = ${rate}, seed ${s}`;
      const records = yield* stage(name, async function* (): ExperimentRun<Recorded[]> {
        const problem = reluProblem(reluSizes[size], s);
        const found: Recorded[] = [];
        yield* descend(
          problem,
          { rate, batchSize: 1, steps, clip: 10, tolerance: 1e-8, seed: s },
          {
            signal,
            at: { fraction: k / plan.length, share: 1 / plan.length, name },
            *show({ step, loss, theta }) {
              if (step % every !== 0) return;
              const { regression } = problem;
              const at = alignment({ gram: regression.gram(theta) }, regression.residuals(theta));
              const share = rate * at.frobenius * Math.sqrt(at.alignment);
              found.push({ step, loss, mu: at.alignment, share });
              if (s !== each[0]) return;
              yield point("alignment", `η = ${rate}`, step, at.alignment);
              yield point("bound", `η = ${rate}`, step, share);
            },
          },
        );
        return found;
      });
      const near = records.filter(({ loss }) => loss < NEAR);
      const [least, most] = rangeOf(records.map(({ mu }) => mu));
      const share = near.length > 0 ? rangeOf(near.map((record) => record.share))[1] : null;
      runs.push({ rate, seed: s, records: records.length, least, most, near: near.length, share });
      last = Math.max(last, ...records.map(({ step }) => step));
    }
    const ends = [0, last];
    for (const [plot, series] of [
      ["alignment", "1"],
      ["bound", "the bound"],
    ])
      yield curve(plot, series, ends, (x) => ({ x, y: 1 }));
    return { runs };
  },

  judge({ runs }) {
    const { least, share } = figuresOf(runs);
    if (runs.every(({ near }) => near === 0))
      return [inconclusive("C2", "No run came near a minimum, and the bound applies only to minima.")];
    return [
      check(
        "C2",
        "smallest alignment μ of all records",
        least,
        { atLeast: 0.1 },
        criterion("“aligned” is a μ of order 1 throughout: at least a tenth"),
      ),
      check(
        "C2",
        "largest η‖G‖_F√μ of the records with a loss below 0.01",
        share,
        { atMost: 1 },
        criterion("the bound that stability of the loss sets, near minima at which training stays"),
      ),
    ];
  },

  present({ runs }) {
    const found = figuresOf(runs);
    const [least, most, share] = [found.least, found.most, found.share].map(formatRounded);
    return {
      headline: `The noise of SGD has an alignment of μ = ${least} to ${most} with the curvature, and near minima η‖G‖_F√μ is at most ${share}, where stability of the loss allows 1.`,
      captions: {
        alignment: `Over all of training μ stays between ${least} and ${most}: the noise of SGD is large where the curvature is.`,
        bound: `Once the loss is below ${NEAR}, η‖G‖_F√μ is at most ${share}; above 1 a step would increase the expected loss.`,
      },
      summary: [
        `Because the noise is aligned with the curvature, stability of the loss bounds the Frobenius norm: ‖G‖_F ≤ 1/(η√μ). Near minima the networks use at most ${share} of that bound.`,
      ],
      tables: [
        tableOf(
          "runs",
          "Alignment over each run",
          {
            ...{ rate: "η", seed: "seed", records: "records", least: "smallest μ" },
            ...{ most: "largest μ", near: `records with loss < ${NEAR}` },
            ...{ share: "largest η‖G‖_F√μ there" },
          },
          runs,
        ),
      ],
    };
  },
});
