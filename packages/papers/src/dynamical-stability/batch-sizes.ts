import { stabilityThreshold } from "gradus/curvature";
import { z } from "zod";
import { formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, type ExperimentRun, point, points } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { descend, edgeShare, kept, type Minimum, margin, type Run, rangeOf, traceShare } from "./descend.ts";
import { reluProblem, reluSizes } from "./problems.ts";

const pairs = [
  { B: 1, rate: 0.016 },
  { B: 2, rate: 0.024 },
  { B: 4, rate: 0.04 },
  { B: 8, rate: 0.06 },
  { B: 16, rate: 0.08 },
] as const;
const sizes = reluSizes.small;
/** What the condition allows of eta*(B)/eta. */
const ALLOWED = { "least allowed": 0.9, "most allowed": 1.1 } as const;
/** The minimum whose thresholds for all batch sizes are drawn. */
const explored = 4;
const batches = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 60] as const;

interface Found {
  readonly minimum: Minimum;
  /** eta*(B) of this minimum for each of `batches`. */
  readonly thresholds: readonly number[];
  /** 2/Tr G and 2/lambda_1. */
  readonly bounds: readonly [trace: number, gd: number];
}

interface BatchRun extends Run {
  readonly B: number;
}

export default defineExperiment({
  description:
    "An extension, not in the paper: trains two-layer ReLU networks by SGD with batches of 1 to 16, each with its own learning rate, and compares the exact threshold of each minimum with the learning rate of its training.",
  parameters: z.object({
    seeds: z.int().min(1).max(20).default(6).describe("seeds of data, start and order"),
  }),
  profiles: { quick: { seeds: 2 }, full: {} },
  seconds: { quick: 2, full: 5 },
  plots: [
    dotPlot(
      "margin",
      "Exact threshold over the learning rate of training",
      logAxis("batch size B"),
      "η*(B) / η",
      { series: ["η*/η"], references: ["the edge", ...Object.keys(ALLOWED)] },
    ),
    dotPlot(
      "sharpness",
      "Trace and largest eigenvalue of the same minima",
      logAxis("batch size B"),
      "share of 2/η",
      { series: ["η Tr G / 2", "η λ₁ / 2"], references: ["2/η"] },
    ),
    linePlot(
      "explorer",
      `Thresholds of one minimum, found with batches of ${explored}`,
      logAxis("batch size B"),
      logAxis("learning rate η"),
      { series: ["η*(B), exact"], references: ["2/Tr G", "2/λ₁"], stems: ["trained here"] },
    ),
  ],

  async *measure({ parameters: { seeds }, seed, signal, stage }) {
    const ends = [pairs[0].B, pairs[pairs.length - 1].B];
    for (const [plot, series] of [
      ["margin", "the edge"],
      ["sharpness", "2/η"],
    ])
      yield curve(plot, series, ends, (x) => ({ x, y: 1 }));
    for (const [plotted, y] of Object.entries(ALLOWED))
      yield curve("margin", plotted, ends, (x) => ({ x, y }));
    const each = repeatSeeds(seed, seeds);
    const plan = each.flatMap((s) => pairs.map((pair) => ({ ...pair, seed: s })));
    const runs: BatchRun[] = [];
    for (const [k, { B, rate, seed: s }] of plan.entries()) {
      const name = `B = ${B}, η = ${rate}, seed ${s}`;
      const { minimum, thresholds, bounds } = yield* stage(name, async function* (): ExperimentRun<Found> {
        const problem = reluProblem(sizes, s);
        const { minimum, theta } = yield* descend(
          problem,
          { rate, batchSize: B, replacement: true, steps: 60_000, clip: 10, tolerance: 1e-8, seed: s },
          { signal, at: { fraction: k / plan.length, share: 1 / plan.length, name } },
        );
        const thresholds: number[] = [];
        if (B === explored && s === each[0]) {
          const gram = problem.regression.gram(theta);
          for (const batchSize of batches)
            thresholds.push((await stabilityThreshold({ gram }, { batchSize, signal })).learningRate);
        }
        return { minimum, thresholds, bounds: [2 / minimum.trace, 2 / minimum.lambdaMax] };
      });
      const run = { method: "SGD", B, rate, seed: s, minimum };
      runs.push({ ...run, minimum: kept(minimum) });
      yield point("margin", "η*/η", B, margin(run));
      yield point("sharpness", "η Tr G / 2", B, traceShare(run));
      yield point("sharpness", "η λ₁ / 2", B, edgeShare(run));
      if (thresholds.length === 0) continue;
      yield curve("explorer", "η*(B), exact", batches, (x, j) => ({ x, y: thresholds[j] }));
      for (const [j, series] of ["2/Tr G", "2/λ₁"].entries())
        yield curve("explorer", series, [batches[0], batches[batches.length - 1]], (x) => ({
          x,
          y: bounds[j],
        }));
      yield points("explorer", "trained here", [{ x: B, y: rate, label: `η = ${rate}` }]);
    }
    return { runs };
  },

  judge({ runs }) {
    const [least, most] = rangeOf(runs.map(margin));
    const allowed = { between: [ALLOWED["least allowed"], ALLOWED["most allowed"]] } as const;
    const edge = criterion("“on its own edge” is within a tenth of the exact threshold");
    return [
      ourCheck("smallest η*(B)/η of all runs", least, allowed, edge),
      ourCheck("largest η*(B)/η of all runs", most, allowed, edge),
    ];
  },

  present({ runs }) {
    const range = (of: (run: Run) => number) => rangeOf(runs.map(of)).map(formatRounded).join(" to ");
    const single = rangeOf(runs.filter(({ B }) => B === 1).map(traceShare))[1];
    return {
      headline: `With batches of ${pairs[0].B} to ${pairs[pairs.length - 1].B}, SGD ends where the exact threshold is ${range(margin)} times the learning rate.`,
      captions: {
        margin: `The exact threshold of each batch size over the learning rate: η*/η from ${range(margin)}.`,
        sharpness: `The same minima have η Tr G/2 from ${range(traceShare)} and η λ₁/2 from ${range(edgeShare)}.`,
        explorer: `One minimum has a threshold for every batch size, from below 2/Tr G for single samples to 2/λ₁; it was found with batches of ${explored}.`,
      },
      summary: [
        `This is an extension of the paper. Whatever the batch size, SGD ends near its exact threshold: η*/η = ${range(margin)}.`,
        `Tr G ≤ 2/η is a statement about single samples (here η Tr G/2 ≤ ${formatRounded(single)}); over all batch sizes η Tr G/2 ranges from ${range(traceShare)}.`,
      ],
      tables: [
        tableOf(
          "runs",
          "Where each run ended",
          {
            ...{ B: "B", rate: "η", seed: "seed", steps: "steps", loss: "training loss", margin: "η*/η" },
            ...{ trace: "η Tr G / 2", edge: "η λ₁ / 2", norm: "path norm", error: "test error" },
          },
          runs.map((run) => ({
            ...run.minimum,
            ...run,
            margin: margin(run),
            trace: traceShare(run),
            edge: edgeShare(run),
          })),
        ),
      ],
    };
  },
});
