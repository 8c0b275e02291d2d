import { stratifiedKFold } from "gradus/data";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, type ExperimentRun, note, point, points, progress, table } from "../experiment.ts";
import {
  crossValidate,
  LinearTrainers,
  type Method,
  metricLabels,
  type Scores,
  splitRows,
} from "./evaluation.ts";
import { smallTasks } from "./small-sets.ts";

const targets = ["balancedAccuracy", "geometricMean"] as const;
type Target = (typeof targets)[number];
const methods: readonly Method[] = ["BCE", "MSE", ...targets];
const rope = 0.01;
/** The least mean gains over cross-entropy. */
const leastGain = { balancedAccuracy: 0.015, geometricMean: 0.02 } as const;
const leastGainOverSquares = 0.03;

const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;

export default defineExperiment({
  id: "small-tasks",
  title: "Small real sets: a gain where classes overlap, a tie where they do not",
  description:
    "Trains linear classifiers on up to twenty two-class tasks made of scikit-learn's sets and compares balanced accuracy and G-mean on held-out folds.",
  claims: ["C2"],
  parameters: z.object({
    folds: z.int().min(2).max(10).default(10).describe("cross-validation folds"),
    iterations: z.int().min(10).max(10_000).default(1000).describe("full-batch steps"),
    allDigits: z.boolean().default(true).describe("each of the ten digits against the rest, not two of them"),
  }),
  profiles: { quick: { folds: 3, allDigits: false }, full: {} },
  seconds: { quick: 8, full: 90 },
  plots: [
    {
      id: "scores",
      title: "Every task: its own loss against cross-entropy",
      x: { label: "metric of the BCE model" },
      y: { label: "metric of the model trained for it" },
      mark: "dot",
      series: [...targets.map((metric) => metricLabels[metric]), "equal"],
      references: ["equal"],
    },
    {
      id: "gain",
      title: "Gain over cross-entropy",
      x: { label: "task" },
      y: { label: "metric(its own loss) − metric(BCE)" },
      mark: "bar",
      series: targets.map((metric) => metricLabels[metric]),
    },
  ],

  async *run({ parameters: { folds, iterations, allDigits }, seed, signal, stage }) {
    yield points("scores", "equal", [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ]);
    const tasks = await smallTasks({ allDigits });
    using trainers = new LinearTrainers();
    const results: Record<"BCE" | "MSE" | Target, Scores>[] = [];
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
      results.push(scores);
      for (const metric of targets) {
        yield point("scores", metricLabels[metric], scores.BCE[metric], scores[metric][metric]);
        yield point("gain", metricLabels[metric], task.name, scores[metric][metric] - scores.BCE[metric]);
      }
      yield table({
        id: "tasks",
        title: "Figures on held-out folds",
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
        rows: results.map((r, i) => ({
          task: tasks[i].name,
          n: tasks[i].x.rows,
          positive: tasks[i].y.reduce((total, label) => total + label, 0) / tasks[i].x.rows,
          ...Object.fromEntries(
            targets.flatMap((metric) => [
              [`${metric} MSE`, r.MSE[metric]],
              [`${metric} BCE`, r.BCE[metric]],
              [metric, r[metric][metric]],
            ]),
          ),
        })),
      });
    }
    const gains = (metric: Target, over: "BCE" | "MSE") =>
      results.map((r) => r[metric][metric] - r[over][metric]);
    const worse = (metric: Target) => gains(metric, "BCE").filter((gain) => gain < -rope).length;
    const tied = results.filter((r) =>
      targets.every((metric) => Math.abs(r[metric][metric] - r.BCE[metric]) <= rope),
    );
    const checks: Check[] = targets.flatMap((metric) => {
      const label = metricLabels[metric];
      return [
        check("C2", `${label}: tasks of ${tasks.length} worse than BCE by more than ${rope}`, worse(metric), {
          atMost: 1,
        }),
        check("C2", `${label}: mean gain over BCE`, mean(gains(metric, "BCE")), {
          atLeast: leastGain[metric],
        }),
        check("C2", `${label}: mean gain over MSE`, mean(gains(metric, "MSE")), {
          atLeast: leastGainOverSquares,
        }),
      ];
    });
    yield note(
      `On ${tied.length} of ${tasks.length} tasks, the near-separable ones, the metric losses and BCE differ by at most ${rope}: there all methods tie.`,
    );
    yield progress(1, "done");
    const meanOf = (metric: Target, over: "BCE" | "MSE") => formatFigure(mean(gains(metric, over)));
    const largest = (metric: Target) => {
      const all = gains(metric, "BCE");
      const best = all.indexOf(Math.max(...all));
      return `${formatFigure(all[best])} (${tasks[best].name})`;
    };
    return {
      checks,
      captions: {
        scores: `Dots on the line are ties, ${tied.length} of ${tasks.length} tasks; the dots above it are tasks whose classes overlap and differ in size.`,
        gain: `Largest gains: balanced accuracy ${largest("balancedAccuracy")}, G-mean ${largest("geometricMean")}.`,
      },
      summary: [
        `Mean gain over BCE on ${tasks.length} tasks: balanced accuracy ${meanOf("balancedAccuracy", "BCE")}, G-mean ${meanOf("geometricMean", "BCE")}; over MSE: ${meanOf("balancedAccuracy", "MSE")} and ${meanOf("geometricMean", "MSE")}.`,
        `${worse("balancedAccuracy")} and ${worse("geometricMean")} tasks are worse than BCE by more than ${rope}; ${tied.length} tie within it.`,
      ],
    };
  },
});
