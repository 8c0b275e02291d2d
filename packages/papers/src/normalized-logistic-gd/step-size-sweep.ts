import { geometricMargin } from "gradus/optimize";
import { logLogSlope, median } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { lossNormalizedSentence, lossNormalizedTable, lossNormalizedTimes } from "./loss-normalized.ts";
import { type FoundPath, followPath, foundPath, type PathSummary, pathTable, stepLabel } from "./path.ts";
import { classicalLimit, digitPair, imagePair } from "./problems.ts";

const gammas = [1, 10, 1e2, 1e3, 1e4, 1e6] as const;
const sources = {
  "digits 1v8": () => digitPair(1, 8),
  "digits 3v8": () => digitPair(3, 8),
  "digits 4v9": () => digitPair(4, 9),
  "MNIST 3v5": () => imagePair("mnist", 3, 5),
  "Fashion 7v9": () => imagePair("fashion-mnist", 7, 9),
} as const;
type SourceName = keyof typeof sources;
const digitNames: readonly SourceName[] = ["digits 1v8", "digits 3v8", "digits 4v9"];
const imageNames: readonly SourceName[] = ["MNIST 3v5", "Fashion 7v9"];

type Run = PathSummary & { readonly losses: Float64Array };

/** The loss as a measure of progress: the runs with gamma = 1 and 1e4 over the first T(1e4) iterations. */
function lossAgainstProgress(small: Run, large: Run): { ratio: number; shareAboveOne: number } {
  const T = large.iterations;
  return {
    ratio: median(large.losses.subarray(1, T + 1)) / median(small.losses.subarray(1, T + 1)),
    shareAboveOne: large.losses.subarray(0, T).filter((loss) => loss > 1).length / T,
  };
}

const seriesOf = (gamma: number) => `γ = ${stepLabel(gamma)}`;
const allSeries = gammas.map(seriesOf);

/** The findings on one data set, with one path per step size. */
interface DataSet {
  readonly data: string;
  readonly mu: number;
  readonly complexity: number;
  /** 2/L. */
  readonly limit: number;
  /** The power of γ in the largest loss. */
  readonly slope: number;
  /** Median loss of γ = 1e4 over that of γ = 1. */
  readonly ratio: number;
  readonly shareAboveOne: number;
  readonly paths: readonly FoundPath[];
}

const at = ({ paths }: DataSet, gamma: (typeof gammas)[number]) => paths[gammas.indexOf(gamma)];

export default defineExperiment({
  description:
    "Runs LR+GD with step sizes from 1 to 1e6 until every training sample is classified correctly, and compares the number of iterations with the losses along the path.",
  parameters: z.object({
    traced: z
      .enum(["digits 1v8", "digits 3v8", "digits 4v9"])
      .default("digits 1v8")
      .describe("data set whose paths are drawn"),
    maxIterations: z.int().min(1).max(1_000_000).default(20_000).describe("iterations allowed"),
    images: z.boolean().default(true).describe("also MNIST and Fashion-MNIST"),
  }),
  testImages: { images: ["mnist", "fashion-mnist"] },
  profiles: { quick: { maxIterations: 4000, images: false }, full: {} },
  seconds: { quick: 2, full: 30 },
  plots: [
    linePlot("time", "Iterations until separation", logAxis("step size γ"), logAxis("iterations T"), {
      series: Object.keys(sources),
    }),
    linePlot(
      "max-loss",
      "Largest loss along the path",
      logAxis("step size γ"),
      logAxis("largest logistic loss"),
      { series: Object.keys(sources) },
    ),
    linePlot("loss", "Logistic loss along the path", logAxis("iteration t"), logAxis("logistic loss"), {
      series: allSeries,
    }),
    linePlot("margin", "Smallest margin along the path", logAxis("iteration t"), "min_i m_i / ‖θ‖", {
      series: allSeries,
    }),
    linePlot(
      "accuracy",
      "Training accuracy along the path",
      logAxis("iteration t"),
      "share of correct samples",
      { series: allSeries },
    ),
  ],

  async *measure({ parameters: { traced, maxIterations, images }, signal, stage }) {
    const names = images ? [...digitNames, ...imageNames] : digitNames;
    const problems = await Promise.all(names.map((name) => sources[name]()));
    const found: DataSet[] = [];
    for (const [k, problem] of problems.entries()) {
      const name = names[k];
      const runs: Run[] = [];
      for (const [i, gamma] of gammas.entries()) {
        yield progress((0.9 * (k + i / gammas.length)) / names.length, `${name}, γ = ${stepLabel(gamma)}`);
        const run = yield* stage(`${name}, ${gamma}`, async function* () {
          const losses: number[] = [];
          const path = yield* followPath(problem, {
            method: "gd",
            step: gamma,
            maxIterations,
            signal,
            losses,
            *show({ iteration, loss, minMargin, thetaNorm, accuracy }) {
              if (name !== traced || iteration === 0) return;
              if (loss > 0) yield point("loss", seriesOf(gamma), iteration, loss);
              yield point("margin", seriesOf(gamma), iteration, minMargin / thetaNorm);
              yield point("accuracy", seriesOf(gamma), iteration, accuracy);
            },
          });
          yield point("time", name, gamma, path.iterations);
          yield point("max-loss", name, gamma, path.maxLoss);
          return { ...path, losses: Float64Array.from(losses) };
        });
        runs.push(run);
      }
      const geometry = yield* stage(`${name}, geometry`, async function* () {
        yield progress((0.9 * (k + 1)) / names.length, `${name}, margin`);
        const { mu, complexity } = geometricMargin({ A: problem.x, y: problem.y });
        return { mu, complexity, limit: classicalLimit(problem) };
      });
      const at = (gamma: (typeof gammas)[number]) => runs[gammas.indexOf(gamma)];
      const { slope } = logLogSlope(
        gammas.slice(2),
        runs.slice(2).map(({ maxLoss }) => maxLoss),
      );
      found.push({
        data: name,
        ...geometry,
        slope,
        ...lossAgainstProgress(at(1), at(1e4)),
        paths: runs.map((run, i) => foundPath(problem, "gd", gammas[i], run)),
      });
    }
    yield progress(0.9, "loss-normalized steps");
    const variants = problems.filter((_, k) => names[k] !== "Fashion 7v9");
    const lossNormalized = yield* stage("loss-normalized", () => lossNormalizedTimes(variants, signal));
    return { traced, sets: found, lossNormalized };
  },

  judge({ sets }) {
    return sets.flatMap((set) => [
      ...([1e2, 1e4] as const).map((gamma) =>
        check(
          "C2",
          `${set.data}: iterations at γ = 1 over iterations at γ = ${stepLabel(gamma)}`,
          at(set, 1).iterations / at(set, gamma).iterations,
          { atLeast: 1.5 },
          criterion("“faster” is at least 1.5 times"),
        ),
      ),
      check(
        "C2",
        `${set.data}: median loss at γ = 1e4 over γ = 1, while γ = 1e4 runs`,
        set.ratio,
        { atLeast: 2 },
        criterion("“higher” is at least twice as high"),
      ),
      check(
        "C5",
        `${set.data}: step sizes that separate, of ${gammas.length}`,
        set.paths.filter(({ separated }) => separated).length,
        { equals: gammas.length },
        criterion("“arbitrarily large” is every step size tried, up to a million"),
      ),
      ourCheck(
        `${set.data}: smallest step size tried over the classical limit 2/L`,
        gammas[0] / set.limit,
        { above: 1 },
        criterion("step sizes below the classical limit would show nothing"),
      ),
    ]);
  },

  present({ traced, sets, lossNormalized }) {
    const [first] = sets;
    const shown = sets.find(({ data }) => data === traced) ?? first;
    const iterations = (set: DataSet, gamma: (typeof gammas)[number]) =>
      formatRounded(at(set, gamma).iterations);
    const eachOf = (figure: (set: DataSet) => number) =>
      sets.map((set) => `${formatRounded(figure(set))} (${set.data})`).join(", ");
    const runs = sets.flatMap(({ paths }) => paths);
    return {
      headline: `On ${first.data} LR+GD separates in ${iterations(first, 1e2)} iterations with γ = 100 and in ${iterations(first, 1)} with γ = 1; with γ = 1e4 it takes ${iterations(first, 1e4)} at ${formatRounded(first.ratio)} times the loss.`,
      captions: {
        time: `T at γ = 1 over T at γ = 100 is ${eachOf((set) => at(set, 1).iterations / at(set, 1e2).iterations)}.`,
        "max-loss": `From γ = 100 to 1e6 the largest loss scales as γ to the power ${eachOf(({ slope }) => slope)}.`,
        loss: `${shown.data}: the largest loss is ${formatRounded(at(shown, 1).maxLoss)} at γ = 1 and ${formatRounded(at(shown, 1e6).maxLoss)} at γ = 1e6; the paths take ${iterations(shown, 1)} and ${iterations(shown, 1e6)} iterations.`,
        margin: `${shown.data}: a run ends where the smallest margin becomes positive; its largest possible value is μ = ${formatRounded(shown.mu)}.`,
        accuracy: `${shown.data}: γ = 1e6 reaches an accuracy of ${formatRounded(at(shown, 1e6).accuracy)} after ${iterations(shown, 1e6)} iterations, γ = 1 one of ${formatRounded(at(shown, 1).accuracy)} after ${iterations(shown, 1)}.`,
      },
      summary: [
        ...sets.map(
          (set) =>
            `${set.data}: γ = 1e4 takes ${iterations(set, 1e4)} iterations and γ = 1 takes ${iterations(set, 1)}; the median loss of γ = 1e4 is ${formatRounded(set.ratio)} times as high, and above 1 on ${formatRounded(100 * set.shareAboveOne)}% of its path.`,
        ),
        `${runs.filter(({ separated }) => separated).length} of ${runs.length} runs with step sizes from 1 to 1e6 separate the data; the classical limit 2/L is ${eachOf(({ limit }) => limit)}.`,
        lossNormalizedSentence(lossNormalized),
      ],
      tables: [
        pathTable("Paths until separation", runs),
        tableOf(
          "data",
          "The data, and the loss as a measure of progress",
          {
            data: "data",
            n: "n",
            d: "d",
            complexity: "R²/μ²",
            limit: "2/L",
            slope: "power of γ in the largest loss",
            ratio: "median loss, γ = 1e4 over γ = 1",
            shareAboveOne: "share of the path with loss > 1, γ = 1e4",
          },
          sets.map((set) => ({ ...set, n: set.paths[0].n, d: set.paths[0].d })),
        ),
        lossNormalizedTable(lossNormalized),
      ],
    };
  },
});
