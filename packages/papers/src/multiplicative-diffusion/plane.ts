import type { ArrayValue } from "@gradus/graph";
import {
  type DiffusionModel,
  type ForwardProcess,
  geometricBrownianProcess,
  type SampleOptions,
  sample,
  samplePath,
  type TimeMlpParameters,
  timeMlp,
  trainDiffusion,
  varianceExplodingProcess,
} from "gradus/diffusion";
import type { DenseMatrix } from "gradus/linalg";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import {
  defineExperiment,
  type ExperimentRun,
  point,
  points,
  progress,
  replaceCurve,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { barPlot, dotPlot, linePlot } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { distance, independentLogNormal, logarithms, spirals } from "./laws.ts";

const DATA = 4000;
const VOLATILITY = 0.8;
const START = 2e-4;
/** The additive process spreads the points over the plane. */
const ADDITIVE = 4;
const HIDDEN = [128, 128, 128] as const;
const SHOWN = 400;

type PlaneModel = DiffusionModel<TimeMlpParameters<ArrayValue>>;

/** Distances in logarithms, to another data set, of one run. */
interface PlaneRun {
  readonly seed: number;
  readonly twoSets: number;
  readonly logNormal: number;
  readonly logSpace: number;
  readonly ambient: number;
  /** Twenty steps. */
  readonly logSpaceShort: number;
  /** Of the particles that stayed positive. */
  readonly ambientShort: number;
  /** Probability flow with 49 evaluations. */
  readonly flow: number;
  /** Trained and sampled with uniform times. */
  readonly uniform: number;
  /** In the space of the points: of the multiplicative and of the additive process, where that was trained. */
  readonly plain: { readonly multiplicative: number; readonly additive: number } | null;
}

interface Findings {
  readonly steps: number;
  readonly runs: readonly PlaneRun[];
}

const samplers = ["logSpace", "ambient", "flow", "logSpaceShort", "ambientShort", "uniform"] as const;
const names: Readonly<Record<(typeof samplers)[number], string>> = {
  logSpace: "log-space, 250 steps",
  ambient: "ambient, 250 steps",
  flow: "probability flow, 49 evaluations",
  logSpaceShort: "log-space, 20 steps",
  ambientShort: "ambient, 20 steps",
  uniform: "uniform times, 250 steps",
};

export default defineExperiment({
  description:
    "A perceptron learns the noise of geometric Brownian motion on points of two spirals; samples by both samplers are compared with another data set by the sliced Wasserstein distance of their logarithms. Beside them: the log-normal law with the same moments, times spread uniformly as the authors do, and an additive process.",
  parameters: z.object({
    steps: z.int().min(100).max(50_000).default(10_000).describe("training steps"),
    batchSize: z.int().min(32).max(2048).default(512).describe("points in a training step"),
    particles: z.int().min(500).max(20_000).default(4000).describe("samples"),
    seeds: z.int().min(1).max(20).default(5).describe("networks trained"),
    additive: z.boolean().default(true).describe("train the additive process too"),
  }),
  profiles: { quick: { steps: 3000, batchSize: 256, particles: 2000, seeds: 1, additive: false }, full: {} },
  seconds: { quick: 15, full: 900 },
  plots: [
    dotPlot("plane", "Points becoming the data", "x₁", "x₂", { series: ["particles", "data"] }),
    linePlot("loss", "Training loss", "step", "mean squared error of the noise", {
      series: ["geometric times", "uniform times"],
    }),
    barPlot("distances", "Distance to another data set", "samples", "sliced Wasserstein distance", {
      series: ["distance"],
    }),
  ],

  async *measure({
    parameters: { steps, batchSize, particles, seeds, additive },
    seed,
    signal,
    stage,
    resumable,
  }) {
    const runs: PlaneRun[] = [];
    const all = repeatSeeds(seed, seeds);
    for (const [index, own] of all.entries()) {
      const at = (share: number) => (index + share) / all.length;
      const run = yield* stage(`seed ${own}`, async function* (): ExperimentRun<PlaneRun> {
        const data = spirals(DATA, own);
        const other = spirals(particles, own + 10_000);
        const law = logarithms(other);
        const to = (samples: DenseMatrix) => distance(logarithms(samples), law);
        const trained = async function* (
          process: ForwardProcess,
          times: "geometric" | "uniform",
          from: number,
          shown: string | undefined,
        ): ExperimentRun<PlaneModel> {
          const { iterate } = yield* resumable(`${times} times, ${process.name}`, {
            method: (resume) =>
              trainDiffusion({
                data,
                process,
                network: timeMlp({ inputs: 2, hidden: HIDDEN }),
                steps,
                batchSize,
                times,
                stepsPerIterate: Math.ceil(steps / 15),
                seed: own,
                resume,
                signal,
              }),
            kept: null,
            async *each({ steps: taken, loss }) {
              yield progress(at(from + (0.25 * taken) / steps), `training, step ${taken}`);
              if (shown && loss !== undefined && index === 0) yield point("loss", shown, taken, loss);
            },
          });
          return iterate.model;
        };
        if (index === 0) yield points("plane", "data", pointsOf(data, SHOWN, DATA / SHOWN));
        const process = geometricBrownianProcess({ volatility: VOLATILITY, startTime: START });
        const model = yield* trained(process, "geometric", 0, "geometric times");
        const made = async (options: SampleOptions, of = model) => {
          signal.throwIfAborted();
          const { samples } = await sample(of, {
            count: particles,
            onNonPositive: "drop",
            seed: own,
            ...options,
          });
          return samples;
        };
        let logSpace = Number.NaN;
        let last: DenseMatrix | undefined;
        for await (const { points: now, denoised, done } of samplePath(model, {
          count: particles,
          steps: 250,
          stepsPerIterate: 25,
          seed: own,
          signal,
        })) {
          if (index === 0)
            yield replaceCurve("plane", "particles", pointsOf(done ? denoised : now, SHOWN), (one) => one);
          last = denoised;
        }
        if (last) logSpace = to(last);
        yield progress(at(0.4), "samples");
        const multiplicative = last ?? data;
        const found = {
          twoSets: distance(logarithms(data), law),
          logNormal: to(independentLogNormal(data, particles, own)),
          logSpace,
          ambient: to(await made({ steps: 250, sampler: "ambient" })),
          flow: to(await made({ steps: 24, sampler: "probability-flow" })),
          logSpaceShort: to(await made({ steps: 20 })),
          ambientShort: to(await made({ steps: 20, sampler: "ambient" })),
        };
        // the authors' spread of times, and their least time
        const even = geometricBrownianProcess({ volatility: VOLATILITY, startTime: 1e-3 });
        const evenModel = yield* trained(even, "uniform", 0.5, "uniform times");
        const uniform = to(await made({ steps: 250, times: "uniform" }, evenModel));
        let plain: PlaneRun["plain"] = null;
        if (additive) {
          const spread = varianceExplodingProcess({ volatility: ADDITIVE, startTime: START / 25 });
          const additiveModel = yield* trained(spread, "geometric", 0.75, undefined);
          plain = {
            multiplicative: distance(multiplicative, other),
            additive: distance(await made({ steps: 250 }, additiveModel), other),
          };
        }
        return { seed: own, ...found, uniform, plain };
      });
      runs.push(run);
      if (index === 0) {
        for (const key of samplers) yield point("distances", "distance", names[key], run[key]);
        yield point("distances", "distance", "log-normal", run.logNormal);
        yield point("distances", "distance", "two data sets", run.twoSets);
      }
    }
    yield progress(1, "done");
    return { steps, runs };
  },

  judge({ runs }: Findings) {
    const mean = (of: (run: PlaneRun) => number) => runs.reduce((sum, run) => sum + of(run) / runs.length, 0);
    const plain = runs.flatMap((run) => (run.plain ? [run.plain] : []));
    return [
      ...(["logSpace", "ambient"] as const).flatMap((key) => [
        check(
          "C1",
          `distance over that of the log-normal law with the same moments: ${names[key]}`,
          mean((run) => run[key]) / mean((run) => run.logNormal),
          { atMost: 0.35 },
          criterion(
            "a law that is learned must be much nearer than its means and variances, by a factor of three",
          ),
        ),
        check(
          "C1",
          `distance over that of two data sets: ${names[key]}`,
          mean((run) => run[key]) / mean((run) => run.twoSets),
          { atMost: 5 },
          criterion("within five times the distance of two samples the picture looks like the data"),
        ),
      ]),
      check(
        "C4",
        "difference of both samplers at 250 steps, in shares of the larger distance",
        mean((run) => Math.abs(run.logSpace - run.ambient) / Math.max(run.logSpace, run.ambient)),
        { atMost: 0.5 },
        criterion("both discretize one equation: small steps must not tell them apart by more than half"),
      ),
      ourCheck(
        "distance with 49 evaluations (probability flow) over that with 250 steps",
        mean((run) => run.flow) / mean((run) => run.logSpace),
        { atMost: 1.2 },
        criterion("a fifth more is about the sampling error of such distances"),
      ),
      ourCheck(
        "distance with geometric times over that with uniform times",
        mean((run) => run.logSpace) / mean((run) => run.uniform),
        { atMost: 0.5 },
        criterion("the choice of times matters where it halves the distance"),
      ),
      ...(plain.length > 0
        ? [
            ourCheck(
              "distance in the plane over that of an additive process with the same network",
              plain.reduce((sum, { multiplicative, additive }) => sum + multiplicative / additive, 0) /
                plain.length,
              { atMost: 1.3 },
              criterion("multiplicative noise should not cost much on points far from 0"),
            ),
          ]
        : []),
    ];
  },

  present({ steps, runs }: Findings) {
    const mean = (of: (run: PlaneRun) => number) =>
      formatRounded(runs.reduce((sum, run) => sum + of(run) / runs.length, 0));
    return {
      headline: `After ${steps.toLocaleString("en-US")} steps of training the log-space sampler is ${mean((run) => run.logSpace)} from another data set, the log-normal law ${mean((run) => run.logNormal)}, two data sets ${mean((run) => run.twoSets)}.`,
      summary: [
        `With 250 steps the ambient sampler is at ${mean((run) => run.ambient)}, with 20 steps at ${mean((run) => run.ambientShort)} (log-space: ${mean((run) => run.logSpaceShort)}); particles that its steps make negative or 0 are left out. The probability flow needs 49 evaluations of the network for ${mean((run) => run.flow)}.`,
        `Training and sampling at uniform times, as the authors’ settings have it, gives ${mean((run) => run.uniform)}: small times, where the spirals are told apart, are rarely visited.`,
      ],
      captions: {
        plane: `${SHOWN} particles, from noise back to the data; the last picture is Tweedie’s estimate.`,
        loss: "The losses average over different times and are not to be compared with each other.",
        distances: "Logarithms of the points, 128 directions.",
      },
      tables: [
        tableOf(
          "runs",
          "Distances by seed",
          {
            seed: "Seed",
            twoSets: "Two data sets",
            logNormal: "Log-normal",
            logSpace: "Log-space",
            ambient: "Ambient",
            flow: "Flow",
            logSpaceShort: "Log-space, 20",
            ambientShort: "Ambient, 20",
            uniform: "Uniform times",
          },
          runs,
        ),
      ],
    };
  },
});

function pointsOf({ columns, values, rows }: DenseMatrix, most: number, every = 1) {
  return Array.from({ length: Math.min(most, Math.floor(rows / every)) }, (_, i) => ({
    x: values[i * every * columns],
    y: values[i * every * columns + 1],
  }));
}
