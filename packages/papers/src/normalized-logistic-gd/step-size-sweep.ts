import { geometricMargin } from "gradus/optimize";
import { logLogSlope, median } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, point, progress, table } from "../experiment.ts";
import { lossNormalizedTable } from "./loss-normalized.ts";
import { followPath, type PathSummary, pathColumns, pathRow, stepLabel } from "./path.ts";
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
/** Where the claim is put to the test; the other two pairs are shown beside them. */
const tested: readonly SourceName[] = ["digits 1v8", "digits 3v8", "MNIST 3v5"];

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

export default defineExperiment({
  id: "step-size-sweep",
  title: "Larger steps: higher losses, earlier separation",
  description:
    "Runs LR+GD with steps from 1 to 1e6 until every training sample is classified correctly, and sets the number of iterations against the losses on the way.",
  claims: ["C2", "C5"],
  parameters: z.object({
    traced: z
      .enum(["digits 1v8", "digits 3v8", "digits 4v9"])
      .default("digits 1v8")
      .describe("data whose paths are drawn"),
    maxIterations: z.int().min(1).max(1_000_000).default(20_000).describe("iterations allowed"),
    images: z.boolean().default(true).describe("also MNIST and Fashion-MNIST (from GRADUS_DATA_DIR)"),
  }),
  dataDirectory: ["images"],
  profiles: { quick: { maxIterations: 4000, images: false }, full: {} },
  seconds: { quick: 2, full: 30 },
  plots: [
    {
      id: "time",
      title: "Iterations until separation",
      x: { label: "step γ", scale: "log" },
      y: { label: "iterations T", scale: "log" },
      mark: "line",
      series: Object.keys(sources),
    },
    {
      id: "max-loss",
      title: "Largest loss on the way",
      x: { label: "step γ", scale: "log" },
      y: { label: "largest logistic loss", scale: "log" },
      mark: "line",
      series: Object.keys(sources),
    },
    {
      id: "loss",
      title: "Logistic loss along the path",
      x: { label: "iteration t", scale: "log" },
      y: { label: "logistic loss", scale: "log" },
      mark: "line",
      series: allSeries,
    },
    {
      id: "margin",
      title: "Smallest margin along the path",
      x: { label: "iteration t", scale: "log" },
      y: { label: "min_i m_i / ‖θ‖" },
      mark: "line",
      series: allSeries,
    },
    {
      id: "accuracy",
      title: "Training accuracy along the path",
      x: { label: "iteration t", scale: "log" },
      y: { label: "share of correct samples" },
      mark: "line",
      series: allSeries,
    },
  ],

  async *run({ parameters: { traced, maxIterations, images }, signal, stage }) {
    const names = images ? [...digitNames, ...imageNames] : digitNames;
    const problems = await Promise.all(names.map((name) => sources[name]()));
    const checks: Check[] = [];
    const pathRows: ReturnType<typeof pathRow>[] = [];
    const dataRows: Record<string, number | string | null>[] = [];
    const summary: string[] = [];
    const factors: string[] = [];
    let solvedRuns = 0;
    const captions: Record<string, string> = {};
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
        pathRows.push(pathRow(problem, "gd", gamma, run));
        yield table({
          id: "paths",
          title: "Paths until separation",
          columns: pathColumns,
          rows: [...pathRows],
        });
      }
      const geometry = yield* stage(`${name}, geometry`, async function* () {
        yield progress((0.9 * (k + 1)) / names.length, `${name}, margin`);
        const { mu, R, complexity } = geometricMargin({ A: problem.x, y: problem.y });
        return { mu, R, complexity, limit: classicalLimit(problem) };
      });
      const at = (gamma: (typeof gammas)[number]) => runs[gammas.indexOf(gamma)];
      const { ratio, shareAboveOne } = lossAgainstProgress(at(1), at(1e4));
      const { slope } = logLogSlope(
        gammas.slice(2),
        runs.slice(2).map(({ maxLoss }) => maxLoss),
      );
      const solved = runs.filter(({ separated }) => separated).length;
      dataRows.push({
        data: name,
        n: problem.x.rows,
        d: problem.x.columns,
        complexity: geometry.complexity,
        limit: geometry.limit,
        slope,
        ratio,
        shareAboveOne,
      });
      yield table({
        id: "data",
        title: "The data, and how little the loss tells",
        columns: [
          { key: "data", label: "data" },
          { key: "n", label: "n" },
          { key: "d", label: "d" },
          { key: "complexity", label: "R²/μ²" },
          { key: "limit", label: "2/L" },
          { key: "slope", label: "slope of ln max loss on ln γ" },
          { key: "ratio", label: "median loss, γ = 1e4 over γ = 1" },
          { key: "shareAboveOne", label: "share of the path with loss > 1, γ = 1e4" },
        ],
        rows: [...dataRows],
      });
      if (tested.includes(name)) {
        checks.push(
          check("C2", `${name}: T at γ = 100 over T at γ = 1`, at(1e2).iterations / at(1).iterations, {
            atMost: 0.5,
          }),
          check("C2", `${name}: slope of ln max loss on ln γ, γ from 1e2 to 1e6`, slope, {
            between: [0.95, 1.05],
          }),
          check("C2", `${name}: max loss at γ = 1e4 over γ = 1`, at(1e4).maxLoss / at(1).maxLoss, {
            atLeast: 1000,
          }),
          check("C2", `${name}: T at γ = 1e4 over T at γ = 1`, at(1e4).iterations / at(1).iterations, {
            below: 1,
          }),
          check("C2", `${name}: median loss of γ = 1e4 over that of γ = 1 while the former runs`, ratio, {
            atLeast: 100,
          }),
          check("C2", `${name}: share of the path of γ = 1e4 with loss above 1`, shareAboveOne, {
            atLeast: 0.9,
          }),
        );
        summary.push(
          `${name}: γ = 1e4 separates after ${at(1e4).iterations} iterations, γ = 1 after ${at(1).iterations}, though its median loss is ${formatFigure(ratio)} times as high and stays above 1 on ${formatFigure(100 * shareAboveOne)} % of its path.`,
        );
      }
      checks.push(
        check("C5", `${name}: step sizes of ${gammas.length} that separate`, solved, {
          equals: gammas.length,
        }),
        check("C5", `${name}: smallest step over the classical limit 2/L`, gammas[0] / geometry.limit, {
          above: 1,
        }),
      );
      if (name === traced) {
        captions.loss = `${name}: the largest loss grows from ${formatFigure(at(1).maxLoss)} at γ = 1 to ${formatFigure(at(1e6).maxLoss)} at γ = 1e6, while the path shortens from ${at(1).iterations} to ${at(1e6).iterations} iterations.`;
        captions.margin = `${name}: the run ends where the smallest margin crosses 0; the largest possible value is μ = ${formatFigure(geometry.mu)}.`;
        captions.accuracy = `${name}: with large steps the accuracy jumps up and down until the very end, when γ = 1e6 reaches 1 after ${at(1e6).iterations} iterations.`;
      }
      factors.push(`${formatFigure(at(1).iterations / at(1e2).iterations)} (${name})`);
      solvedRuns += solved;
    }
    yield progress(0.9, "loss-normalized steps");
    const variants = problems.filter((_, k) => names[k] !== "Fashion 7v9");
    const variant = yield* stage("loss-normalized", () => lossNormalizedTable(variants, signal));
    yield progress(1, "done");
    const eachOf = (key: string) =>
      dataRows.map((row) => `${formatFigure(Number(row[key]))} (${row.data})`).join(", ");
    captions.time = `From γ = 1 to γ = 100, T falls by a factor of ${factors.join(", ")}.`;
    captions["max-loss"] =
      `Once the first step overshoots, the largest loss is proportional to γ: the slopes from γ = 100 on are ${eachOf("slope")}.`;
    summary.push(
      `${solvedRuns} of ${gammas.length * names.length} runs with steps from 1 to 1e6 separate the data; the classical limit 2/L is ${eachOf("limit")}.`,
      `Loss-normalized steps, a variant outside this paper, give counts that depend on rounding: ${variant}`,
    );
    return { checks, captions, summary };
  },
});
