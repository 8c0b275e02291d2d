import { loadDataset, stratifiedKFold } from "gradus/data";
import { sampleMean } from "gradus/statistics";
import { adam, anyLoss, compileTwoLayerClassifier } from "gradus/train";
import { z } from "zod";
import { formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, type ExperimentRun, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { barPlot, dotPlot } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { metricLabels, type Scores, scoresOfModel, splitRows, type TargetMetric } from "./evaluation.ts";

/** Below this balanced accuracy nearly every row is predicted to be of one class. */
const collapsed = 0.6;
const learningRate = 0.02;
const batchShare = 0.05;
const warmShare = 1 / 3;

type Start = "zero output layer" | "random output layer" | "random, BCE warm start";
const starts: readonly Start[] = ["zero output layer", "random output layer", "random, BCE warm start"];
/** The check is made on the first two; accuracy is shown beside them. */
const metrics = ["f1", "balancedAccuracy", "accuracy"] as const satisfies readonly TargetMetric[];
const tested: readonly TargetMetric[] = ["f1", "balancedAccuracy"];

/** The start that a quick run compares with the zero output layer. */
const rivalOf = (metric: TargetMetric): Start =>
  metric === "accuracy" ? "random, BCE warm start" : "random output layer";

/** Runs of one kind. */
interface Runs {
  readonly start: Start;
  readonly units: number;
  readonly metric: TargetMetric;
  /** How many there were, and how many ended in a one-class corner. */
  readonly runs: number;
  readonly collapsed: number;
  /** Mean of the metric trained for. */
  readonly own: number;
}

/** How many of the runs from a start, trained for some metrics, ended in a one-class corner. */
function collapses(all: readonly Runs[], start: Start, over: readonly TargetMetric[]) {
  const those = all.filter((row) => row.start === start && over.includes(row.metric));
  const sum = (figure: (row: Runs) => number) => those.reduce((total, row) => total + figure(row), 0);
  return { count: sum((row) => row.collapsed), of: sum((row) => row.runs) };
}

export default defineExperiment({
  description:
    "Trains two-layer perceptrons on the “random” set by metric losses from a zero output layer, from a random one, and after a cross-entropy warm start, and counts the runs that end predicting one class. An extension: the paper does not discuss the starting point.",
  parameters: z.object({
    seeds: z.int().min(1).max(50).default(8).describe("runs of each kind"),
    epochs: z.int().min(3).max(1000).default(60).describe("epochs"),
    units: z.int().min(1).max(64).default(2).describe("hidden units"),
    wide: z.boolean().default(true).describe("also 16 hidden units, and every start for every metric"),
  }),
  profiles: { quick: { seeds: 4, wide: false }, full: {} },
  seconds: { quick: 9, full: 60 },
  plots: [
    dotPlot("runs", "Where each run ends", "seed", "balanced accuracy on held-out rows", {
      series: [...starts, "one class"],
      references: ["one class"],
    }),
    barPlot("collapses", "Runs that end in a one-class corner", "loss", "share of runs", { series: starts }),
  ],

  async *measure({ parameters: { seeds, epochs, units, wide }, seed, signal, stage }) {
    const own = repeatSeeds(seed, seeds);
    yield curve("runs", "one class", [own[0], own[0] + Math.max(1, seeds - 1)], (x) => ({ x, y: 0.5 }));
    const data = await loadDataset("anyloss-random");
    // One split suffices: the question is whether a run learns at all.
    const [{ train, test }] = stratifiedKFold(data.y, 10, seed)
      .slice(0, 1)
      .map((fold) => splitRows(data, fold, { scale: false }));
    const widths = wide && units !== 16 ? [units, 16] : [units];
    const kinds = widths.flatMap((width) =>
      metrics.flatMap((metric) =>
        starts
          .filter((start) => wide || start === "zero output layer" || start === rivalOf(metric))
          .map((start) => ({ width, metric, start })),
      ),
    );

    async function* trainRuns(
      done: number,
      { width, metric, start }: (typeof kinds)[number],
    ): ExperimentRun<Scores[]> {
      using trainer = await compileTwoLayerClassifier({
        features: data.x.columns,
        units: width,
        loss: anyLoss(metric),
        batchSize: Math.round(batchShare * train.y.length),
        optimizer: (rate) => adam({ learningRate: rate }),
        outputInit: start === "zero output layer" ? "zero" : "random",
        warmStart: start === "random, BCE warm start" ? { fraction: warmShare } : undefined,
      });
      const scores: Scores[] = [];
      for (const [k, each] of own.entries()) {
        yield progress(
          (done + k / seeds) / kinds.length,
          `${width} units, ${metricLabels[metric]}, ${start}, run ${k + 1} of ${seeds}`,
        );
        const { model } = await trainer.fit(train.x, train.y, {
          epochs,
          learningRate,
          seed: each,
          signal,
        });
        const result = scoresOfModel(model, test.x, test.y);
        scores.push(result);
        if (tested.includes(metric) && width === units)
          yield point("runs", start, each, result.balancedAccuracy);
      }
      return scores;
    }

    const results: Runs[] = [];
    for (const [k, kind] of kinds.entries()) {
      const { width, metric, start } = kind;
      const scores = yield* stage(`${width} units, ${metric}, ${start}`, () => trainRuns(k, kind));
      const stuck = scores.filter(({ balancedAccuracy }) => balancedAccuracy < collapsed).length;
      const mean = sampleMean(scores.map((one) => one[metric]));
      results.push({ start, units: width, metric, runs: seeds, collapsed: stuck, own: mean });
      if (width === units) yield point("collapses", start, metricLabels[metric], stuck / seeds);
    }
    return results;
  },

  judge: (results) => [
    ourCheck(
      "runs from a zero output layer that end in a one-class corner",
      collapses(results, "zero output layer", tested).count,
      { equals: 0 },
      criterion("a start that works leaves no run in a corner"),
    ),
  ],

  present(results) {
    const told = (start: Start, over: readonly TargetMetric[]) => {
      const { count, of } = collapses(results, start, over);
      return `${count} of ${of}`;
    };
    const mean = (metric: TargetMetric) =>
      formatRounded(
        sampleMean(
          results
            .filter((row) => row.metric === metric && row.start === "zero output layer")
            .map(({ own }) => own),
        ),
      );
    const zero = told("zero output layer", tested);
    const random = told("random output layer", tested);
    const accuracy = `${told("zero output layer", ["accuracy"])} runs from a zero output layer, and ${told("random, BCE warm start", ["accuracy"])} after a cross-entropy warm start`;
    return {
      headline: `Trained for F1 or balanced accuracy, ${zero} networks with a zero output layer end predicting one class, and ${random} with a random one.`,
      captions: {
        runs: `Dots at 0.5 predict one class for every row: ${random} runs with a random output layer, ${zero} with a zero one.`,
        collapses: `Trained for F1 or balanced accuracy, ${zero} runs from a zero output layer collapse; trained for accuracy, ${accuracy}.`,
      },
      summary: [
        `Trained for F1 or balanced accuracy, ${zero} networks with a zero output layer collapse, and ${random} with a random one.`,
        `From a zero output layer the mean F1 is ${mean("f1")} and the mean balanced accuracy ${mean("balancedAccuracy")}.`,
        `The accuracy loss has its own corner, where every row is assigned to the majority class: ${accuracy} end there.`,
      ],
      tables: [
        tableOf(
          "runs",
          "Runs of each kind",
          {
            units: "hidden units",
            loss: "AnyLoss of",
            start: "start",
            runs: "runs",
            collapsed: "in a one-class corner",
            own: "mean of its metric",
          },
          results.map(({ metric, ...row }) => ({ ...row, loss: metricLabels[metric] })),
        ),
      ],
    };
  },
});
