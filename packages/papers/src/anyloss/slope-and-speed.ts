import { array, f32, type Tensor, trace, valueAndGradient } from "@gradus/graph";
import { loadDataset, stratifiedKFold } from "gradus/data";
import { solve } from "gradus/iterate";
import { dense, denseParameters, zeroWeights } from "gradus/nn";
import { randomStream } from "gradus/random";
import { median } from "gradus/statistics";
import {
  anyLoss,
  type ClassifierLoss,
  compileTrainer,
  crossEntropyLoss,
  scoreLoss,
  sgd,
  type Trainer,
} from "gradus/train";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, type ExperimentRun, note, point, progress, replacePoints } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { barPlot, linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import {
  asGood,
  LinearTrainers,
  meanScores,
  metricLabels,
  rope,
  type Scores,
  scoresOfModel,
  splitRows,
} from "./evaluation.ts";

const slopes = [1, 5, 10, 30, 50, 73, 90, 110, 200] as const;
const paperSlope = 73;
const lowSlope = 5;
const targets = ["f1", "balancedAccuracy"] as const;
type Target = (typeof targets)[number];
const learningRate = 0.01;

/** The sizes of the paper's largest set. */
const timedColumns = 29;
const positiveShare = 0.1;
const timed: Readonly<Record<string, (warn: (message: string) => void) => ClassifierLoss>> = {
  BCE: () => crossEntropyLoss(),
  accuracy: (warn) => anyLoss("accuracy", { warn }),
  F1: (warn) => anyLoss("f1", { warn }),
  "balanced accuracy": (warn) => anyLoss("balancedAccuracy", { warn }),
  "G-mean": (warn) => anyLoss("geometricMean", { warn }),
  "SOL (F1)": () => scoreLoss("f1"),
};
const losses = Object.keys(timed);
const isAnyLoss = (name: string) => name !== "BCE" && !name.startsWith("SOL");

/** Nodes that compute nothing. */
const free = new Set(["input", "constant", "reshape"]);
const elements = ({ shape }: Tensor) => shape.reduce((product: number, size) => product * Number(size), 1);

/**
 * Operations per row of the loss and its gradient on a linear model: multiplications and additions of matrix products,
 * and one for each element that any other operation reads or writes, whichever are more.
 */
function operationsPerRow({ ofScores }: ClassifierLoss): number {
  const rows = 1000;
  const { outputs } = trace(
    ({ w, x, y }) => valueAndGradient((p: { weights: Tensor; bias: Tensor }) => ofScores(dense(p, x), y))(w),
    {
      w: { weights: f32(timedColumns, 1), bias: f32(1) },
      x: f32(rows, timedColumns),
      y: f32(rows, 1),
    },
  );
  const seen = new Set<Tensor>();
  const open = outputs.map(({ tensor }) => tensor);
  let operations = 0;
  for (let node = open.pop(); node; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    open.push(...node.inputs);
    const read = Math.max(0, ...node.inputs.map(elements));
    if (node.op.name === "matmul")
      operations += 2 * Math.sqrt(elements(node) * elements(node.inputs[0]) * elements(node.inputs[1]));
    else if (!free.has(node.op.name)) operations += Math.max(read, elements(node));
  }
  return operations / rows;
}

/** Overlapping Gaussian rows, as the compiled loops take them. */
function timedData(rows: number, seed: number) {
  const stream = randomStream(seed).split("timing");
  const x = new Float32Array(rows * timedColumns);
  stream.fillNormal(x);
  const y = Float32Array.from({ length: rows }, () => (stream.uniform() < positiveShare ? 1 : 0));
  for (let i = 0; i < rows; i++) if (y[i] === 1) x[i * timedColumns] += 1;
  return { x: array(x, [rows, timedColumns]), y: array(y, [rows, 1]) };
}

/** Milliseconds per full-batch iteration of each loss, with the losses interleaved in every repeat. */
async function* timeLosses(
  rows: number,
  repeats: number,
  iterations: number,
  seed: number,
  signal: AbortSignal,
): ExperimentRun<Record<string, number[]>> {
  const data = timedData(rows, seed);
  const parameters = denseParameters({
    inputs: timedColumns,
    outputs: 1,
    stream: randomStream(seed),
    initializer: zeroWeights,
  });
  type Timed = Trainer<typeof parameters, typeof data, Record<string, never>, Record<string, never>>;
  const trainers = new Map<string, Timed>();
  const warnings = new Set<string>();
  const times: Record<string, number[]> = Object.fromEntries(losses.map((name) => [name, []]));
  try {
    for (const name of losses) {
      const { ofScores } = timed[name]((message) => warnings.add(message));
      trainers.set(
        name,
        await compileTrainer({
          loss: (p, batch) => ofScores(dense(p, batch.x), batch.y),
          parameters,
          data,
          optimizer: sgd({ learningRate: 0.01 }),
          batchSize: "full",
        }),
      );
    }
    for (const warning of warnings) yield note(`${warning} (here only the time is measured)`);
    // Repeat 0 warms up and is not counted.
    for (let repeat = 0; repeat <= repeats; repeat++)
      for (const [k, name] of losses.entries()) {
        yield progress(
          0.7 + (0.3 * (repeat * losses.length + k)) / ((repeats + 1) * losses.length),
          `timing ${name}, repeat ${repeat} of ${repeats}`,
        );
        const start = performance.now();
        await solve(trainers.get(name)!.train({ epochs: iterations, epochsPerIterate: iterations, signal }));
        if (repeat > 0) times[name].push((performance.now() - start) / iterations);
      }
    return times;
  } finally {
    for (const trainer of trainers.values()) trainer.dispose();
  }
}

interface Findings extends Readonly<Record<Target, readonly number[]>> {
  readonly timedRows: number;
  readonly speeds: readonly {
    readonly name: string;
    /** Per row, of the loss and its gradient. */
    readonly operations: number;
    /** Milliseconds per iteration. */
    readonly median: number;
    readonly fastest: number;
    /** Median ratio of times to BCE's. */
    readonly ratio: number;
  }[];
}

const at = (found: Findings, metric: Target, slope: (typeof slopes)[number]) =>
  found[metric][slopes.indexOf(slope)];
const operationsOf =
  ({ speeds }: Findings) =>
  (name: string) =>
    speeds.find((one) => one.name === name)?.operations ?? Number.NaN;

export default defineExperiment({
  description:
    "Trains linear classifiers on the paper’s “random” set with nine slopes of the amplifier, counts the operations of each loss and its gradient, and times a full-batch iteration in a compiled float32 graph.",
  parameters: z.object({
    folds: z.int().min(2).max(10).default(3).describe("cross-validation folds"),
    iterations: z.int().min(10).max(10_000).default(500).describe("full-batch steps"),
    timedRows: z.int().min(1000).max(1_000_000).default(100_000).describe("rows of the timed problem"),
    timedIterations: z.int().min(1).max(1000).default(50).describe("iterations in each timing"),
    repeats: z.int().min(3).max(99).default(5).describe("interleaved timings of each loss"),
  }),
  profiles: { quick: { timedIterations: 20 }, full: { repeats: 15 } },
  seconds: { quick: 10, full: 30 },
  plots: [
    linePlot(
      "slope",
      "Held-out metric against the slope L",
      logAxis("slope L of the amplifier"),
      "metric on held-out folds",
      { series: targets.map((metric) => metricLabels[metric]) },
    ),
    barPlot("speed", "Time of a full-batch iteration", "loss", "median time (ms)", { series: ["time"] }),
  ],

  async *measure({ parameters, seed, signal, stage }) {
    const { folds, iterations, timedRows, timedIterations, repeats } = parameters;
    const { x, y } = await loadDataset("anyloss-random");
    const data = { x, y };
    const splits = stratifiedKFold(data.y, folds, seed).map((fold) =>
      splitRows(data, fold, { scale: false }),
    );
    using trainers = new LinearTrainers();
    const figures: Record<Target, number[]> = { f1: [], balancedAccuracy: [] };
    for (const [k, slope] of slopes.entries()) {
      const before = { f1: [...figures.f1], balancedAccuracy: [...figures.balancedAccuracy] };
      const measured = yield* stage(`L = ${slope}`, async function* () {
        const scores: number[] = [];
        for (const [m, metric] of targets.entries()) {
          yield progress(
            (0.7 * (k + m / targets.length)) / slopes.length,
            `L = ${slope}: ${metricLabels[metric]}`,
          );
          const each: Scores[] = [];
          for (const { train, test } of splits) {
            const trainer = await trainers.get(`${metric}, L = ${slope}`, x.columns, () =>
              anyLoss(metric, { slope }),
            );
            const { model } = await trainer.fit(train.x, train.y, {
              epochs: iterations,
              learningRate,
              signal,
            });
            each.push(scoresOfModel(model, test.x, test.y));
            yield replacePoints("slope", metricLabels[metric], [
              ...before[metric].map((y, i) => ({ x: slopes[i], y })),
              { x: slope, y: meanScores(each)[metric] },
            ]);
          }
          scores.push(meanScores(each)[metric]);
        }
        return scores;
      });
      for (const [m, metric] of targets.entries()) figures[metric].push(measured[m]);
    }
    const times = yield* stage("timing", () => timeLosses(timedRows, repeats, timedIterations, seed, signal));
    const speeds = losses.map((name) => ({
      name,
      operations: operationsPerRow(timed[name](() => undefined)),
      median: median(times[name]),
      fastest: Math.min(...times[name]),
      // Ratios within a repeat, so that a slow moment of the machine affects both times.
      ratio: median(times[name].map((time, r) => time / times.BCE[r])),
    }));
    for (const { name, median: y } of speeds) yield point("speed", "time", name, y);
    return { timedRows, ...figures, speeds };
  },

  judge(found) {
    const operations = operationsOf(found);
    return [
      ...targets.flatMap((metric) => [
        check(
          "C5",
          `${metricLabels[metric]}: best of nine slopes minus L = ${paperSlope}`,
          Math.max(...found[metric]) - at(found, metric, paperSlope),
          { atMost: rope },
          asGood,
        ),
        check(
          "C5",
          `${metricLabels[metric]}: L = ${paperSlope} minus L = ${lowSlope}`,
          at(found, metric, paperSlope) - at(found, metric, lowSlope),
          { atLeast: rope },
          criterion("a choice that matters makes a difference of at least the paper’s rope"),
        ),
      ]),
      ...losses
        .filter(isAnyLoss)
        .map((name) =>
          check(
            "C4",
            `${name}: operations of loss and gradient over BCE’s`,
            operations(name) / operations("BCE"),
            { atMost: 1.5 },
            criterion("“competitive” is less than one and a half times the cost"),
          ),
        ),
      check(
        "C4",
        "F1: operations of loss and gradient over those of the score-oriented loss",
        operations("F1") / operations("SOL (F1)"),
        { atMost: 1 },
        criterion("less than the score-oriented loss is a ratio of at most 1"),
      ),
    ];
  },

  present(found) {
    const { timedRows, speeds } = found;
    const operations = operationsOf(found);
    const spread = (metric: Target) => {
      const steep = slopes.filter((slope) => slope >= 30).map((slope) => at(found, metric, slope));
      return formatRounded(Math.max(...steep) - Math.min(...steep));
    };
    const scores = (slope: (typeof slopes)[number]) =>
      `F1 ${formatRounded(at(found, "f1", slope))} and balanced accuracy ${formatRounded(at(found, "balancedAccuracy", slope))}`;
    const rest = speeds.filter(({ name }) => name !== "BCE");
    const most = Math.max(...losses.filter(isAnyLoss).map((name) => operations(name) / operations("BCE")));
    return {
      headline: `From L = 30 to 200, F1 varies by ${spread("f1")} and balanced accuracy by ${spread("balancedAccuracy")}; a metric loss and its gradient take at most ${formatRounded(most)} times the operations of cross-entropy.`,
      captions: {
        slope: `From L = 30 on, F1 varies by ${spread("f1")} and balanced accuracy by ${spread("balancedAccuracy")}.`,
        speed: `Median time of an iteration on this machine: ${speeds.map(({ name, median: time }) => `${name} ${formatRounded(time)} ms`).join(", ")}.`,
      },
      summary: [
        `L = ${paperSlope} gives ${scores(paperSlope)}; L = ${lowSlope} gives ${scores(lowSlope)}. From L = 30 to 200 they vary by ${spread("f1")} and ${spread("balancedAccuracy")}: L = 73 is one good choice among many.`,
        `Operations of a loss and its gradient over BCE’s: ${rest.map(({ name }) => `${name} ${formatRounded(operations(name) / operations("BCE"))}`).join(", ")}.`,
        `Time of an iteration over BCE’s in the same round, median of the rounds on this machine: ${rest.map(({ name, ratio }) => `${name} ${formatRounded(ratio)}`).join(", ")}.`,
      ],
      tables: [
        {
          id: "slopes",
          title: "Held-out metric of the model trained for it, by slope",
          columns: [
            { key: "slope", label: "slope L" },
            ...targets.map((metric) => ({ key: metric, label: metricLabels[metric] })),
          ],
          rows: slopes.map((slope, k) => ({
            slope,
            f1: found.f1[k],
            balancedAccuracy: found.balancedAccuracy[k],
          })),
        },
        tableOf(
          "times",
          `A full-batch iteration, n = ${timedRows.toLocaleString("en-US")}, d = ${timedColumns}, float32`,
          {
            loss: "loss",
            operations: "operations per row",
            median: "median time (ms)",
            fastest: "fastest (ms)",
            ratio: "time over BCE’s",
          },
          speeds.map(({ name, ...figure }) => ({ loss: name, ...figure })),
        ),
      ],
    };
  },
});
