import { deepONet } from "gradus/operators";
import { median } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, point } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { dotPlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { checkpointEvery, type Learned, learn, numbersOf, predictionPlot, trainingPlot } from "./learn.ts";
import { inputSpace, makePairs, operators } from "./problems.ts";

const kinds = ["unstacked", "stacked"] as const;
type Pair = { readonly seed: number } & Readonly<Record<(typeof kinds)[number], Learned>>;

const SCATTER = "scatter";
const ratio = ({ train, test }: Learned) => test / train;
const each = (pairs: readonly Pair[], f: (pair: Pair) => number) => median(pairs.map(f));

export default defineExperiment({
  description:
    "The antiderivative, learned by a DeepONet with one branch network for all coefficients and by one with a network for each, from the same functions: training and test errors.",
  parameters: z.object({
    functions: z.int().min(50).max(20_000).default(10_000).describe("training functions, one point each"),
    testFunctions: z.int().min(100).max(100_000).default(10_000).describe("test functions, one point each"),
    iterations: z.int().min(200).max(100_000).default(10_000).describe("steps of Adam on all data"),
    width: z.int().min(5).max(100).default(40).describe("width of all layers, and number of coefficients"),
    repeats: z.int().min(1).max(10).default(3).describe("independent pairs of trainings"),
  }),
  profiles: {
    quick: { functions: 500, testFunctions: 2000, iterations: 1000, width: 20 },
    full: {},
  },
  seconds: { quick: 12, full: 9000 },
  plots: [
    predictionPlot(kinds),
    trainingPlot(kinds),
    dotPlot(SCATTER, "Test error against training error", logAxis("training error"), logAxis("test error"), {
      series: kinds,
    }),
  ],

  async *measure({ parameters, seed, signal, stage, resumable }) {
    const { functions, testFunctions, iterations, width, repeats } = parameters;
    const pairs: Pair[] = [];
    const every = checkpointEvery(iterations, 20);
    for (const [r, own] of repeatSeeds(seed, repeats).entries()) {
      const { data, testData, probe } = makePairs({
        space: inputSpace(),
        operator: operators.antiderivative(),
        sensors: 100,
        functions,
        testFunctions,
        seed: own,
      });
      const found: Partial<Record<(typeof kinds)[number], Learned>> = {};
      for (const [k, kind] of kinds.entries())
        found[kind] = yield* stage(`${kind} ${r}`, async function* () {
          const network = deepONet({
            sensors: 100,
            branch: [width, width],
            trunk: [width, width],
            stacked: kind === "stacked",
          });
          const from = (r + (k === 0 ? 0 : 0.2)) / repeats;
          const to = (r + (k === 0 ? 0.2 : 1)) / repeats;
          const training = { network, data, testData, iterations, every, seed: own, signal, resumable };
          const learned = yield* learn({ ...training, model: kind, probe, draw: r === 0, from, to });
          yield point(SCATTER, kind, learned.train, learned.test);
          return numbersOf(learned);
        });
      const { unstacked, stacked } = found;
      if (unstacked && stacked) pairs.push({ seed: own, unstacked, stacked });
    }
    return { pairs };
  },

  judge: ({ pairs }) => [
    check(
      "C2",
      "smallest over repeats of stacked over unstacked ratio of test to training error",
      Math.min(...pairs.map(({ stacked, unstacked }) => ratio(stacked) / ratio(unstacked))),
      { atLeast: 2 },
      criterion(
        "a smaller generalization error of the unstacked network means at most half, in every repeat",
      ),
    ),
    check(
      "C2",
      "median ratio of stacked over unstacked test error",
      each(pairs, ({ stacked, unstacked }) => stacked.test / unstacked.test),
      { atLeast: 1.3 },
      criterion(
        "the unstacked network’s test error must be smaller by more than the scatter between trainings",
      ),
    ),
    check(
      "C2",
      "median ratio of stacked over unstacked training error",
      each(pairs, ({ stacked, unstacked }) => stacked.train / unstacked.train),
      { atMost: 1 },
      criterion("the claim is that the unstacked network has the larger training error"),
    ),
  ],

  present: ({ pairs }) => ({
    headline: `Stacked branches fit better and generalize worse: training error ${formatRounded(each(pairs, ({ stacked }) => stacked.train))} against ${formatRounded(each(pairs, ({ unstacked }) => unstacked.train))}, test error ${formatRounded(each(pairs, ({ stacked }) => stacked.test))} against ${formatRounded(each(pairs, ({ unstacked }) => unstacked.test))} (medians).`,
    summary: [
      `The test error is ${formatRounded(each(pairs, ({ stacked }) => ratio(stacked)))} times the training error with stacked branches, and ${formatRounded(each(pairs, ({ unstacked }) => ratio(unstacked)))} times with one branch.`,
    ],
    captions: {
      prediction:
        "One function of the last repeat: the input, the true antiderivative and both networks’ outputs.",
      training: "The first repeat. Training errors dashed, test errors solid.",
      scatter: "A dot for each training: stacked networks lie to the upper left.",
    },
    tables: [
      tableOf(
        "pairs",
        "Errors at the checkpoint with the lowest training error",
        {
          seed: "seed",
          unstackedTrain: "unstacked, training",
          unstackedTest: "unstacked, test",
          stackedTrain: "stacked, training",
          stackedTest: "stacked, test",
        },
        pairs.map(({ seed, unstacked, stacked }) => ({
          seed,
          unstackedTrain: unstacked.train,
          unstackedTest: unstacked.test,
          stackedTrain: stacked.train,
          stackedTest: stacked.test,
        })),
      ),
    ],
  }),
});
