import { denseMatrix } from "gradus/linalg";
import { concatenatedNetwork, deepONet, exportOperator, type OperatorNetwork } from "gradus/operators";
import type { ValuesOf } from "gradus/tree";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, keepForExploration } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { toBase64 } from "../shared/base64.ts";
import { linePlot } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { moveAntiderivative } from "./explore-antiderivative.ts";
import {
  checkpointEvery,
  type Learned,
  learn,
  numbersOf,
  outputsOf,
  predictionPlot,
  trainingPlot,
} from "./learn.ts";
import { CURVE, inputSpace, makePairs, operators } from "./problems.ts";

const DEEPONET = "DeepONet";
const NO_BIAS = "DeepONet without bias";
const OUTSIDE = "outside";

/** Inputs that are not drawn from a Gaussian random field, with their antiderivatives. */
export const outsiders = [
  { name: "x", u: (x: number) => x, s: (x: number) => (x * x) / 2, most: 0.05 },
  {
    name: "sin πx",
    u: (x: number) => Math.sin(Math.PI * x),
    s: (x: number) => (1 - Math.cos(Math.PI * x)) / Math.PI,
    most: 0.08,
  },
  {
    name: "sin 2πx",
    u: (x: number) => Math.sin(2 * Math.PI * x),
    s: (x: number) => (1 - Math.cos(2 * Math.PI * x)) / (2 * Math.PI),
    most: 0.15,
  },
  {
    name: "x sin 2πx",
    u: (x: number) => x * Math.sin(2 * Math.PI * x),
    s: (x: number) =>
      Math.sin(2 * Math.PI * x) / (4 * Math.PI ** 2) - (x * Math.cos(2 * Math.PI * x)) / (2 * Math.PI),
    most: 0.2,
  },
];

const places = Float64Array.from({ length: CURVE }, (_, i) => i / (CURVE - 1));

/** A trained network's outputs for the functions outside, and their relative errors in the Euclidean norm. */
async function outside<P extends ValuesOf<P>>(
  network: OperatorNetwork<P>,
  parameters: P,
  sensors: Float64Array,
) {
  const n = outsiders.length;
  const u = outsiders.flatMap((one) => Array.from(sensors, one.u));
  const output = await outputsOf(network, parameters, {
    sensorValues: denseMatrix(u, n, sensors.length),
    locations: denseMatrix(places, CURVE, 1),
    layout: "grid",
  });
  const errors = outsiders.map(({ s }, k) => {
    let [difference, size] = [0, 0];
    places.forEach((x, i) => {
      difference += (output[k * CURVE + i] - s(x)) ** 2;
      size += s(x) ** 2;
    });
    return Math.sqrt(difference / size);
  });
  return { errors, last: Array.from(output.subarray((n - 1) * CURVE)) };
}

interface Model {
  readonly name: string;
  readonly width: number;
  readonly learned: Learned;
  /** Relative errors outside the training distribution. */
  readonly outside: readonly number[];
}

const isBaseline = ({ name }: Model) => name.startsWith("FNN");
const bestBaseline = (models: readonly Model[]) =>
  models.filter(isBaseline).reduce((best, one) => (one.learned.test < best.learned.test ? one : best));
const named = (models: readonly Model[], name: string) =>
  models.find((one) => one.name === name) ?? models[0];

/** Correlation of the logarithms of both errors, and how much their ratio varies, from step 200 on. */
function together({ path }: Learned) {
  const later = path.filter(({ steps }) => steps >= 200);
  const [x, y] = [later.map(({ train }) => Math.log(train)), later.map(({ test }) => Math.log(test))];
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const dot = (a: readonly number[], ma: number, b: readonly number[], mb: number) =>
    a.reduce((sum, v, i) => sum + (v - ma) * (b[i] - mb), 0);
  const ratios = later.map(({ train, test }) => test / train);
  return {
    correlation: dot(x, mx, y, my) / Math.sqrt(dot(x, mx, x, mx) * dot(y, my, y, my)),
    spread: Math.max(...ratios) / Math.min(...ratios),
  };
}

export default defineExperiment({
  description:
    "The antiderivative is learned from functions with one point each: DeepONet with and without bias against fully connected networks that take sensors and location together. Errors on new functions, and on four functions of a different kind.",
  parameters: z.object({
    functions: z.int().min(50).max(100_000).default(10_000).describe("training functions, one point each"),
    testFunctions: z.int().min(100).max(100_000).default(100_000).describe("test functions, one point each"),
    iterations: z.int().min(200).max(100_000).default(50_000).describe("steps of Adam on all data"),
    width: z.int().min(5).max(400).default(40).describe("width of branch and trunk"),
    baselines: z
      .array(z.string().regex(/^[1-4]x\d{1,3}$/))
      .min(1)
      .default(["2x40", "2x160", "3x160", "4x160"])
      .describe("hidden layers of the fully connected networks, depth x width"),
  }),
  profiles: {
    quick: { functions: 1000, testFunctions: 3000, iterations: 1500, baselines: ["2x40", "2x100"] },
    full: {},
  },
  seconds: { quick: 10, full: 5000 },
  plots: [
    predictionPlot([DEEPONET, "FNN 2x40"]),
    trainingPlot([DEEPONET, "FNN 2x40", "FNN 2x100", NO_BIAS]),
    linePlot(OUTSIDE, "x sin 2πx, a function of a different kind", "x", "antiderivative", {
      series: [DEEPONET, "FNN 2x40"],
      references: ["true output"],
    }),
  ],

  explore: moveAntiderivative,

  async *measure({ parameters, seed, signal, stage, resumable }) {
    const { functions, testFunctions, iterations, width, baselines } = parameters;
    const sensors = 100;
    const space = inputSpace();
    const pairs = makePairs({
      space,
      operator: operators.antiderivative(),
      sensors,
      functions,
      testFunctions,
      seed,
    });
    const { data, testData, probe } = pairs;
    const every = checkpointEvery(iterations, 20);
    const models: Model[] = [];
    const runs = 2 + baselines.length;

    async function* model<P extends ValuesOf<P>>(name: string, size: number, network: OperatorNetwork<P>) {
      const from = models.length / runs;
      const training = { network, data, testData, iterations, every, seed, signal, resumable };
      const options = { ...training, model: name, probe, from, to: from + 1 / runs };
      const learned = yield* learn(options);
      const beyond = await outside(network, learned.best.parameters, data.sensors);
      if (name === DEEPONET) {
        const { parameters } = learned.best;
        const file = exportOperator({ network, parameters, data, description: "Antiderivatives on [0, 1]" });
        yield keepForExploration({ file: toBase64(file) });
      }
      yield curve(OUTSIDE, name, places, (x, i) => ({ x, y: beyond.last[i] }));
      return { name, width: size, learned: numbersOf(learned), outside: beyond.errors };
    }
    const last = outsiders[outsiders.length - 1];
    yield curve(OUTSIDE, "true output", places, (x) => ({ x, y: last.s(x) - last.s(0) }));
    const shape = { sensors, branch: [width, width], trunk: [width, width] };
    models.push(yield* stage(DEEPONET, () => model(DEEPONET, width, deepONet(shape))));
    for (const text of baselines) {
      const [depth, size] = text.split("x").map(Number);
      const hidden = new Array<number>(depth).fill(size);
      const network = concatenatedNetwork({ sensors, hidden });
      models.push(yield* stage(text, () => model(`FNN ${text}`, size, network)));
    }
    models.push(yield* stage(NO_BIAS, () => model(NO_BIAS, width, deepONet({ ...shape, bias: false }))));
    return { models, functions, iterations };
  },

  judge({ models, functions, iterations }) {
    const own = named(models, DEEPONET);
    const baseline = bestBaseline(models);
    const { correlation, spread } = together(own.learned);
    // Below this size the effect of bias is smaller than the scatter between trainings.
    const whole = functions >= 10_000 && iterations >= 50_000;
    return [
      check(
        "C1",
        "test error of DeepONet over the best fully connected network’s",
        own.learned.test / baseline.learned.test,
        { atMost: 0.1 },
        criterion(
          "a “significantly” smaller error is at least ten times smaller; the paper’s figure was not read",
        ),
      ),
      check(
        "C1",
        "generalization gap of DeepONet over the best fully connected network’s",
        (own.learned.test - own.learned.train) / (baseline.learned.test - baseline.learned.train),
        { atMost: 0.1 },
        criterion(
          "the gap between test and training error is what the claim is about, by the same factor of ten",
        ),
      ),
      check(
        "C7",
        "correlation of the logarithms of training and test error from step 200 on",
        correlation,
        { atLeast: 0.95 },
        criterion("“tightly correlated” means that nine tenths of the variance is shared"),
      ),
      check(
        "C7",
        "largest over smallest ratio of test to training error from step 200 on",
        spread,
        { atMost: 4 },
        criterion(
          "a “nearly constant” ratio stays within a factor of four while the errors fall by more than ten",
        ),
      ),
      ...outsiders.map(({ name, most }, k) =>
        check(
          "C8",
          `relative error of DeepONet for u = ${name}`,
          own.outside[k],
          { atMost: most },
          criterion(
            "the curve must be recognizable as the right one: a few percent for the smooth functions, more for those with finer structure than the training functions",
          ),
        ),
      ),
      check(
        "C8",
        "largest ratio of DeepONet’s relative error to the best fully connected network’s over four functions",
        Math.max(...own.outside.map((error, k) => error / baseline.outside[k])),
        { atMost: 0.4 },
        criterion("generalizing means being clearly ahead of the network that does not"),
      ),
      ...(whole
        ? [
            ourCheck(
              "test error with bias over the one without",
              own.learned.test / named(models, NO_BIAS).learned.test,
              { atMost: 1.15 },
              criterion(
                "bias, which the paper recommends, must not hurt beyond the scatter between trainings",
              ),
            ),
          ]
        : []),
      ourCheck(
        "training error of DeepONet over its error at the start",
        own.learned.train / own.learned.path[0].train,
        { atMost: 0.01 },
        criterion("a comparison of networks that were not trained would say nothing"),
      ),
    ];
  },

  present({ models, functions }) {
    const own = named(models, DEEPONET);
    const baseline = bestBaseline(models);
    const times = formatRounded(baseline.learned.test / own.learned.test);
    const { correlation } = together(own.learned);
    return {
      headline: `From ${formatRounded(functions)} functions with one point each, DeepONet’s test error is ${formatRounded(own.learned.test)}, ${times} times below that of the best fully connected network (${formatRounded(baseline.learned.test)}).`,
      summary: [
        `The fully connected network fits its training data to ${formatRounded(baseline.learned.train)} and misses new functions by ${formatRounded(baseline.learned.test)}; for DeepONet these are ${formatRounded(own.learned.train)} and ${formatRounded(own.learned.test)}.`,
        `While DeepONet trains, the logarithms of its training and test errors have correlation ${formatRounded(correlation)}.`,
        `For functions of a different kind DeepONet’s relative errors are ${own.outside.map((error, k) => `${formatRounded(error)} (${outsiders[k].name})`).join(", ")}; the fully connected network’s are ${baseline.outside.map((error) => formatRounded(error)).join(", ")}.`,
        `Without bias the test error is ${formatRounded(named(models, NO_BIAS).learned.test)}.`,
      ],
      captions: {
        prediction: "The input, its true antiderivative, and each network’s output at its last checkpoint.",
        training:
          "Training errors dashed, test errors solid: the gap of the fully connected networks does not close.",
        outside: `${outsiders[outsiders.length - 1].name} has finer structure than most training functions.`,
      },
      tables: [
        tableOf(
          "models",
          "Errors at the checkpoint with the lowest training error",
          {
            model: "network",
            train: "training error",
            test: "test error",
            ...Object.fromEntries(outsiders.map(({ name }, k) => [`outside${k}`, `relative error, ${name}`])),
          },
          models.map(({ name, learned, outside }) => ({
            model: name,
            train: learned.train,
            test: learned.test,
            ...Object.fromEntries(outside.map((error, k) => [`outside${k}`, error])),
          })),
        ),
      ],
    };
  },
});
