import { median, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import {
  defineExperiment,
  type ExperimentEvent,
  type ExperimentRun,
  note,
  progress,
  replacePoints,
  table,
} from "../experiment.ts";
import { digitsProblem, fashionConvnetProblem } from "./problems.ts";
import { type Block, compileRaces, grid, type Race, type Update } from "./race.ts";

type Name = "small" | "large" | "longer" | "between";

/** On digits; the last two are reported without a condition. */
const blocks: Readonly<Record<Name, Block & { readonly title: string }>> = {
  small: { title: "b = 32", batchSize: 32, epochs: 10, every: 92, mode: "noise-limited", draws: 1 },
  large: { title: "b = 256", batchSize: 256, epochs: 10, every: 6, mode: "polyak", draws: 3 },
  longer: {
    title: "b = 32, 20 epochs",
    batchSize: 32,
    epochs: 20,
    every: 92,
    mode: "noise-limited",
    draws: 1,
  },
  between: { title: "b = 128, polyak", batchSize: 128, epochs: 10, every: 12, mode: "polyak", draws: 1 },
};
/** The loss of a model that knows nothing of ten classes. */
const CHANCE = Math.log(10);
const names: readonly Name[] = ["small", "large", "longer", "between"];

const fashionBlock = { batchSize: 32, mode: "noise-limited", draws: 1 } as const;

const list = (values: readonly number[]): string => values.map(formatFigure).join(", ");
const of = (races: readonly Race[], value: (race: Race) => number): number[] => races.map(value);

function* rates(plot: string, updates: readonly Update[]): Generator<ExperimentEvent, void, void> {
  const drawn = (value: (u: Update) => number) =>
    updates.map((update) => ({ x: update.step, y: value(update) }));
  yield replacePoints(
    plot,
    "learning rate",
    drawn(({ learningRate }) => learningRate),
  );
  yield replacePoints(
    plot,
    "momentum",
    drawn(({ momentum }) => momentum),
  );
  yield replacePoints(
    plot,
    "largest curvature",
    drawn(({ lambdaMax }) => lambdaMax),
  );
  yield replacePoints(
    plot,
    "mean curvature",
    drawn(({ bulk }) => bulk),
  );
}

/** Geometric means over the seeds; runs above the chance level count as at it. */
function* finals(plot: string, races: readonly Race[]): Generator<ExperimentEvent, void, void> {
  const typical = (value: (race: Race) => number) =>
    Math.exp(sampleMean(races.map((race) => Math.log(Math.min(value(race), CHANCE)))));
  const learner = typical(({ loss }) => loss);
  yield replacePoints(
    plot,
    "learner",
    [0.01, 1].map((x) => ({ x, y: learner })),
  );
  for (const momentum of [0, 0.5, 0.9])
    yield replacePoints(
      plot,
      `momentum ${momentum}`,
      grid.flatMap((run, i) =>
        run.momentum === momentum ? [{ x: run.rate, y: typical((race) => race.grid[i]) }] : [],
      ),
    );
}

const finalPlot = (id: string, title: string) =>
  ({
    id,
    title,
    x: { label: "fixed learning rate", scale: "log" },
    y: { label: "final training loss, geometric mean", scale: "log" },
    mark: "line",
    series: ["learner", "momentum 0", "momentum 0.5", "momentum 0.9"],
  }) as const;

export default defineExperiment({
  id: "on-the-fly",
  title: "Learning rate and momentum set while training",
  description:
    "Trains on digits with rates read off the spectrum of batch Hessians, against a grid of 15 fixed learning rates and momenta from the same start on the same batches; at full size also a convolutional network on Fashion-MNIST.",
  claims: ["C5"],
  parameters: z.object({
    seeds: z.int().min(1).max(20).default(5).describe("seeds of starts and batches"),
    epochs: z
      .int()
      .min(1)
      .max(20)
      .default(10)
      .describe("epochs of the blocks with conditions; twice as many on Fashion-MNIST"),
    fashion: z
      .boolean()
      .default(false)
      .describe("also a convolutional network on Fashion-MNIST, which must be downloaded"),
  }),
  dataDirectory: ["fashion"],
  profiles: { quick: {}, full: { fashion: true } },
  seconds: { quick: 8, full: 400 },
  plots: [
    finalPlot("small", "Final loss after 10 epochs, batches of 32"),
    finalPlot("large", "Final loss after 10 epochs, batches of 256"),
    {
      id: "rates",
      title: "What the learner sees and sets, batches of 32, first seed",
      x: { label: "step" },
      y: { label: "rate, momentum, curvature of the loss", scale: "log" },
      mark: "line",
      series: ["learning rate", "momentum", "largest curvature", "mean curvature"],
    },
    {
      id: "fashion",
      title: "What the learner sees and sets, convolutional network on Fashion-MNIST",
      x: { label: "step" },
      y: { label: "rate, momentum, curvature of the loss", scale: "log" },
      mark: "line",
      series: ["learning rate", "momentum", "largest curvature", "mean curvature"],
    },
  ],

  async *run({ parameters: { seeds, epochs, fashion }, seed, signal, stage }) {
    const races: Record<Name, Race[]> = { small: [], large: [], longer: [], between: [] };
    {
      using digits = await compileRaces(await digitsProblem());
      for (const [i, name] of names.entries()) {
        const block = { ...blocks[name], epochs: (blocks[name].epochs * epochs) / 10 };
        for (let k = 0; k < seeds; k++) {
          races[name].push(
            yield* stage(`${name} ${k}`, async function* (): ExperimentRun<Race> {
              yield progress(
                (i + k / seeds) / (fashion ? 40 : 4),
                `digits, ${block.title}, seed ${seed + k}`,
              );
              const show = (updates: readonly Update[]) => rates("rates", updates);
              const drawn = name === "small" && k === 0;
              return yield* digits.race(block, { seed: seed + k, signal, show: drawn ? show : undefined });
            }),
          );
          if (name === "small" || name === "large") yield* finals(name, races[name]);
        }
      }
    }
    const all = names.map((name) => ({ title: blocks[name].title, races: races[name] }));
    if (fashion) {
      const race = yield* stage("fashion", async function* (): ExperimentRun<Race> {
        yield progress(0.1, "a convolutional network on Fashion-MNIST");
        const problem = await fashionConvnetProblem();
        using images = await compileRaces(problem, { sideBySide: 1 });
        const every = Math.floor(problem.rows / fashionBlock.batchSize);
        return yield* images.race(
          { ...fashionBlock, epochs: 2 * epochs, every },
          { seed, signal, show: (updates) => rates("fashion", updates) },
        );
      });
      all.push({ title: "Fashion-MNIST, b = 32", races: [race] });
    }

    yield table({
      id: "races",
      title: "The learner among 16 runs, by final training loss",
      columns: [
        { key: "block", label: "block" },
        { key: "seed", label: "seed" },
        { key: "loss", label: "loss" },
        { key: "best", label: "best of the grid" },
        { key: "rank", label: "rank" },
        { key: "ratio", label: "loss over the best" },
        { key: "overMedian", label: "loss over the median" },
        { key: "cost", label: "gradients over a plain run's" },
      ],
      rows: all.flatMap(({ title, races: own }) =>
        own.map(({ loss, grid: fixed, rank, ratio, overMedian, cost }, k) => ({
          block: title,
          seed: seed + k,
          loss,
          best: Math.min(...fixed),
          rank,
          ratio,
          overMedian,
          cost,
        })),
      ),
    });
    yield note(
      `Measured time of the learner over that of one plain run: ${all.map(({ title, races: own }) => `${formatFigure(median(of(own, ({ time }) => time)))} (${title})`).join(", ")}; medians of the seeds on this machine.`,
    );

    const { small, large, longer, between } = races;
    const last = all[all.length - 1].races[0];
    const checks: Check[] = [
      check(
        "C5",
        "b = 32: runs of the learner that diverge (loss not below 1)",
        small.filter(({ loss }) => !(loss < 1)).length,
        { equals: 0 },
      ),
      check("C5", "b = 32: median rank of the learner among 16", median(of(small, ({ rank }) => rank)), {
        atMost: 6,
      }),
      check("C5", "b = 32: worst rank", Math.max(...of(small, ({ rank }) => rank)), { atMost: 9 }),
      check(
        "C5",
        "b = 32: median of its loss over the best of the grid",
        median(of(small, ({ ratio }) => ratio)),
        { atMost: 3 },
      ),
      check(
        "C5",
        "b = 32: gradients over those of one plain run, a product counting two",
        sampleMean(of(small, ({ cost }) => cost)),
        { atMost: 1.4 },
      ),
      check("C5", "b = 256: median rank of the learner among 16", median(of(large, ({ rank }) => rank)), {
        atMost: 6,
      }),
      check(
        "C5",
        "b = 256: largest of its losses over the median of the grid",
        Math.max(...of(large, ({ overMedian }) => overMedian)),
        { below: 1 },
      ),
      ...(fashion
        ? [
            check(
              "C5",
              "Fashion-MNIST, an update an epoch: gradients over those of one plain run",
              last.cost,
              { below: 1.1 },
            ),
          ]
        : []),
    ];
    yield progress(1, "done");
    const share = sampleMean(of(small, ({ cost }) => cost)) / grid.length;
    return {
      checks,
      captions: {
        small: `The learner (thick), which sets its own rate, beside 15 fixed rates and momenta: it ranks ${list(of(small, ({ rank }) => rank))} of 16 by seed. Losses above the chance level are drawn at it.`,
        large: `The same with batches of 256, for ${formatFigure(sampleMean(of(large, ({ cost }) => cost)))} times the gradients of a plain run: ranks ${list(of(large, ({ rank }) => rank))}.`,
        rates: "Rates change at each update only; a rise is limited to half as much again.",
        ...(fashion && {
          fashion: `One update an epoch: ${formatFigure(last.cost)} times the gradients of a plain run.`,
        }),
      },
      summary: [
        `Batches of 32: the learner ends at ${list(of(small, ({ ratio }) => ratio))} times the loss of the best of 15 fixed runs, for ${formatFigure(100 * share)} % of their gradients.`,
        `Batches of 256: ${list(of(large, ({ ratio }) => ratio))} times; an epoch has 6 steps there, so that updates each epoch cost ${formatFigure(sampleMean(of(large, ({ cost }) => cost)))} plain runs, near the grid's 15.`,
        `Without a condition: after twice the epochs at b = 32, with no decay of the rate, the ratios are ${list(of(longer, ({ ratio }) => ratio))}; with the polyak mode at b = 128 the losses are ${list(of(between, ({ loss }) => loss))}.`,
        ...(fashion
          ? [
              `Fashion-MNIST, convolutional network: rank ${last.rank} of 16, ${formatFigure(last.ratio)} times the loss of the best.`,
            ]
          : []),
      ],
    };
  },
});
