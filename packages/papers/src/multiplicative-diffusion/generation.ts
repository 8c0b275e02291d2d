import { type DiffusionModel, type SamplerName, samplePath, trainDiffusion } from "gradus/diffusion";
import type { DenseMatrix } from "gradus/linalg";
import { frechetDistance } from "gradus/statistics";
import type { ValuesOf } from "gradus/tree";
import { z } from "zod";
import { check, formatRounded, inconclusive, ourCheck } from "../check.ts";
import {
  defineExperiment,
  type ExperimentEvent,
  type ExperimentRun,
  matrix,
  point,
  progress,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { barPlot, heatPlot } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { clamped, classifier, fullLogNormal, nearestOf } from "./digit-quality.ts";
import { CLASSES, digitImages, digitNetworks, digitProcess, PIXELS, SIDE } from "./digits.ts";
import { independentLogNormal } from "./laws.ts";
import { shippedPerceptron, shippedUNet } from "./networks.ts";

const COMPONENTS = 20;
/** Images beside and below each other in a picture. */
const [ACROSS, DOWN] = [8, 4];
/** Wide noise, under which ambient steps fail. */
const WIDE = 3;

interface Scores {
  readonly name: string;
  /** Squared Frechet distance to the training images in their leading principal components. */
  readonly frechet: number;
  /** Mean largest probability of a linear classifier. */
  readonly confidence: number;
  /** Entropy of the mean class probabilities' most likely classes, in nats. */
  readonly entropy: number;
  /** Mean distance to the nearest training image. */
  readonly nearest: number;
}

interface Findings {
  readonly samples: number;
  readonly trainedHere: boolean;
  readonly scores: readonly Scores[];
  readonly nonPositive: number;
  /**
   * With volatility 3, where a network was trained for it: the distances of both samplers, and the images that ambient
   * steps made non-positive.
   */
  readonly wide: {
    readonly logSpace: number;
    readonly ambient: number;
    readonly nonPositive: number;
  } | null;
}

const names = {
  test: "held-out digits",
  logSpace: "log-space sampler",
  ambient: "ambient sampler",
  flow: "probability flow",
  independent: "log-normal pixels, independent",
  full: "log-normal pixels, full covariance",
} as const;

function picture(series: string, { values }: DenseMatrix): ExperimentEvent {
  const shown = new Float64Array(ACROSS * DOWN * PIXELS);
  for (let image = 0; image < ACROSS * DOWN; image++)
    for (let j = 0; j < PIXELS; j++) {
      const row = Math.floor(image / ACROSS) * SIDE + Math.floor(j / SIDE);
      const column = (image % ACROSS) * SIDE + (j % SIDE);
      shown[row * ACROSS * SIDE + column] = values[image * PIXELS + j] - 1;
    }
  return matrix("digits", series, {
    rows: Array.from({ length: DOWN * SIDE }, (_, k) => `${k}`),
    columns: Array.from({ length: ACROSS * SIDE }, (_, k) => `${k}`),
    values: shown,
  });
}

export default defineExperiment({
  description:
    "Digits of 8 x 8 pixels, each 1 to 2, from noise: by both samplers and by the probability flow, with a network that was trained on 1,200 of them. Samples are compared with the training digits, with digits that were held out, and with log-normal laws of the same moments.",
  parameters: z.object({
    samples: z.int().min(200).max(5000).default(1000).describe("images from each sampler"),
    steps: z.int().min(20).max(2000).default(300).describe("steps of the samplers"),
    trainingSteps: z
      .int()
      .min(0)
      .max(100_000)
      .default(4000)
      .describe("steps of training a network here; 0 takes the one that comes with the paper"),
    width: z.int().min(32).max(1024).default(384).describe("width of a network that is trained here"),
  }),
  profiles: { quick: { trainingSteps: 0, samples: 800, steps: 150 }, full: {} },
  seconds: { quick: 10, full: 400 },
  plots: [
    heatPlot("digits", "Digits emerging from multiplicative noise", "pixel", "pixel", {
      series: ["perceptron", "U-Net"],
      color: { label: "gray level", kind: "sequential" },
    }),
    barPlot(
      "frechet",
      "Fréchet distance to the training digits, 20 components",
      "images",
      "squared distance",
      {
        series: ["distance"],
      },
    ),
    barPlot("confidence", "Confidence of a linear classifier", "images", "mean largest probability", {
      series: ["confidence"],
    }),
  ],

  async *measure({ parameters: { samples, steps, trainingSteps, width }, seed, signal, stage, resumable }) {
    const images = await digitImages();
    const probabilities = await classifier(images, signal);

    /** Samples, shown as they emerge. */
    const drawn = async function* <P extends ValuesOf<P>>(
      model: DiffusionModel<P>,
      sampler: SamplerName,
      {
        shown,
        from,
        share,
        count = samples,
      }: { shown?: string; from: number; share: number; count?: number },
    ): ExperimentRun<{ readonly images: DenseMatrix; readonly nonPositive: number }> {
      const taken = sampler === "probability-flow" ? 24 : steps;
      let last: { readonly images: DenseMatrix; readonly nonPositive: number } | undefined;
      for await (const { points: now, denoised, steps: at, done, nonPositive } of samplePath(model, {
        count,
        steps: taken,
        sampler,
        stepsPerIterate: Math.ceil(taken / 12),
        onNonPositive: "keep",
        seed,
        signal,
      })) {
        yield progress(from + (share * at) / taken, shown ?? sampler);
        const kept = clamped(done ? denoised : now);
        if (shown) yield picture(shown, kept);
        last = { images: kept, nonPositive };
      }
      if (!last) throw new Error("sampling has no iterates");
      return last;
    };
    const trained = async function* (volatility: number, from: number): ExperimentRun<Shipped> {
      const { iterate } = yield* resumable("training", {
        method: (resume) =>
          trainDiffusion({
            data: images.train,
            process: digitProcess(volatility),
            network: digitNetworks["residual-mlp"](width),
            steps: trainingSteps,
            batchSize: 256,
            seed,
            resume,
            signal,
          }),
        kept: null,
        async *each({ steps: taken }) {
          yield progress(from + (0.3 * taken) / trainingSteps, `training, step ${taken}`);
        },
      });
      return iterate.model;
    };
    const scored = (name: string, made: DenseMatrix): Scores => {
      const all = probabilities(made);
      const counts = new Float64Array(CLASSES);
      let confidence = 0;
      for (const p of all) {
        const most = Math.max(...p);
        confidence += most / all.length;
        counts[p.indexOf(most)] += 1 / all.length;
      }
      return {
        name,
        frechet: frechetDistance(images.train, made, { components: COMPONENTS }),
        confidence,
        entropy: -counts.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0),
        nearest: nearestOf(made, images.train),
      };
    };

    // the U-Net first: its picture is there at once
    yield* stage("u-net", async function* (): ExperimentRun<null> {
      yield* drawn(await shippedUNet(), "probability-flow", {
        shown: "U-Net",
        from: 0,
        share: 0.1,
        count: ACROSS * DOWN,
      });
      return null;
    });
    const own = yield* stage("samples", async function* (): ExperimentRun<{
      readonly scores: readonly Scores[];
      readonly nonPositive: number;
    }> {
      const model = trainingSteps === 0 ? await shippedPerceptron() : yield* trained(0.8, 0.1);
      const logSpace = yield* drawn(model, "euler-maruyama", { shown: "perceptron", from: 0.4, share: 0.2 });
      const ambient = yield* drawn(model, "ambient", { from: 0.6, share: 0.2 });
      const flow = yield* drawn(model, "probability-flow", { from: 0.8, share: 0.1 });
      return {
        scores: [
          scored(names.logSpace, logSpace.images),
          scored(names.ambient, ambient.images),
          scored(names.flow, flow.images),
        ],
        nonPositive: ambient.nonPositive,
      };
    });
    const others = [
      scored(names.test, images.test),
      scored(names.independent, clamped(independentLogNormal(images.train, samples, seed))),
      scored(names.full, clamped(fullLogNormal(images.train, samples, seed))),
    ];
    const scores = [...own.scores, ...others];
    for (const { name, frechet, confidence } of scores) {
      yield point("frechet", "distance", name, frechet);
      yield point("confidence", "confidence", name, confidence);
    }
    let wide: Findings["wide"] = null;
    if (trainingSteps > 0)
      wide = yield* stage("wide", async function* (): ExperimentRun<Findings["wide"]> {
        const model = yield* trained(WIDE, 0.6);
        const logSpace = yield* drawn(model, "euler-maruyama", { from: 0.9, share: 0.05 });
        const ambient = yield* drawn(model, "ambient", { from: 0.95, share: 0.05 });
        return {
          logSpace: scored("", logSpace.images).frechet,
          ambient: scored("", ambient.images).frechet,
          nonPositive: ambient.nonPositive,
        };
      });
    yield progress(1, "done");
    return { samples, trainedHere: trainingSteps > 0, scores, nonPositive: own.nonPositive, wide };
  },

  judge({ scores, trainedHere, wide }: Findings) {
    const of = (name: keyof typeof names) => scores.find((one) => one.name === names[name]) ?? scores[0];
    const own = of("logSpace");
    return [
      check(
        "C5",
        "Fréchet distance of log-space samples over that of independent log-normal pixels",
        own.frechet / of("independent").frechet,
        { atMost: 0.35 },
        criterion("images that are learned must be much nearer than pixels alone, by a factor of three"),
      ),
      check(
        "C5",
        "confidence of a classifier in log-space samples above that in log-normal pixels with full covariance",
        own.confidence - of("full").confidence,
        { atLeast: trainedHere ? 0.1 : 0.04 },
        criterion(
          "more than second moments is seen as digits; the network that comes with the paper is small",
        ),
      ),
      check(
        "C5",
        "entropy of the classes of log-space samples",
        own.entropy,
        { atLeast: 2.1 },
        criterion("ten equal classes have 2.303; below 2.1 one of them is missing or two are rare"),
      ),
      check(
        "C5",
        "distance of log-space samples to the nearest training digit over that of held-out digits",
        own.nearest / of("test").nearest,
        { atLeast: 0.6 },
        criterion("copies would be at 0; new digits are as far as held-out ones, to four tenths"),
      ),
      ourCheck(
        "Fréchet distance of the probability flow with 49 evaluations over that of log-space steps",
        of("flow").frechet / own.frechet,
        { atMost: 1.2 },
        criterion("a sixth of the evaluations should cost at most a fifth of the distance"),
      ),
      wide
        ? check(
            "C4",
            "Fréchet distance of ambient samples over that of log-space samples, volatility 3",
            wide.ambient / wide.logSpace,
            { above: 2 },
            criterion("“sign-preserving” is of use where the other sampler is twice as far"),
          )
        : inconclusive("C4", "the quick size trains no network for wide noise"),
    ];
  },

  present({ samples, scores, nonPositive, wide }: Findings) {
    const of = (name: keyof typeof names) => scores.find((one) => one.name === names[name]) ?? scores[0];
    return {
      headline: `Digits from multiplicative noise are at a Fréchet distance of ${formatRounded(of("logSpace").frechet)} from the training digits; log-normal pixels are at ${formatRounded(of("independent").frechet)}, held-out digits at ${formatRounded(of("test").frechet)}.`,
      summary: [
        `A linear classifier is sure of ${samples.toLocaleString("en-US")} log-space samples by ${formatRounded(of("logSpace").confidence)}, of held-out digits by ${formatRounded(of("test").confidence)}, and of log-normal pixels with the full covariance by ${formatRounded(of("full").confidence)}.`,
        `The ambient sampler gives ${formatRounded(of("ambient").frechet)} and makes ${nonPositive} images non-positive on the way; the probability flow with 49 evaluations gives ${formatRounded(of("flow").frechet)}.`,
        ...(wide
          ? [
              `With volatility 3 the log-space sampler gives ${formatRounded(wide.logSpace)}, the ambient one ${formatRounded(wide.ambient)}: its steps make ${wide.nonPositive} of ${samples.toLocaleString("en-US")} images non-positive, whose negative pixels are shown black.`,
            ]
          : []),
      ],
      captions: {
        digits: `${ACROSS * DOWN} samples of each network, cut off at the levels of black and white.`,
        frechet:
          "In the 20 leading principal components of the training digits; not the distance of Inception features.",
        confidence: "Softmax regression trained on the 1,200 training digits.",
      },
      tables: [
        tableOf(
          "scores",
          "Images compared",
          {
            name: "Images",
            frechet: "Fréchet distance",
            confidence: "Confidence",
            entropy: "Class entropy",
            nearest: "Distance to nearest training digit",
          },
          scores,
        ),
      ],
    };
  },
});

type Shipped = Awaited<ReturnType<typeof shippedPerceptron>>;
