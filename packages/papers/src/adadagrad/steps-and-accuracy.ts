import { type ArrayValue, array } from "@gradus/graph";
import { loadDataset, selectRows } from "gradus/data";
import type { Model } from "gradus/nn";
import { randomStream } from "gradus/random";
import { sampleMean } from "gradus/statistics";
import type { Values } from "gradus/tree";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, type ExperimentEvent, point, progress, table } from "../experiment.ts";
import {
  adaptiveScheme,
  classifier,
  compileClassification,
  constantScheme,
  type Growth,
  growthChecks,
  interpolatedAccuracy,
  meanOutcome,
  type Outcome,
  runScheme,
  schemeColumns,
} from "./schemes.ts";
import { seedsFrom } from "./seeds.ts";

const TRAINING_ROWS = 1437;
const INITIAL = 8;
const etas = [0.5, 0.7, 1] as const;
const sizes = [8, 64, 512, TRAINING_ROWS] as const;
const schemes = [
  ...etas.map((eta) => adaptiveScheme(eta, INITIAL, TRAINING_ROWS)),
  ...sizes.map(constantScheme),
];
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

/** The digits, shuffled and parted once for all runs of a seed. */
async function digits(seed: number) {
  const { x, y } = await loadDataset("digits");
  const order = randomStream(seed).split("split").permutation(x.rows);
  const part = (rows: Int32Array) => ({
    x: array(
      Float32Array.from(selectRows(x, rows).values, (level) => level / 16),
      [rows.length, x.columns],
    ) as ArrayValue,
    y: array(BigInt64Array.from(rows, (i) => BigInt(y[i]))) as ArrayValue,
  });
  return { train: part(order.subarray(0, TRAINING_ROWS)), test: part(order.subarray(TRAINING_ROWS)) };
}

const start = <P extends Values>(model: Model<P>, seed: number) =>
  model.parameters({ stream: randomStream(seed).split("parameters"), dtype: "f32" });

const plotOf = (id: string, name: string) =>
  ({
    id: `accuracy-${id}`,
    title: `Test accuracy against steps, ${name}`,
    x: { label: "steps in 50 epochs of samples", scale: "log" },
    y: { label: "test accuracy" },
    mark: "line",
    series: ["η = 0.5, 0.7, 1", "batches of one size"],
  }) as const;

export default defineExperiment({
  id: "steps-and-accuracy",
  title: "Steps against accuracy on the 8×8 digits",
  description:
    "AdaGrad on the same number of samples with batches that grow by the norm test, and with batches of one size: how many steps, and how good on unseen digits. Whether the scheme beats one size of the same mean is read off between the sizes run.",
  claims: ["C3", "C4"],
  parameters: z.object({
    seeds: z.int().min(1).max(100).default(10).describe("runs of every method"),
    epochs: z.int().min(1).max(500).default(50).describe("samples of a run, in epochs"),
  }),
  profiles: { quick: { seeds: 3 }, full: {} },
  seconds: { quick: 15, full: 50 },
  plots: [
    ...problems.map(({ id, name }) => plotOf(id, name)),
    {
      id: "growth",
      title: "Batch sizes of the 64-64-10 network",
      x: { label: "samples used", scale: "log" },
      y: { label: "batch size (samples)", scale: "log" },
      mark: "line",
      series: etas.map((eta) => `η = ${eta}`),
    },
  ],

  async *run({ parameters: { seeds, epochs }, seed, signal, stage }) {
    const data = await digits(seed);
    const checks: Check[] = [];
    const summary: string[] = [];
    const captions: Record<string, string> = {};
    for (const [p, { id, name, model, learningRate }] of problems.entries()) {
      const results = new Map<string, Outcome[]>();
      using classification = await compileClassification({
        model,
        parameters: start(model, seed),
        ...data,
        learningRate,
      });
      for (const [s, scheme] of schemes.entries()) {
        yield progress((p + s / schemes.length) / problems.length, `${name}, ${scheme.name}`);
        const outcomes = yield* stage(`${id}, ${scheme.name}`, async function* () {
          const all: Outcome[] = [];
          for (const own of seedsFrom(seed, seeds)) {
            const drawn = own === seed && scheme.eta !== undefined && id === "mlp";
            const outcome = yield* runScheme(classification, {
              parameters: start(model, own),
              scheme,
              seed: own,
              samples: epochs * TRAINING_ROWS,
              signal,
              show: drawn
                ? (at: Growth) => [point("growth", scheme.name, at.samples, at.batchSize)]
                : undefined,
            });
            all.push(outcome);
          }
          const { steps, accuracy } = meanOutcome(all);
          const series = scheme.eta === undefined ? "batches of one size" : "η = 0.5, 0.7, 1";
          yield point(`accuracy-${id}`, series, steps, accuracy);
          return all;
        });
        results.set(scheme.name, outcomes);
      }
      const of = (scheme: string) => results.get(scheme) ?? [];
      const averages = schemes.map(({ name: scheme, eta }) => ({ scheme, eta, ...meanOutcome(of(scheme)) }));
      const average = (scheme: string) => meanOutcome(of(scheme));
      yield tableOf(id, `${name}: means over ${seeds} seeds`, averages);
      const adaptive = schemes.filter(({ eta }) => eta !== undefined).flatMap((scheme) => of(scheme.name));
      const full = of(`b = ${TRAINING_ROWS}`);
      const gain = sampleMean(of("η = 0.5").map(({ accuracy }, i) => accuracy - full[i].accuracy));
      checks.push(
        ...growthChecks(name, adaptive, INITIAL),
        check(
          "C4",
          `${name}: steps with η = 0.5 over those with b = 8`,
          average("η = 0.5").steps / average("b = 8").steps,
          {
            atMost: 0.02,
          },
        ),
        check("C4", `${name}: accuracy with η = 0.5 minus that of full batches`, gain, { atLeast: 0.003 }),
      );
      const constants = averages.filter(({ eta }) => eta === undefined);
      const against = averages
        .filter(({ eta }) => eta !== undefined)
        .map(({ scheme, steps, accuracy }) => ({
          scheme,
          gap: accuracy - interpolatedAccuracy(constants, steps),
        }));
      for (const { scheme, gap } of against)
        checks.push(
          check("C4", `${name}: accuracy with ${scheme} minus that of one size with as many steps`, gap, {
            atLeast: -0.002,
          }),
        );
      const half = average("η = 0.5");
      summary.push(
        `${name}: η = 0.5 takes ${formatFigure(half.steps)} steps to accuracy ${formatFigure(half.accuracy)}; batches of 8 take ${formatFigure(average("b = 8").steps)} to ${formatFigure(average("b = 8").accuracy)}, full batches ${formatFigure(average(`b = ${TRAINING_ROWS}`).steps)} to ${formatFigure(average(`b = ${TRAINING_ROWS}`).accuracy)}.`,
        `${name}: against one size with as many steps the schemes are at ${against.map(({ scheme, gap }) => `${formatFigure(gap)} (${scheme})`).join(", ")}: small batches early on have large gradients, which stay in AdaGrad's sums and shorten every later step.`,
      );
      captions[`accuracy-${id}`] =
        `Means over ${seeds} seeds. Points of the schemes below the line of one size: with as many steps, batches of one size are more accurate.`;
      if (id === "mlp")
        captions.growth = `The first seed, ${formatFigure(epochs)} epochs of samples: from ${INITIAL} to ${etas.map((eta) => formatFigure(of(`η = ${eta}`)[0].finalBatch)).join(", ")} rows (η = ${etas.join(", ")}).`;
    }
    yield progress(1, "done");
    return { checks, summary, captions };
  },
});

function tableOf(
  id: string,
  title: string,
  rows: readonly Readonly<Record<string, number | string | undefined>>[],
): ExperimentEvent {
  return table({
    id,
    title,
    columns: schemeColumns,
    rows: rows.map((row) => Object.fromEntries(schemeColumns.map(({ key }) => [key, row[key] ?? null]))),
  });
}
