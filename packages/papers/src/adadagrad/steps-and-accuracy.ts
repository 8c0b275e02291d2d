import type { Model } from "gradus/nn";
import { randomStream } from "gradus/random";
import type { Values } from "gradus/tree";
import { z } from "zod";
import { formatRounded } from "../check.ts";
import { defineExperiment, point, progress } from "../experiment.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { DIGITS, shuffledDigits } from "./image-sets.ts";
import {
  adaptiveScheme,
  type Comparison,
  classifier,
  comparisonHeadline,
  compileClassification,
  constantScheme,
  describeComparison,
  type Growth,
  judgeComparison,
  type Outcome,
  runScheme,
  type SchemeFigures,
  schemeFigures,
  schemeTable,
} from "./schemes.ts";

const INITIAL = 8;
const etas = [0.5, 0.7, 1] as const;
const sizes = [8, 64, 512, DIGITS] as const;
const schemes = [...etas.map((eta) => adaptiveScheme(eta, INITIAL, DIGITS)), ...sizes.map(constantScheme)];
const problems = [
  {
    id: "mlp",
    name: "64-64-10 network",
    learningRate: 0.1,
    model: classifier({ inputs: 64, hidden: [64] }),
  },
  {
    id: "softmax",
    name: "softmax regression",
    learningRate: 0.5,
    model: classifier({ inputs: 64, hidden: [] }),
  },
] as const;

const start = <P extends Values>(model: Model<P>, seed: number) =>
  model.parameters({ stream: randomStream(seed).split("parameters"), dtype: "f32" });

const plotOf = (id: string, name: string) =>
  linePlot(
    `accuracy-${id}`,
    `Test accuracy by number of steps, ${name}`,
    logAxis("steps in 50 epochs of samples"),
    "test accuracy",
    { series: ["η = 0.5, 0.7, 1", "batches of one size"] },
  );

export default defineExperiment({
  description:
    "Trains by AdaGrad on the same number of samples, with batches that grow by the norm test and with batches of one size, and compares steps and test accuracy. The accuracy of one size with as many steps is interpolated between the sizes run.",
  parameters: z.object({
    seeds: z.int().min(1).max(100).default(10).describe("runs of every method"),
    epochs: z.int().min(1).max(500).default(50).describe("samples of a run, in epochs"),
  }),
  profiles: { quick: { seeds: 3 }, full: {} },
  seconds: { quick: 15, full: 50 },
  plots: [
    ...problems.map(({ id, name }) => plotOf(id, name)),
    linePlot(
      "growth",
      "Batch sizes of the 64-64-10 network",
      logAxis("samples used"),
      logAxis("batch size (samples)"),
      { series: etas.map((eta) => `η = ${eta}`) },
    ),
  ],

  async *measure({ parameters: { seeds, epochs }, seed, signal, stage }) {
    const data = await shuffledDigits(seed);
    const comparisons: Comparison[] = [];
    for (const [p, { id, name, model, learningRate }] of problems.entries()) {
      const figures: SchemeFigures[] = [];
      using classification = await compileClassification({
        model,
        parameters: start(model, seed),
        ...data,
        learningRate,
      });
      for (const [s, scheme] of schemes.entries()) {
        yield progress((p + s / schemes.length) / problems.length, `${name}, ${scheme.name}`);
        const own = yield* stage(`${id}, ${scheme.name}`, async function* () {
          const all: Outcome[] = [];
          for (const own of repeatSeeds(seed, seeds)) {
            const drawn = all.length === 0 && scheme.eta !== undefined && id === "mlp";
            const outcome = yield* runScheme(classification, {
              parameters: start(model, own),
              scheme,
              seed: own,
              samples: epochs * DIGITS,
              signal,
              show: drawn
                ? (at: Growth) => [point("growth", scheme.name, at.samples, at.batchSize)]
                : undefined,
            });
            all.push(outcome);
          }
          const means = schemeFigures(scheme, all);
          const series = scheme.eta === undefined ? "batches of one size" : "η = 0.5, 0.7, 1";
          yield point(`accuracy-${id}`, series, means.steps, means.accuracy);
          return means;
        });
        figures.push(own);
      }
      comparisons.push({ name, initial: INITIAL, schemes: figures });
    }
    return { seeds, epochs, comparisons };
  },

  judge: ({ comparisons }) => comparisons.flatMap(judgeComparison),

  present({ seeds, epochs, comparisons }) {
    const grown = comparisons[0].schemes.filter(({ eta }) => eta !== null);
    return {
      headline: `On the digits, ${comparisonHeadline(comparisons[0])}.`,
      summary: comparisons.flatMap(describeComparison),
      captions: {
        ...Object.fromEntries(
          problems.map(({ id }) => [
            `accuracy-${id}`,
            `Means over ${seeds} seeds. Where a scheme lies below the line of one size, batches of one size are more accurate with as many steps.`,
          ]),
        ),
        growth: `The first seed. After ${formatRounded(epochs)} epochs of samples the batches have grown from ${INITIAL} to ${grown.map(({ finalBatch }) => formatRounded(finalBatch)).join(", ")} rows on average (η = ${etas.join(", ")}).`,
      },
      tables: comparisons.map(({ name, schemes: figures }, k) =>
        schemeTable(problems[k].id, `${name}: means over ${seeds} seeds`, figures),
      ),
    };
  },
});
