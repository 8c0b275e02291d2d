import { median, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatFigure, formatRounded } from "../check.ts";
import {
  defineExperiment,
  type ExperimentEvent,
  type ExperimentRun,
  progress,
  replaceCurve,
  replacePoints,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
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
/** The loss of a model that guesses uniformly among ten classes. */
const CHANCE = Math.log(10);
const names: readonly Name[] = ["small", "large", "longer", "between"];

const fashionBlock = { batchSize: 32, mode: "noise-limited", draws: 1 } as const;

/** How the learner ended among 16 runs. */
function placed({ loss, grid: fixed, rank, ratio, overMedian, cost }: Race, seed: number) {
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    seed,
    loss: finite(loss),
    best: Math.min(...fixed),
    rank,
    ratio: finite(ratio),
    overMedian: finite(overMedian),
    cost,
  };
}
type Placed = ReturnType<typeof placed>;

const ranks = (all: readonly Placed[]) => all.map(({ rank }) => rank);
/** Losses over the best of the grid; infinite where training diverged. */
const ratios = (all: readonly Placed[]) => all.map(({ ratio }) => ratio ?? Infinity);
const costOf = (all: readonly Placed[]) => sampleMean(all.map(({ cost }) => cost));

const list = (values: readonly number[]): string => values.map(formatFigure).join(", ");

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
  yield replaceCurve(plot, "learner", [0.01, 1], (x) => ({ x, y: learner }));
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
  linePlot(id, title, logAxis("fixed learning rate"), logAxis("final training loss, geometric mean"), {
    series: ["learner", "momentum 0", "momentum 0.5", "momentum 0.9"],
  });

export default defineExperiment({
  description:
    "Trains on digits with rates read off the spectrum of batch Hessians, against a grid of 15 fixed learning rates and momenta from the same start on the same batches; at full size also a convolutional network on Fashion-MNIST.",
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
    linePlot(
      "rates",
      "What the learner sees and sets, batches of 32, first seed",
      "step",
      logAxis("rate, momentum, curvature of the loss"),
      { series: ["learning rate", "momentum", "largest curvature", "mean curvature"] },
    ),
    linePlot(
      "fashion",
      "What the learner sees and sets, convolutional network on Fashion-MNIST",
      "step",
      logAxis("rate, momentum, curvature of the loss"),
      { series: ["learning rate", "momentum", "largest curvature", "mean curvature"] },
    ),
  ],

  async *measure({ parameters: { seeds, epochs, fashion }, seed, signal, stage, resumable }) {
    const races: Record<Name, Race[]> = { small: [], large: [], longer: [], between: [] };
    const each = repeatSeeds(seed, seeds);
    {
      using digits = await compileRaces(await digitsProblem());
      for (const [i, name] of names.entries()) {
        const block = { ...blocks[name], epochs: (blocks[name].epochs * epochs) / 10 };
        for (const [k, s] of each.entries()) {
          races[name].push(
            yield* stage(`${name} ${k}`, async function* (): ExperimentRun<Race> {
              const tell = (done: number) =>
                progress((i + (k + done) / seeds) / (fashion ? 40 : 4), `digits, ${block.title}, seed ${s}`);
              yield tell(0);
              const show = (updates: readonly Update[]) => rates("rates", updates);
              const drawn = name === "small" && k === 0;
              const options = { seed: s, signal, resumable, tell, show: drawn ? show : undefined };
              return yield* digits.race(block, options);
            }),
          );
          if (name === "small" || name === "large") yield* finals(name, races[name]);
        }
      }
    }
    const own = (name: Name) => races[name].map((race, k) => placed(race, each[k]));
    const found = {
      small: own("small"),
      large: own("large"),
      longer: own("longer"),
      between: own("between"),
    };
    let images: Placed | null = null;
    if (fashion) {
      const race = yield* stage("fashion", async function* (): ExperimentRun<Race> {
        const tell = (done: number) => progress(0.1 + 0.9 * done, "a convolutional network on Fashion-MNIST");
        yield tell(0);
        const problem = await fashionConvnetProblem();
        using images = await compileRaces(problem, { sideBySide: 1 });
        const every = Math.floor(problem.rows / fashionBlock.batchSize);
        return yield* images.race(
          { ...fashionBlock, epochs: 2 * epochs, every },
          { seed, signal, resumable, tell, show: (updates) => rates("fashion", updates) },
        );
      });
      images = placed(race, seed);
    }
    return { ...found, fashion: images };
  },

  judge({ small, large, fashion }) {
    const third = criterion("“good results” are among the best third of 16 runs");
    const ahead = criterion(
      "a learner that replaces a search beats the typical run of the search every time",
    );
    const overMedian = (all: readonly Placed[]) =>
      Math.max(...all.map(({ overMedian }) => overMedian ?? Infinity));
    return [
      check("C5", "b = 32: median rank among 16 runs", median(ranks(small)), { atMost: 5 }, third),
      check("C5", "b = 32: largest loss over the grid’s median", overMedian(small), { below: 1 }, ahead),
      check(
        "C5",
        "b = 32: median loss over the grid’s best",
        median(ratios(small).map((ratio) => Math.min(ratio, Number.MAX_VALUE))),
        { atMost: 2 },
        criterion("the search is avoided if the loss is within a factor of 2 of the best it finds"),
      ),
      check("C5", "b = 256: median rank among 16 runs", median(ranks(large)), { atMost: 5 }, third),
      check("C5", "b = 256: largest loss over the grid’s median", overMedian(large), { below: 1 }, ahead),
      ...(fashion
        ? [check("C5", "Fashion-MNIST: rank among 16 runs", fashion.rank, { atMost: 5 }, third)]
        : []),
    ];
  },

  present({ small, large, longer, between, fashion }) {
    const share = costOf(small) / grid.length;
    const digits = { small, large, longer, between };
    return {
      headline: `The learner ranks ${list([median(ranks(small))])} of 16 at batches of 32 and ${list([median(ranks(large))])} at 256, in the median, for ${formatRounded(costOf(small))} and ${formatRounded(costOf(large))} times the gradients of one plain run; the search takes ${grid.length} runs.`,
      captions: {
        small: `The learner (thick), which sets its own rate, against 15 fixed rates and momenta: by seed it ranks ${list(ranks(small))} of 16. Losses above the chance level are drawn at that level.`,
        large: `The same with batches of 256, at ${formatRounded(costOf(large))} times the gradients of a plain run: ranks ${list(ranks(large))}.`,
        rates: "Rates change only at updates, and grow by at most half at each.",
        ...(fashion && {
          fashion: `One update per epoch: ${formatRounded(fashion.cost)} times the gradients of a plain run.`,
        }),
      },
      summary: [
        `Batches of 32: the learner ends at ${list(ratios(small))} times the loss of the best of 15 fixed runs, for ${formatRounded(100 * share)}% of their gradients, a Hessian-vector product counting two.`,
        `Batches of 256: ${list(ratios(large))} times; an epoch has few steps at this size, so one update per epoch costs as much as ${formatRounded(costOf(large))} plain runs.`,
        `Without a condition: after twice the epochs at b = 32, with no decay of the rate, the ratios are ${list(ratios(longer))}; with the polyak mode at b = 128 the losses are ${list(between.map(({ loss }) => loss ?? Infinity))}.`,
        ...(fashion
          ? [
              `Fashion-MNIST, convolutional network: rank ${fashion.rank} of 16, ${list(ratios([fashion]))} times the loss of the best.`,
            ]
          : []),
      ],
      tables: [
        tableOf(
          "races",
          "The learner among 16 runs, by final training loss",
          {
            block: "block",
            seed: "seed",
            loss: "loss",
            best: "best of the grid",
            rank: "rank",
            ratio: "loss over the best",
            overMedian: "loss over the median",
            cost: "gradients over a plain run’s",
          },
          [
            ...names.flatMap((name) => digits[name].map((one) => ({ block: blocks[name].title, ...one }))),
            ...(fashion ? [{ block: "Fashion-MNIST, b = 32", ...fashion }] : []),
          ],
        ),
      ],
    };
  },
});
