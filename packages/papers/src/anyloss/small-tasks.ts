import { stratifiedKFold } from "gradus/data";
import { bayesianSignTest, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { curve, defineExperiment, type ExperimentRun, point, progress } from "../experiment.ts";
import { barPlot, dotPlot } from "../shared/plots.ts";
import {
  crossValidate,
  LinearTrainers,
  type Method,
  metricLabels,
  moreThanRope,
  paperTest,
  practical,
  rope,
  type Scores,
  splitRows,
} from "./evaluation.ts";
import { smallTasks } from "./small-sets.ts";

const targets = ["balancedAccuracy", "geometricMean"] as const;
type Target = (typeof targets)[number];
const methods: readonly Method[] = ["BCE", "MSE", ...targets];
/** What the methods scored on one task. */
interface TaskScores {
  readonly name: string;
  readonly rows: number;
  readonly positiveShare: number;
  readonly scores: Readonly<Record<Target, Readonly<Record<"BCE" | "MSE" | "own", number>>>>;
}

const gains = (tasks: readonly TaskScores[], metric: Target, over: "BCE" | "MSE") =>
  tasks.map(({ scores }) => scores[metric].own - scores[metric][over]);

export default defineExperiment({
  description:
    "Trains linear classifiers on up to twenty two-class tasks made from scikit-learn’s sets and compares balanced accuracy and G-mean on held-out folds.",
  parameters: z.object({
    folds: z.int().min(2).max(10).default(10).describe("cross-validation folds"),
    iterations: z.int().min(10).max(10_000).default(1000).describe("full-batch steps"),
    allDigits: z.boolean().default(true).describe("all ten digits against the rest, instead of two of them"),
  }),
  profiles: { quick: { folds: 3, allDigits: false }, full: {} },
  seconds: { quick: 8, full: 90 },
  plots: [
    dotPlot(
      "scores",
      "Its own loss against cross-entropy, by task",
      "metric of the BCE model",
      "metric of the model trained for it",
      { series: [...targets.map((metric) => metricLabels[metric]), "equal"], references: ["equal"] },
    ),
    barPlot("gain", "Gain over cross-entropy", "task", "metric(its own loss) − metric(BCE)", {
      series: targets.map((metric) => metricLabels[metric]),
    }),
  ],

  async *measure({ parameters: { folds, iterations, allDigits }, seed, signal, stage }) {
    yield curve("scores", "equal", [0, 1], (x) => ({ x, y: x }));
    const tasks = await smallTasks({ allDigits });
    using trainers = new LinearTrainers();
    const results: TaskScores[] = [];
    for (const [k, task] of tasks.entries()) {
      const scores = yield* stage(task.name, async function* () {
        const splits = stratifiedKFold(task.y, folds, seed).map((fold) => splitRows(task, fold));
        async function* measured(method: Method): ExperimentRun<Scores> {
          yield progress(
            (k + methods.indexOf(method) / methods.length) / tasks.length,
            `${task.name}: ${method}`,
          );
          return await crossValidate(trainers, method, splits, { epochs: iterations, signal });
        }
        return {
          BCE: yield* measured("BCE"),
          MSE: yield* measured("MSE"),
          balancedAccuracy: yield* measured("balancedAccuracy"),
          geometricMean: yield* measured("geometricMean"),
        };
      });
      const of = (metric: Target) => ({
        BCE: scores.BCE[metric],
        MSE: scores.MSE[metric],
        own: scores[metric][metric],
      });
      results.push({
        name: task.name,
        rows: task.x.rows,
        positiveShare: sampleMean(task.y),
        scores: { balancedAccuracy: of("balancedAccuracy"), geometricMean: of("geometricMean") },
      });
      for (const metric of targets) {
        const { BCE, own } = of(metric);
        yield point("scores", metricLabels[metric], BCE, own);
        yield point("gain", metricLabels[metric], task.name, own - BCE);
      }
    }
    return results;
  },

  judge: (results) =>
    targets.flatMap((metric) => {
      const label = metricLabels[metric];
      const overEntropy = gains(results, metric, "BCE");
      const overSquares = sampleMean(gains(results, metric, "MSE"));
      const { left } = bayesianSignTest(overEntropy, { rope });
      return [
        check("C2", `${label}: mean gain over BCE`, sampleMean(overEntropy), moreThanRope, practical),
        check("C2", `${label}: mean gain over MSE`, overSquares, moreThanRope, practical),
        check("C2", `${label}: sign test P(BCE better)`, left, { atMost: 0.05 }, paperTest),
      ];
    }),

  present(results) {
    const mean = (metric: Target, over: "BCE" | "MSE") =>
      formatRounded(sampleMean(gains(results, metric, over)));
    const worse = (metric: Target) => gains(results, metric, "BCE").filter((gain) => gain < -rope).length;
    const tied = results.filter(({ scores }) =>
      targets.every((metric) => Math.abs(scores[metric].own - scores[metric].BCE) <= rope),
    ).length;
    const largest = (metric: Target) => {
      const all = gains(results, metric, "BCE");
      const best = all.indexOf(Math.max(...all));
      return `${formatRounded(all[best])} (${results[best].name})`;
    };
    return {
      headline: `On ${results.length} real tasks the mean gain over cross-entropy is ${mean("balancedAccuracy", "BCE")} in balanced accuracy and ${mean("geometricMean", "BCE")} in G-mean; ${tied} of the tasks tie.`,
      captions: {
        scores: `Dots near the line are ties: ${tied} of ${results.length} tasks differ by at most ${rope} in both metrics.`,
        gain: `Largest gains: balanced accuracy ${largest("balancedAccuracy")}, G-mean ${largest("geometricMean")}.`,
      },
      summary: [
        `Mean gain over BCE on ${results.length} tasks: balanced accuracy ${mean("balancedAccuracy", "BCE")}, G-mean ${mean("geometricMean", "BCE")}; over MSE: ${mean("balancedAccuracy", "MSE")} and ${mean("geometricMean", "MSE")}.`,
        `Tasks more than ${rope} below BCE: ${worse("balancedAccuracy")} in balanced accuracy, ${worse("geometricMean")} in G-mean. ${tied} of ${results.length}, the nearly separable ones, tie within ${rope} in both.`,
      ],
      tables: [
        {
          id: "tasks",
          title: "Metrics on held-out folds",
          columns: [
            { key: "task", label: "task" },
            { key: "n", label: "n" },
            { key: "positive", label: "share positive" },
            ...targets.flatMap((metric) => [
              { key: `${metric} MSE`, label: `${metricLabels[metric]}, MSE` },
              { key: `${metric} BCE`, label: `${metricLabels[metric]}, BCE` },
              { key: metric, label: `${metricLabels[metric]}, own loss` },
            ]),
          ],
          rows: results.map(({ name, rows, positiveShare, scores }) => ({
            task: name,
            n: rows,
            positive: positiveShare,
            ...Object.fromEntries(
              targets.flatMap((metric) => [
                [`${metric} MSE`, scores[metric].MSE],
                [`${metric} BCE`, scores[metric].BCE],
                [metric, scores[metric].own],
              ]),
            ),
          })),
        },
      ],
    };
  },
});
