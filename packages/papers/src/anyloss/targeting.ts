import { gaussianPair, stratifiedKFold } from "gradus/data";
import { bayesianSignTest, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { curve, defineExperiment, type ExperimentRun, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { barPlot, dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
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

const shares = [0.05, 0.1, 0.2, 0.4] as const;
const separations = [1, 1.5, 2] as const;
const targets = ["geometricMean", "f2", "f1", "balancedAccuracy", "accuracy"] as const;
/** Metrics in which the paper's tables show a gain; they show none in accuracy. */
const gaining = targets.filter((metric) => metric !== "accuracy");
/** Up to this share of positives the classes count as imbalanced. */
const imbalanced = 0.2;

type Target = (typeof targets)[number];

interface Task {
  readonly variant: string;
  readonly d: number;
  readonly blobs: 1 | 2;
  readonly share: number;
  readonly separation: number;
  readonly seed: number;
}

/** A task, and the gain in each metric from its own loss over cross-entropy. */
interface TaskGains extends Task {
  readonly gains: Record<Target, number>;
}

function tasksOf(variant: string, d: number, blobs: 1 | 2, seeds: readonly number[]): Task[] {
  return shares.flatMap((share) =>
    separations.flatMap((separation) =>
      seeds.map((seed) => ({ variant, d, blobs, share, separation, seed })),
    ),
  );
}

const isBase = ({ variant }: Task) => variant === "d = 8";
const gainsOf = (tasks: readonly TaskGains[], metric: Target) => tasks.map(({ gains }) => gains[metric]);
const meanGain = (tasks: readonly TaskGains[], metric: Target) => sampleMean(gainsOf(tasks, metric));
const signTest = (tasks: readonly TaskGains[], metric: Target) =>
  bayesianSignTest(gainsOf(tasks, metric), { rope });
const meanGainAt = (tasks: readonly TaskGains[], metric: Target, share: number) =>
  meanGain(
    tasks.filter((task) => task.share === share),
    metric,
  );
const [rarest, commonest] = [shares[0], shares[shares.length - 1]];
const labelsOf = targets.map((metric) => metricLabels[metric]);

export default defineExperiment({
  description:
    "Trains linear classifiers on overlapping Gaussian classes with 5 to 40% positives, by cross-entropy and by the losses of five metrics, and compares each metric on held-out folds.",
  parameters: z.object({
    rows: z.int().min(200).max(20_000).default(1000).describe("rows of each task"),
    iterations: z.int().min(10).max(10_000).default(1000).describe("full-batch steps"),
    folds: z.int().min(2).max(10).default(10).describe("cross-validation folds"),
    seeds: z.int().min(1).max(20).default(5).describe("tasks for each share of positives and separation"),
    variants: z.boolean().default(true).describe("also 30 features, and positives in two blobs"),
  }),
  profiles: { quick: { rows: 600, iterations: 500, folds: 3, seeds: 1, variants: false }, full: {} },
  seconds: { quick: 5, full: 240 },
  plots: [
    linePlot(
      "gain",
      "Gain over cross-entropy, by share of positives",
      logAxis("share of positives"),
      "metric(its own loss) − metric(BCE)",
      { series: [...labelsOf, "no gain"], references: ["no gain"] },
    ),
    barPlot(
      "sign-test",
      "Bayesian sign test: which loss is better in practice",
      "target metric",
      "posterior probability",
      { series: ["AnyLoss", "within ±0.01", "BCE"] },
    ),
    dotPlot("tasks", "Every task", "metric of the BCE model", "metric of the model trained for it", {
      series: [...labelsOf, "equal"],
      references: ["equal"],
    }),
  ],

  async *measure({ parameters: { rows, iterations, folds, seeds, variants }, seed, signal, stage }) {
    yield curve("gain", "no gain", [shares[0], shares[shares.length - 1]], (x) => ({ x, y: 0 }));
    yield curve("tasks", "equal", [0, 1], (x) => ({ x, y: x }));
    const base = tasksOf("d = 8", 8, 1, repeatSeeds(seed, seeds));
    const others = variants
      ? [...tasksOf("d = 30", 30, 1, [seed]), ...tasksOf("two blobs", 8, 2, [seed])]
      : [];
    const tasks = [...base, ...others];
    using trainers = new LinearTrainers();
    const results: TaskGains[] = [];
    for (const [k, task] of tasks.entries()) {
      const { variant, d, blobs, share, separation } = task;
      const name = `${variant}, ${100 * share}% positive, s = ${separation}, seed ${task.seed}`;
      const gains = yield* stage(name, async function* () {
        const data = gaussianPair({ n: rows, d, positiveShare: share, separation, blobs, seed: task.seed });
        const splits = stratifiedKFold(data.y, folds, task.seed).map((fold) => splitRows(data, fold));
        async function* scores(method: Method, done: number): ExperimentRun<Scores> {
          yield progress((k + done / (1 + targets.length)) / tasks.length, `${name}: ${method}`);
          return await crossValidate(trainers, method, splits, { epochs: iterations, signal });
        }
        const entropy = yield* scores("BCE", 0);
        const measured: Partial<Record<Target, number>> = {};
        for (const [m, metric] of targets.entries()) {
          const own = yield* scores(metric, 1 + m);
          measured[metric] = own[metric] - entropy[metric];
          if (isBase(task)) yield point("tasks", metricLabels[metric], entropy[metric], own[metric]);
        }
        return measured as Record<Target, number>;
      });
      results.push({ ...task, gains });
      const done = results.filter((one) => isBase(one) && one.share === share);
      if (isBase(task) && done.length === separations.length * seeds)
        for (const metric of targets)
          yield point("gain", metricLabels[metric], share, meanGain(done, metric));
    }
    for (const metric of targets) {
      const { left, rope: equal, right } = signTest(results.filter(isBase), metric);
      yield point("sign-test", "AnyLoss", metricLabels[metric], right);
      yield point("sign-test", `within ±${rope}`, metricLabels[metric], equal);
      yield point("sign-test", "BCE", metricLabels[metric], left);
    }
    return results;
  },

  judge(results) {
    const base = results.filter(isBase);
    const rare = base.filter(({ share }) => share <= imbalanced);
    return [
      ...gaining.flatMap((metric) => [
        check(
          "C2",
          `${metricLabels[metric]}: mean gain over BCE`,
          meanGain(base, metric),
          moreThanRope,
          practical,
        ),
        check(
          "C2",
          `${metricLabels[metric]}: sign test P(BCE better)`,
          signTest(base, metric).left,
          { atMost: 0.05 },
          paperTest,
        ),
        check(
          "C2",
          `${metricLabels[metric]}: sign test P(AnyLoss better), at most 20% positives`,
          signTest(rare, metric).right,
          { atLeast: 0.95 },
          paperTest,
        ),
      ]),
      check(
        "C2",
        "accuracy: sign test P(no practical difference)",
        signTest(base, "accuracy").rope,
        { atLeast: 0.95 },
        paperTest,
      ),
      ...(["geometricMean", "balancedAccuracy"] as const).map((metric) =>
        check(
          "C3",
          `${metricLabels[metric]}: gain at 40% positives over gain at 5%`,
          meanGainAt(base, metric, commonest) / meanGainAt(base, metric, rarest),
          { atMost: 0.5 },
          criterion("a gain that grows with imbalance is at least twice as large at 5% as at 40%"),
        ),
      ),
    ];
  },

  present(results) {
    const base = results.filter(isBase);
    const listed = (tasks: readonly TaskGains[]) =>
      targets.map((metric) => `${metricLabels[metric]} ${formatRounded(meanGain(tasks, metric))}`).join(", ");
    const gMean = (share: number) => formatRounded(meanGainAt(base, "geometricMean", share));
    const above = targets.reduce(
      (count, metric) => count + gainsOf(base, metric).filter((gain) => gain > 0).length,
      0,
    );
    const variants = [...new Set(results.map(({ variant }) => variant))].slice(1);
    const equal = formatRounded(signTest(base, "accuracy").rope);
    return {
      headline: `Over ${base.length} tasks, training for G-mean gains ${formatRounded(meanGain(base, "geometricMean"))} in G-mean over cross-entropy, ${gMean(rarest)} at 5% positives and ${gMean(commonest)} at 40%; training for accuracy changes it by ${formatRounded(meanGain(base, "accuracy"))}.`,
      captions: {
        gain: `G-mean gains ${gMean(rarest)} at 5% positives and ${gMean(commonest)} at 40%: the gain is where cross-entropy’s threshold of ½ is wrong for the metric.`,
        "sign-test": `Accuracy: P(within ±${rope}) = ${equal}. F2: P(AnyLoss better) = ${formatRounded(signTest(base, "f2").right)}.`,
        tasks: `Above the line, the loss of a metric gives a better value of it on held-out folds: ${above} of ${targets.length * base.length} comparisons.`,
      },
      summary: [
        `Mean gain over BCE on ${base.length} tasks: ${listed(base)}.`,
        `For accuracy the sign test gives P(within ±${rope}) = ${equal}.`,
        `The mean gain in G-mean is ${gMean(rarest)} at 5% positives and ${gMean(commonest)} at 40%.`,
        ...variants.map(
          (variant) =>
            `${variant} (not part of the checks), mean gain: ${listed(results.filter((one) => one.variant === variant))}.`,
        ),
      ],
      tables: [
        tableOf(
          "tasks",
          "Gain over cross-entropy by task",
          {
            task: "task",
            ...Object.fromEntries(targets.map((metric) => [metric, metricLabels[metric]])),
          },
          results.map(({ variant, share, separation, seed, gains }) => ({
            task: `${variant}, ${100 * share}%, s = ${separation}, seed ${seed}`,
            ...gains,
          })),
        ),
      ],
    };
  },
});
