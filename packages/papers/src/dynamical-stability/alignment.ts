import { alignment } from "gradus/curvature";
import { z } from "zod";
import { check, formatFigure } from "../check.ts";
import { defineExperiment, type ExperimentRun, point, points, progress, table } from "../experiment.ts";
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

interface Path {
  readonly rate: number;
  readonly seed: number;
  readonly records: readonly Recorded[];
}

export default defineExperiment({
  id: "alignment",
  title: "SGD's noise lies along the curvature, and bounds its Frobenius norm",
  description:
    "Trains two-layer ReLU networks by SGD with single samples and measures, every 1000 steps, the alignment μ of the noise with the curvature and the share η‖G‖_F√μ of what stability of the loss allows.",
  claims: ["C2"],
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
    {
      id: "alignment",
      title: "Alignment of the noise with the curvature, first seed",
      x: { label: "step" },
      y: { label: "μ" },
      mark: "line",
      references: ["1"],
    },
    {
      id: "bound",
      title: "Share of the bound that stability of the loss sets, first seed",
      x: { label: "step" },
      y: { label: "η ‖G‖_F √μ", scale: "log" },
      mark: "line",
      references: ["the bound"],
    },
  ],

  async *run({ parameters: { size, seeds, steps, every }, seed, signal, stage }) {
    const each = Array.from({ length: seeds }, (_, k) => seed + k);
    const plan = each.flatMap((s) => rates[size].map((rate) => ({ rate, seed: s })));
    const paths: Path[] = [];
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
              if (s !== seed) return;
              yield point("alignment", `η = ${rate}`, step, at.alignment);
              yield point("bound", `η = ${rate}`, step, share);
            },
          },
        );
        return found;
      });
      paths.push({ rate, seed: s, records });
    }
    const records = paths.flatMap((path) => path.records);
    const ends = [0, Math.max(...records.map(({ step }) => step))];
    for (const [plot, series] of [
      ["alignment", "1"],
      ["bound", "the bound"],
    ])
      yield points(
        plot,
        series,
        ends.map((x) => ({ x, y: 1 })),
      );
    const near = records.filter(({ loss }) => loss < NEAR);
    yield table({
      id: "runs",
      title: "Alignment over each run",
      columns: [
        { key: "rate", label: "η" },
        { key: "seed", label: "seed" },
        { key: "records", label: "records" },
        { key: "least", label: "smallest μ" },
        { key: "most", label: "largest μ" },
        { key: "near", label: "records with loss < 0.01" },
        { key: "share", label: "largest η‖G‖_F√μ there" },
      ],
      rows: paths.map((path) => {
        const [least, most] = rangeOf(path.records.map(({ mu }) => mu));
        const there = path.records.filter(({ loss }) => loss < NEAR);
        const share = there.length > 0 ? rangeOf(there.map((record) => record.share))[1] : null;
        return {
          rate: path.rate,
          seed: path.seed,
          records: path.records.length,
          least,
          most,
          near: there.length,
          share,
        };
      }),
    });
    yield progress(1, "done");
    const [leastMu, mostMu] = rangeOf(records.map(({ mu }) => mu));
    const [, mostShare] = rangeOf(near.map(({ share }) => share));
    return {
      checks: [
        check("C2", `smallest alignment μ of ${records.length} records`, leastMu, { atLeast: 0.3 }),
        check("C2", `largest η‖G‖_F√μ of the ${near.length} records with loss < 0.01`, mostShare, {
          atMost: 1,
        }),
      ],
      captions: {
        alignment: `Over all of training μ stays between ${formatFigure(leastMu)} and ${formatFigure(mostMu)}: the noise of SGD is large where the curvature is.`,
        bound: `Once the loss is below 0.01, η‖G‖_F√μ is at most ${formatFigure(mostShare)}; above 1 a step would enlarge the expected loss.`,
      },
      summary: [
        `The noise is aligned with the curvature throughout, μ from ${formatFigure(leastMu)} to ${formatFigure(mostMu)}, so that stability of the loss bounds the Frobenius norm: ‖G‖_F ≤ 1/(η√μ).`,
        `Near minima the networks use ${formatFigure(mostShare)} of that bound at most.`,
      ],
    };
  },
});
