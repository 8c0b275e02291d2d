import { loadDataset, stratifiedKFold } from "gradus/data";
import { adam, anyLoss, compileTwoLayerClassifier } from "gradus/train";
import { z } from "zod";
import { check, formatFigure } from "../check.ts";
import { defineExperiment, type ExperimentRun, note, point, points, progress, table } from "../experiment.ts";
import { metricLabels, type Scores, scoresOfModel, splitRows, type TargetMetric } from "./evaluation.ts";

/** Below this balanced accuracy nearly every row is predicted to be of one class. */
const collapsed = 0.6;
const learningRate = 0.02;
const batchShare = 0.05;
const warmShare = 1 / 3;

type Start = "zero output layer" | "random output layer" | "random, BCE warm start";
const starts: readonly Start[] = ["zero output layer", "random output layer", "random, BCE warm start"];
/** The claim is measured on the first two; accuracy is shown beside them. */
const metrics = ["f1", "balancedAccuracy", "accuracy"] as const satisfies readonly TargetMetric[];
const tested: readonly TargetMetric[] = ["f1", "balancedAccuracy"];

/** What a quick run sets against the zero output layer. */
const rivalOf = (metric: TargetMetric): Start =>
  metric === "accuracy" ? "random, BCE warm start" : "random output layer";

interface Runs {
  readonly start: Start;
  readonly units: number;
  readonly metric: (typeof metrics)[number];
  readonly scores: readonly Scores[];
}

const collapses = ({ scores }: Runs) =>
  scores.filter(({ balancedAccuracy }) => balancedAccuracy < collapsed).length;
const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;

export default defineExperiment({
  id: "starting-point",
  title: "A network must start where the loss has a gradient",
  description:
    "Trains two-layer perceptrons on the “random” set by metric losses from a zero output layer, from a random one, and after a warm start by cross-entropy, and counts runs that end in a one-class corner.",
  claims: ["C2"],
  parameters: z.object({
    seeds: z.int().min(1).max(50).default(8).describe("runs of each kind"),
    epochs: z.int().min(3).max(1000).default(60).describe("epochs"),
    units: z.int().min(1).max(64).default(2).describe("hidden units"),
    wide: z.boolean().default(true).describe("also 16 hidden units, and every start for every metric"),
  }),
  profiles: { quick: { seeds: 4, wide: false }, full: {} },
  seconds: { quick: 9, full: 60 },
  plots: [
    {
      id: "runs",
      title: "Where each run ends",
      x: { label: "seed" },
      y: { label: "balanced accuracy on held-out rows" },
      mark: "dot",
      series: [...starts, "one class"],
      references: ["one class"],
    },
    {
      id: "collapses",
      title: "Runs that end in a one-class corner",
      x: { label: "loss" },
      y: { label: "share of runs" },
      mark: "bar",
      series: starts,
    },
  ],

  async *run({ parameters: { seeds, epochs, units, wide }, seed, signal, stage }) {
    yield points("runs", "one class", [
      { x: seed, y: 0.5 },
      { x: seed + Math.max(1, seeds - 1), y: 0.5 },
    ]);
    const data = await loadDataset("anyloss-random");
    // One split: what is asked is whether a run learns at all.
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
      for (let k = 0; k < seeds; k++) {
        yield progress(
          (done + k / seeds) / kinds.length,
          `${width} units, ${metricLabels[metric]}, ${start}, run ${k + 1} of ${seeds}`,
        );
        const { model } = await trainer.fit(train.x, train.y, {
          epochs,
          learningRate,
          seed: seed + k,
          signal,
        });
        const result = scoresOfModel(model, test.x, test.y);
        scores.push(result);
        if (tested.includes(metric) && width === units)
          yield point("runs", start, seed + k, result.balancedAccuracy);
      }
      return scores;
    }

    const runs: Runs[] = [];
    for (const [k, kind] of kinds.entries()) {
      const { width, metric, start } = kind;
      const scores = yield* stage(`${width} units, ${metric}, ${start}`, () => trainRuns(k, kind));
      runs.push({ start, units: width, metric, scores });
      if (width === units)
        yield point("collapses", start, metricLabels[metric], collapses(runs[runs.length - 1]) / seeds);
      yield table({
        id: "runs",
        title: `${seeds} runs of each kind`,
        columns: [
          { key: "units", label: "hidden units" },
          { key: "loss", label: "AnyLoss of" },
          { key: "start", label: "start" },
          { key: "collapsed", label: "runs in a one-class corner" },
          { key: "own", label: "mean of its metric" },
        ],
        rows: runs.map((row) => ({
          units: row.units,
          loss: metricLabels[row.metric],
          start: row.start,
          collapsed: collapses(row),
          own: mean(row.scores.map((s) => s[row.metric])),
        })),
      });
    }
    yield progress(1, "done");
    const total = (start: Start, over: readonly TargetMetric[]) => {
      const all = runs.filter((row) => row.start === start && over.includes(row.metric));
      return { count: all.reduce((sum, row) => sum + collapses(row), 0), of: all.length * seeds };
    };
    const told = (start: Start, over: readonly TargetMetric[]) => {
      const { count, of } = total(start, over);
      return `${count} of ${of}`;
    };
    yield note(
      `The accuracy loss has a corner of its own, where every row is of the majority: ${told("zero output layer", ["accuracy"])} runs from a zero output layer end there, and ${told("random, BCE warm start", ["accuracy"])} after a cross-entropy warm start.`,
    );
    const zero = total("zero output layer", tested);
    return {
      checks: [
        check(
          "C2",
          `two-layer networks from a zero output layer, runs of ${zero.of} in a one-class corner`,
          zero.count,
          {
            equals: 0,
          },
        ),
      ],
      captions: {
        runs: `Dots at 0.5 never left a corner where every row is of one class: ${told("random output layer", tested)} runs with a random output layer, ${told("zero output layer", tested)} with a zero one.`,
        collapses: `Zero output layer: ${told("zero output layer", tested)} runs trained for F1 or balanced accuracy collapse, and ${told("zero output layer", ["accuracy"])} trained for accuracy, of which the warm start leaves ${told("random, BCE warm start", ["accuracy"])}.`,
      },
      summary: [
        `Trained for F1 or balanced accuracy, ${told("zero output layer", tested)} networks with a zero output layer collapse, and ${told("random output layer", tested)} with a random one.`,
        `From a zero output layer F1 is ${formatFigure(mean(runs.filter((r) => r.metric === "f1" && r.start === "zero output layer").flatMap((r) => r.scores.map((s) => s.f1))))} and balanced accuracy ${formatFigure(mean(runs.filter((r) => r.metric === "balancedAccuracy" && r.start === "zero output layer").flatMap((r) => r.scores.map((s) => s.balancedAccuracy))))}.`,
      ],
    };
  },
});
