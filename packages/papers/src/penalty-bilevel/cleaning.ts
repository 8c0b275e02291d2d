import { minimize } from "gradus/optimize";
import { doubleLoopPenalty, exampleWeights } from "gradus/optimize/bilevel";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { accuracyOf, CLASSES, f1Of, pollutedImages, rankedRight } from "./polluted-images.ts";

const RIDGE = 1e-3;
const PENALTY = { sigma: 0.1, innerSteps: 5, innerStepSize: 1 };
/** A weight of 1 and of 0 before the sigmoid. */
const SURE = 40;
const LABELS = { right: "right labels", wrong: "wrong labels" };
const CLEANED = "cleaned by the penalty method";
const NOISY = "all weights 1";
const IDEAL = "wrong labels left out";

export default defineExperiment({
  description:
    "Half of the training labels are replaced by wrong classes. The penalty method learns a weight for every training example from the loss on trusted examples; the classifier is compared with one trained on all labels and one trained without the wrong ones.",
  parameters: z.object({
    images: z.enum(["digits", "mnist", "fashion-mnist"]).default("mnist").describe("images to classify"),
    train: z.int().min(100).max(20_000).default(5000).describe("training examples, half with wrong labels"),
    validation: z.int().min(50).max(20_000).default(5000).describe("trusted examples"),
    iterations: z.int().min(50).max(10_000).default(400).describe("steps on the weights"),
  }),
  profiles: { quick: { images: "digits", train: 500, validation: 300 }, full: {} },
  dataDirectory: ["images"],
  seconds: { quick: 4, full: 300 },
  plots: [
    linePlot("weights", "Mean weight of training examples", "step", "mean weight", {
      series: [LABELS.right, LABELS.wrong],
    }),
    linePlot("accuracy", "Accuracy on test images", "step", "test accuracy", {
      series: [CLEANED],
      references: [IDEAL, NOISY],
    }),
  ],

  async *measure({ parameters, seed, signal, stage, resumable }) {
    const { images, iterations, ...sizes } = parameters;
    const { train, validation, test, wrong } = await pollutedImages(images, sizes, seed);
    const given = exampleWeights({ train, validation, classes: CLASSES, ridge: RIDGE });
    const { problem, start, weights, predict } = given;
    /** Test accuracy of a classifier trained with fixed weights. */
    async function fixedWeights(x: Float64Array): Promise<number> {
      const out = new Float64Array(problem.dimensionY);
      const value = (y: Float64Array) => problem.lower.value(x, y);
      const gradient = async (y: Float64Array) =>
        (await problem.lower.gradientY(x, y, out, undefined)).slice();
      const objective = {
        dimension: problem.dimensionY,
        value,
        gradient,
        valueAndGradient: async (y: Float64Array) => ({ value: await value(y), gradient: await gradient(y) }),
      };
      const fitted = await minimize(objective, start.y0, { gradientTolerance: 1e-5, signal });
      return accuracyOf(predict(fitted.x, test.x), test);
    }
    const cleaned = yield* stage("cleaning", async function* () {
      const every = Math.ceil(iterations / 50);
      const { iterate } = yield* resumable("penalty", {
        // the examples' gradients are means over n: the step grows with n
        method: (resume) =>
          doubleLoopPenalty(problem, start, { ...PENALTY, stepSize: train.x.rows, resume, signal }),
        until: ({ iteration }) => iteration >= iterations,
        kept: null,
        async *each({ iteration, x, z: W }) {
          if (iteration % every !== 0 && iteration < iterations) return;
          const now = weights(x);
          const mean = (of: (i: number) => boolean) => {
            const chosen = now.filter((_, i) => of(i));
            return chosen.reduce((sum, weight) => sum + weight, 0) / chosen.length;
          };
          yield progress((0.9 * iteration) / iterations, `step ${iteration} of ${iterations}`);
          yield point(
            "weights",
            LABELS.right,
            iteration,
            mean((i) => !wrong.has(i)),
          );
          yield point(
            "weights",
            LABELS.wrong,
            iteration,
            mean((i) => wrong.has(i)),
          );
          yield point("accuracy", CLEANED, iteration, accuracyOf(predict(W, test.x), test));
        },
      });
      const now = weights(iterate.x);
      return {
        accuracy: accuracyOf(predict(iterate.z, test.x), test),
        calls: iterate.oracleCalls,
        products: iterate.products,
        f1: f1Of(now, wrong),
        ranked: rankedRight(now, wrong),
      };
    });
    const references = yield* stage("references", async function* () {
      yield progress(0.9, "training on all labels");
      const noisy = await fixedWeights(start.x0.map(() => SURE));
      yield progress(0.95, "training without the wrong labels");
      const ideal = await fixedWeights(start.x0.map((_, i) => (wrong.has(i) ? -SURE : SURE)));
      return { noisy, ideal };
    });
    for (const [name, y] of [
      [NOISY, references.noisy],
      [IDEAL, references.ideal],
    ] as const)
      for (const x of [0, iterations]) yield point("accuracy", name, x, y);
    return { ...references, ...cleaned, images, train: train.x.rows, test: test.x.rows };
  },

  judge: ({ noisy, ideal, accuracy, f1, ranked, products }) => [
    check(
      "C6",
      "share of the accuracy lost to wrong labels that gradients alone recover",
      (accuracy - noisy) / (ideal - noisy),
      { atLeast: 0.5 },
      criterion(
        "first-order oracles are enough for the task if they recover more than half of the lost accuracy",
      ),
    ),
    check(
      "C6",
      "products with second derivatives",
      products,
      { equals: 0 },
      criterion("gradients alone means no product with a second derivative"),
    ),
    ourCheck(
      "probability that a right label outweighs a wrong one",
      ranked,
      { atLeast: 0.95 },
      criterion("weights that separate the labels rank nineteen of twenty pairs correctly"),
    ),
    ourCheck(
      "F1 score of weights above 1/2 as predictors of right labels",
      f1,
      { atLeast: 0.9 },
      criterion("nine of ten labels that are kept are right, and nine of ten right ones are kept"),
    ),
  ],

  present({ noisy, ideal, accuracy, f1, ranked, calls, images, train, test }) {
    const [a, b, c] = [accuracy, noisy, ideal].map(formatRounded);
    return {
      headline: `With half of the ${formatRounded(train)} training labels wrong, learned weights give a test accuracy of ${a}, against ${b} when training on all labels and ${c} without the wrong ones.`,
      captions: {
        weights: `Right labels keep their weight, wrong ones lose it: a right label outweighs a wrong one with probability ${formatRounded(ranked)}.`,
        accuracy: `The accuracy ends at ${a}; training on all labels gives ${b}, and training without the wrong ones ${c}.`,
      },
      summary: [
        `On ${formatRounded(test)} test images of ${images} the accuracy is ${a} after ${formatRounded(calls)} gradients of the two levels, without second derivatives.`,
        `Labels with a weight above 1/2, taken as right, have an F1 score of ${formatRounded(f1)}.`,
      ],
      tables: [
        tableOf("accuracies", "Test accuracy", { training: "training", accuracy: "accuracy" }, [
          { training: NOISY, accuracy: noisy },
          { training: CLEANED, accuracy },
          { training: IDEAL, accuracy: ideal },
        ]),
      ],
    };
  },
});
