import { type ArrayValue, array, floatData, mean, mul, type Tensor } from "@gradus/graph";
import { solve } from "gradus/iterate";
import { softmaxCrossEntropy } from "gradus/losses";
import { type DenseParameters, dense } from "gradus/nn";
import { randomStream } from "gradus/random";
import { normalCdf, normalQuantile } from "gradus/statistics";
import {
  choosePerParameter,
  exponentiatedGradient,
  type GradientTransformation,
  sgd,
  train,
} from "gradus/train";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, type ExperimentRun, points, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { scaledImages } from "../shared/images.ts";
import { barPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { CLASSES, PIXELS } from "./digits.ts";

const TRAIN = 1400;
const BATCH = 64;
/** Iterated products of factors around 1. */
const [PRODUCTS, PRODUCT_STEPS, PRODUCT_RATE] = [10_000, 400, 0.05];

const rules = [
  { method: "EGD", rate: 1 },
  { method: "EGD", rate: 3 },
  { method: "SGD", rate: 0.1 },
  { method: "SGD", rate: 0.3 },
  { method: "SGD", rate: 1 },
] as const;
type Method = (typeof rules)[number]["method"];

interface Trained {
  readonly method: Method;
  readonly rate: number;
  readonly seed: number;
  readonly flips: number;
  readonly accuracy: number;
  /** Mean log-likelihood of |w|: of a log-normal law minus of a half-normal one, both by maximum likelihood. */
  readonly gap: number;
  readonly skewness: number;
}

interface Findings {
  readonly seeds: number;
  readonly trained: readonly Trained[];
  /** Kolmogorov-Smirnov statistics of log w and of w after products with factors of random gradients. */
  readonly products: { readonly log: number; readonly plain: number };
}

/** Mean log-likelihood of a sample of positive numbers, log-normal minus half-normal. */
function logLikelihoodGap(sizes: Float64Array): number {
  const n = sizes.length;
  const logs = sizes.map(Math.log);
  const center = logs.reduce((sum, y) => sum + y / n, 0);
  const variance = logs.reduce((sum, y) => sum + (y - center) ** 2 / n, 0);
  const square = sizes.reduce((sum, x) => sum + x ** 2 / n, 0);
  const logNormal = -0.5 * Math.log(2 * Math.PI * variance) - 0.5 - center;
  const halfNormal = Math.log(2) - 0.5 * Math.log(2 * Math.PI * square) - 0.5;
  return logNormal - halfNormal;
}

function skewnessOf(values: Float64Array): number {
  const n = values.length;
  const center = values.reduce((sum, x) => sum + x / n, 0);
  const moment = (k: number) => values.reduce((sum, x) => sum + (x - center) ** k / n, 0);
  return moment(3) / moment(2) ** 1.5;
}

/** Largest distance of the empirical distribution to the normal one with the sample's mean and deviation. */
function kolmogorovSmirnov(values: Float64Array): number {
  const n = values.length;
  const sorted = values.slice().sort();
  const center = sorted.reduce((sum, x) => sum + x / n, 0);
  const deviation = Math.sqrt(sorted.reduce((sum, x) => sum + (x - center) ** 2 / n, 0));
  return sorted.reduce((most, x, i) => {
    const p = normalCdf((x - center) / deviation);
    return Math.max(most, p - i / n, (i + 1) / n - p);
  }, 0);
}

const optimizerOf = (method: Method, rate: number): GradientTransformation =>
  method === "SGD"
    ? choosePerParameter({
        where: (path) => path === "weights",
        chosen: sgd({ learningRate: rate }),
        others: sgd({ learningRate: 0.1 }),
      })
    : choosePerParameter({
        where: (path) => path === "weights",
        chosen: exponentiatedGradient({ learningRate: rate }),
        others: sgd({ learningRate: 0.1 }),
      });

export default defineExperiment({
  description:
    "Softmax regression on the digits from weights ±0.1 with random signs, by exponentiated gradient descent and by plain gradient descent: how many weights change their sign, and whether their sizes are log-normal. Then products of factors of random gradients.",
  parameters: z.object({
    steps: z.int().min(100).max(5000).default(600).describe("training steps"),
    seeds: z.int().min(1).max(20).default(3).describe("runs of each rule"),
  }),
  profiles: { quick: {}, full: { seeds: 10 } },
  seconds: { quick: 6, full: 20 },
  plots: [
    linePlot("sizes", "Sizes of the 640 weights, sorted", "rank", logAxis("|w|"), {
      series: ["EGD, rate 1", "SGD, rate 0.3"],
    }),
    barPlot("flips", "Weights that changed their sign, of 640", "rule", "weights", { series: ["weights"] }),
    linePlot(
      "products",
      "Products of factors of random gradients, standardized",
      "normal quantile",
      "value",
      {
        series: ["log w", "w"],
      },
    ),
  ],

  async *measure({ parameters: { steps, seeds }, seed, signal, stage }) {
    const { rows, pixels, labels } = await scaledImages("digits", "f32");
    const epochs = Math.ceil(steps / Math.floor(TRAIN / BATCH));
    const trained = yield* stage("training", async function* (): ExperimentRun<Trained[]> {
      const found: Trained[] = [];
      const all = repeatSeeds(seed, seeds);
      for (const [index, own] of all.entries())
        for (const [k, { method, rate }] of rules.entries()) {
          yield progress(
            (0.9 * (index * rules.length + k)) / (all.length * rules.length),
            `${method} ${rate}`,
          );
          const stream = randomStream(own).split("dale");
          const order = stream.split("rows").permutation(rows);
          const part = (from: number, to: number) => {
            const x = new Float32Array((to - from) * PIXELS);
            for (let i = from; i < to; i++)
              x.set(pixels.subarray(order[i] * PIXELS, (order[i] + 1) * PIXELS), (i - from) * PIXELS);
            return { x: array(x, [to - from, PIXELS]), y: array(labelsAt(order.subarray(from, to), labels)) };
          };
          const signs = stream.split("signs");
          const start = Float32Array.from({ length: PIXELS * CLASSES }, () =>
            signs.uniform() < 0.5 ? -0.1 : 0.1,
          );
          const logits = (p: DenseParameters, { x }: { readonly x: Tensor }) => dense(p, x);
          const { iterate } = await solve(
            train({
              loss: (p: DenseParameters, batch: { readonly x: Tensor; readonly y: Tensor }) =>
                softmaxCrossEntropy(logits(p, batch), batch.y),
              parameters: {
                weights: array(start, [PIXELS, CLASSES]),
                bias: array(new Float32Array(CLASSES)),
              } satisfies DenseParameters<ArrayValue>,
              data: part(0, TRAIN),
              batchSize: BATCH,
              optimizer: optimizerOf(method, rate),
              epochs,
              epochsPerIterate: epochs,
              seed: own,
              signal,
            }),
          );
          const weights = floatData(iterate.parameters.weights);
          const sizes = Float64Array.from(weights, Math.abs);
          const held = part(TRAIN, rows);
          found.push({
            method,
            rate,
            seed: own,
            flips: start.reduce((sum, w, i) => sum + Number(Math.sign(weights[i]) !== Math.sign(w)), 0),
            accuracy: accuracyOf(weights, floatData(iterate.parameters.bias), held),
            gap: logLikelihoodGap(sizes.filter((x) => x > 0)),
            skewness: skewnessOf(sizes),
          });
          const name = `${method}, rate ${rate}`;
          if (index === 0 && (name === "EGD, rate 1" || name === "SGD, rate 0.3"))
            yield points(
              "sizes",
              name,
              Array.from(sizes.sort(), (y, k) => ({ x: k + 1, y })).filter(({ x }) => x % 2 === 0),
            );
          if (index === 0) yield points("flips", "weights", [{ x: name, y: found[found.length - 1].flips }]);
        }
      return found;
    });

    yield progress(0.9, "random gradients");
    const products = yield* stage("products", async function* (): ExperimentRun<Findings["products"]> {
      const row = { g: array(new Float64Array(PRODUCTS * PRODUCT_STEPS), [PRODUCT_STEPS, PRODUCTS]) };
      const stream = randomStream(seed).split("products");
      const gradients = floatData(row.g);
      for (let k = 0; k < gradients.length; k++) gradients[k] = stream.uniform(-1, 1);
      // the loss g . w has the gradient g: one row of random numbers a step
      const { iterate } = await solve(
        train({
          loss: (p: { readonly w: Tensor }, { g }: { readonly g: Tensor }) =>
            mul(mean(mul(g, p.w)), PRODUCTS),
          parameters: { w: array(new Float64Array(PRODUCTS).fill(1)) },
          data: row,
          batchSize: 1,
          optimizer: exponentiatedGradient({ learningRate: PRODUCT_RATE }),
          epochs: 1,
          seed,
          signal,
        }),
      );
      const w = Float64Array.from(floatData(iterate.parameters.w));
      for (const [name, values] of [
        ["log w", w.map(Math.log)],
        ["w", w],
      ] as const)
        yield points("products", name, standardized(values));
      return { log: kolmogorovSmirnov(w.map(Math.log)), plain: kolmogorovSmirnov(w) };
    });
    yield progress(1, "done");
    return { seeds, trained, products };
  },

  judge({ trained, products }: Findings) {
    const of = (method: Method) => trained.filter((one) => one.method === method);
    const figures = (method: Method, key: "flips" | "gap" | "skewness" | "accuracy") =>
      of(method).map((one) => one[key]);
    // one percent for a given normal law; with a fitted one the level is smaller
    const critical = 1.628 / Math.sqrt(PRODUCTS);
    return [
      check(
        "C2",
        "most weights that changed their sign, exponentiated gradient descent",
        Math.max(...figures("EGD", "flips")),
        { equals: 0 },
        theorem("a weight is multiplied by an exponential"),
      ),
      check(
        "C2",
        "fewest weights that changed their sign, gradient descent",
        Math.min(...figures("SGD", "flips")),
        { atLeast: 64 },
        criterion("a contrast is worth naming where a tenth of the 640 weights breaks Dale’s law"),
      ),
      check(
        "C2",
        "least log-likelihood of log-normal over half-normal sizes per weight, exponentiated gradient descent",
        Math.min(...figures("EGD", "gap")),
        { atLeast: 0.2 },
        criterion("over 640 weights that is a likelihood ratio above e^100: no reader would doubt it"),
      ),
      check(
        "C2",
        "least skewness of the sizes, exponentiated over the largest of gradient descent",
        Math.min(...figures("EGD", "skewness")) / Math.max(...figures("SGD", "skewness")),
        { atLeast: 1.5 },
        criterion(
          "heavy-tailed sizes are to be seen against those of gradient descent, by half as much again",
        ),
      ),
      check(
        "C2",
        "log-likelihood of log-normal over half-normal sizes per weight: least of exponentiated minus most of gradient descent",
        Math.min(...figures("EGD", "gap")) - Math.max(...figures("SGD", "gap")),
        { atLeast: 0.2 },
        criterion("the same likelihood ratio between the rules"),
      ),
      check(
        "C2",
        "least accuracy of exponentiated gradient descent on held-out digits",
        Math.min(...figures("EGD", "accuracy")),
        { atLeast: 0.75 },
        criterion(
          "weights that learn little say nothing about learning: chance is .1, a linear model gives .9",
        ),
      ),
      check(
        "C2",
        "Kolmogorov-Smirnov distance of log w to a normal law after 400 random gradients",
        products.log,
        { atMost: critical },
        theorem("log w is a sum of independent numbers; the level is at most one percent"),
      ),
      check(
        "C2",
        "Kolmogorov-Smirnov distance of w itself to a normal law",
        products.plain,
        { above: critical },
        theorem("w is an exponential of that sum; the level is at most one percent"),
      ),
    ];
  },

  present({ seeds, trained, products }: Findings) {
    const range = (method: Method, key: "flips" | "gap" | "skewness" | "accuracy") => {
      const values = trained.filter((one) => one.method === method).map((one) => one[key]);
      return `${formatRounded(Math.min(...values))} to ${formatRounded(Math.max(...values))}`;
    };
    return {
      headline: `Exponentiated gradient descent changes the sign of no weight, gradient descent that of ${range("SGD", "flips")} of 640; the sizes are log-normal with the one and not with the other.`,
      summary: [
        `Per weight the log-normal law is ahead of the half-normal one by ${range("EGD", "gap")} with exponentiated gradient descent and by ${range("SGD", "gap")} with gradient descent (${seeds} seeds); the skewness of |w| is ${range("EGD", "skewness")} and ${range("SGD", "skewness")}.`,
        `Fixed signs cost accuracy: ${range("EGD", "accuracy")} against ${range("SGD", "accuracy")} on held-out digits.`,
        `After ${PRODUCT_STEPS} random gradients log w is ${formatRounded(products.log)} from a normal law, w itself ${formatRounded(products.plain)}.`,
      ],
      captions: {
        sizes: "The first seed. All weights start at 0.1.",
        flips: "The first seed.",
        products: "A straight line is the normal law.",
      },
      tables: [
        tableOf(
          "rules",
          "Rules",
          {
            method: "Rule",
            rate: "Learning rate",
            seed: "Seed",
            flips: "Changed signs",
            accuracy: "Accuracy",
            gap: "Log-likelihood, log-normal over half-normal",
            skewness: "Skewness of |w|",
          },
          trained,
        ),
      ],
    };
  },
});

const labelsAt = (rows: Int32Array, labels: Int32Array) =>
  BigInt64Array.from(rows, (row) => BigInt(labels[row]));

function accuracyOf(
  weights: Float32Array | Float64Array,
  bias: Float32Array | Float64Array,
  { x, y }: { readonly x: ArrayValue; readonly y: ArrayValue },
): number {
  const pixels = floatData(x);
  let right = 0;
  for (let i = 0; i < y.data.length; i++) {
    let [best, most] = [0, Number.NEGATIVE_INFINITY];
    for (let c = 0; c < CLASSES; c++) {
      let logit = bias[c];
      for (let j = 0; j < PIXELS; j++) logit += pixels[i * PIXELS + j] * weights[j * CLASSES + c];
      if (logit > most) [best, most] = [c, logit];
    }
    right += Number(best === Number(y.data[i]));
  }
  return right / y.data.length;
}

/** Standardized quantiles against those of the normal law, at 40 places. */
function standardized(values: Float64Array) {
  const n = values.length;
  const sorted = values.slice().sort();
  const center = sorted.reduce((sum, x) => sum + x / n, 0);
  const deviation = Math.sqrt(sorted.reduce((sum, x) => sum + (x - center) ** 2 / n, 0));
  return Array.from({ length: 40 }, (_, k) => {
    const p = (k + 0.5) / 40;
    return { x: normalQuantile(p), y: (sorted[Math.floor(p * n)] - center) / deviation };
  });
}
