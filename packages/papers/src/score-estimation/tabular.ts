import { loadDataset, selectRows, standardize, trainTestSplit } from "gradus/data";
import {
  kernelScore,
  networkScore,
  regressionLoss,
  type ScoreRegression,
  scoreRegression,
  trainScoreNetwork,
  twoLayerNetwork,
  variancePreservingProcess,
} from "gradus/diffusion";
import { solve } from "gradus/iterate";
import { stepGrid } from "gradus/kernels";
import type { DenseMatrix } from "gradus/linalg";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { barPlot, linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { LAST } from "./problems.ts";

const GRID = stepGrid(LAST, 1.2);
const SETS = [
  { name: "breast-cancer", columns: 10 },
  { name: "iris", columns: 4 },
] as const;
/** Standardized columns are cut off at this many standard deviations. */
const CUT = 3;
/** Learning rates of Adam to choose from. */
const RATES = [1e-3, 3e-3, 1e-2];

interface Result {
  readonly set: string;
  readonly rows: number;
  /** Losses per coordinate on all held-out rows: least, after the last step, of predicting the training mean. */
  readonly best: number;
  readonly bestStep: number;
  readonly last: number;
  readonly constant: number;
  /** On the second half of the held-out rows: at the step that is best on the first half, and the least. */
  readonly chosen: number;
  readonly least: number;
  /** The same for a network by Adam, at the learning rate and step that are best on the first half. */
  readonly tuned: number;
  readonly tunedRate: number;
}

interface Findings {
  readonly results: readonly Result[];
}

/** The first columns of some rows. */
function firstColumns(x: DenseMatrix, columns: number): DenseMatrix {
  const values = new Float64Array(x.rows * columns);
  for (let i = 0; i < x.rows; i++)
    for (let j = 0; j < columns; j++) values[i * columns + j] = x.values[i * x.columns + j];
  return { rows: x.rows, columns, values };
}

/** The network by Adam whose rate and step are best on the first half, and its loss on the second. */
async function tunedNetwork(
  data: ScoreRegression,
  [first, second]: readonly ScoreRegression[],
  { width, steps, seed, signal }: { width: number; steps: number; seed: number; signal: AbortSignal },
) {
  const d = data.clean.columns;
  const network = twoLayerNetwork({ inputs: d + 2, outputs: d, width, seed });
  let best = { loss: Number.POSITIVE_INFINITY, rate: 0, weights: network.weights };
  for (const learningRate of RATES) {
    const options = { optimizer: "adam", learningRate, validation: first, signal } as const;
    const { iterate } = await solve(trainScoreNetwork(network, data, options), { maxIterations: steps });
    if (iterate.best && iterate.best.loss < best.loss) best = { ...iterate.best, rate: learningRate };
  }
  const f = networkScore(network, data, best.weights).denoised(second.times, second.points).values;
  return { tuned: regressionLoss(second, f) / d, tunedRate: best.rate };
}

const alternate = (rows: Int32Array, parity: number) => rows.filter((_, i) => i % 2 === parity);

export default defineExperiment({
  description:
    "Score estimation on standardized tables (ten columns of breast-cancer, iris): the loss on held-out rows after 1 to a million steps of kernel gradient descent, and the step that half of the held-out rows choose.",
  parameters: z.object({
    draws: z.int().min(1).max(16).default(4).describe("times and noises per training row"),
    width: z
      .int()
      .min(2)
      .max(8192)
      .default(2048)
      .describe("hidden units of the network by Adam, an even number"),
    steps: z.int().min(10).max(10_000).default(2000).describe("steps of Adam for each learning rate"),
  }),
  profiles: { quick: { draws: 2, width: 512, steps: 300 }, full: {} },
  seconds: { quick: 6, full: 20 },
  plots: [
    linePlot("loss", "Loss on held-out rows", logAxis("step k"), "loss per coordinate", {
      series: ["breast-cancer", "iris", "chosen, breast-cancer", "chosen, iris"],
      stems: ["chosen, breast-cancer", "chosen, iris"],
    }),
    barPlot("compared", "Kernel and tuned network", "table", "held-out loss per coordinate", {
      series: ["kernel, held-out step", "network by tuned Adam", "constant mean"],
    }),
  ],

  async *measure({ parameters: { draws, width, steps }, seed, signal, stage }) {
    const process = variancePreservingProcess({ startTime: 0.05, endTime: 3 });
    const results: Result[] = [];
    for (const [i, { name, columns: d }] of [...SETS].reverse().entries()) {
      results.push(
        yield* stage(name, async function* () {
          yield progress(i / 2, name);
          const { x } = await loadDataset(name);
          const { train, test } = trainTestSplit(x.rows, { testShare: 0.3, seed });
          const table = firstColumns(x, d);
          const scaled = standardize(table, { rows: train }).apply(table);
          const clean = { ...scaled, values: scaled.values.map((v) => Math.min(CUT, Math.max(-CUT, v))) };
          const draw = (rows: Int32Array, drawsPerSample: number, own: number) =>
            scoreRegression(process, selectRows(clean, rows), {
              drawsPerSample,
              pointScale: 1 / Math.sqrt(d),
              seed: 4 * seed + own,
            });
          const data = draw(train, draws, 0);
          const halves = [0, 1].map((parity) => draw(alternate(test, parity), 8, 1 + parity));
          const kernel = await kernelScore(data, { signal });
          yield progress((i + 0.7) / 2, `${name}: held-out rows`);
          const losses: number[][] = [];
          for (const half of halves) losses.push((await kernel.losses(half, GRID)).map((loss) => loss / d));
          const weights = halves.map(
            ({ clean: { rows } }) => rows / (halves[0].clean.rows + halves[1].clean.rows),
          );
          const both = GRID.map((_, s) => weights[0] * losses[0][s] + weights[1] * losses[1][s]);
          const best = both.indexOf(Math.min(...both));
          const chosen = losses[0].indexOf(Math.min(...losses[0]));
          const center = new Float64Array(d);
          for (let k = 0; k < data.clean.values.length; k++)
            center[k % d] += data.clean.values[k] / data.clean.rows;
          const constant = halves.reduce((sum, half, h) => {
            const f = half.clean.values.map((_, k) => center[k % d]);
            return sum + (weights[h] * regressionLoss(half, f)) / d;
          }, 0);
          yield curve("loss", name, GRID, (x, s) => ({ x, y: both[s] }));
          yield point("loss", `chosen, ${name}`, GRID[chosen], both[chosen]);
          yield progress((i + 0.8) / 2, `${name}: a network by Adam`);
          const network = await tunedNetwork(data, halves, { width, steps, seed, signal });
          yield point("compared", "kernel, held-out step", name, losses[1][chosen]);
          yield point("compared", "network by tuned Adam", name, network.tuned);
          yield point("compared", "constant mean", name, constant);
          return {
            set: name,
            rows: data.clean.rows,
            best: both[best],
            bestStep: GRID[best],
            last: both[both.length - 1],
            constant,
            chosen: losses[1][chosen],
            least: Math.min(...losses[1]),
            ...network,
          };
        }),
      );
    }
    yield progress(1, "done");
    return { results: results.reverse() };
  },

  judge({ results }: Findings) {
    const most = (of: (result: Result) => number) => Math.max(...results.map(of));
    return [
      check(
        "C5",
        "loss of the kernel at its held-out step over that of tuned Adam at its own, largest of both tables",
        most(({ chosen, tuned }) => chosen / tuned),
        { atMost: 1.05 },
        criterion(
          "comparable means within a twentieth; both choose on one half of the held-out rows and are compared on the other",
        ),
      ),
      ourCheck(
        "least loss on held-out rows over that after a million steps, largest of both tables",
        most(({ best, last }) => best / last),
        { atMost: 0.95 },
        criterion(
          "stopping must save a twentieth of the loss, most of which is noise that nothing can predict",
        ),
      ),
      ourCheck(
        "least loss over that of the constant mean, largest of both tables",
        most(({ best, constant }) => best / constant),
        { atMost: 0.65 },
        criterion(
          "what is learned takes off 35% of the variance at least, where half of the times leave little of a row",
        ),
      ),
      ourCheck(
        "loss at the step chosen on half of the held-out rows over the least on the other half, largest of both tables",
        most(({ chosen, least }) => chosen / least),
        { atMost: 1.02 },
        criterion("a choice within 2% is as good as the best step for the loss’s own spread"),
      ),
    ];
  },

  present({ results }: Findings) {
    const [first, second] = results;
    return {
      headline: `On ten columns of breast-cancer the held-out loss is ${formatRounded(first.best)} at the best step, ${formatRounded(first.last)} after a million steps and ${formatRounded(first.constant)} for the mean; on iris it is ${formatRounded(second.best)}, ${formatRounded(second.last)} and ${formatRounded(second.constant)}.`,
      captions: {
        loss: "The losses fall and rise again; the stems mark the steps that half of the held-out rows choose.",
        compared: `On rows that chose nothing the kernel’s loss is ${formatRounded(first.chosen / first.tuned)} and ${formatRounded(second.chosen / second.tuned)} times that of a network whose learning rate and step are tuned.`,
      },
      summary: [
        "Columns are standardized on the training rows and cut off at 3 deviations; whole rows are held out, never draws of the same row.",
        "The loss has a floor: the variance of a clean row given its noisy version.",
      ],
      tables: [
        tableOf(
          "tables",
          "Loss per coordinate on held-out rows",
          {
            set: "table",
            rows: "training draws",
            best: "best step’s loss",
            bestStep: "best step",
            last: "after a million steps",
            constant: "constant mean",
            chosen: "chosen by one half, on the other",
            least: "least on the other half",
            tuned: "tuned Adam, on the other half",
            tunedRate: "its learning rate",
          },
          results,
        ),
      ],
    };
  },
});
