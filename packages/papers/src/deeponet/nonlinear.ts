import {
  concatenatedNetwork,
  deepONet,
  type OperatorData,
  type OperatorNetwork,
  trimmedMeanSquaredError,
} from "gradus/operators";
import { median } from "gradus/statistics";
import type { ValuesOf } from "gradus/tree";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { checkpointEvery, learn, outputsOf, predictionPlot, trainingPlot } from "./learn.ts";
import { inputSpace, makePairs, operators } from "./problems.ts";

const models = ["DeepONet", "FNN 2x40"] as const;

interface Repeat {
  readonly seed: number;
  /** Functions that were drawn again because their solution blew up. */
  readonly dropped: number;
  /** Trimmed mean squared test errors. */
  readonly deepONet: number;
  readonly baseline: number;
}

/** The mean squared error without the largest 0.1% of squared errors. */
async function trimmedError<P extends ValuesOf<P>>(
  network: OperatorNetwork<P>,
  parameters: P,
  data: OperatorData,
): Promise<number> {
  const output = await outputsOf(network, parameters, data);
  return trimmedMeanSquaredError(Float64Array.from(output), data.targets.values);
}

export default defineExperiment({
  description:
    "The nonlinear equation s′ = −s² + u, learned by DeepONet and by a fully connected network; solutions may blow up, so the largest 0.1% of squared errors are left out.",
  parameters: z.object({
    functions: z.int().min(50).max(20_000).default(10_000).describe("training functions, one point each"),
    testFunctions: z.int().min(1000).max(100_000).default(100_000).describe("test functions, one point each"),
    iterations: z.int().min(200).max(200_000).default(100_000).describe("steps of Adam on all data"),
    repeats: z.int().min(1).max(10).default(1).describe("independent pairs of trainings"),
  }),
  profiles: {
    quick: { functions: 1000, testFunctions: 3000, iterations: 1000, repeats: 3 },
    full: {},
  },
  seconds: { quick: 11, full: 1500 },
  plots: [predictionPlot(models), trainingPlot(models)],

  async *measure({ parameters, seed, signal, stage, resumable }) {
    const { functions, testFunctions, iterations, repeats } = parameters;
    const found: Repeat[] = [];
    for (const [r, own] of repeatSeeds(seed, repeats).entries())
      found.push(
        yield* stage(`repeat ${r}`, async function* () {
          const { data, testData, probe } = makePairs({
            space: inputSpace(),
            operator: operators.nonlinear(),
            sensors: 100,
            functions,
            testFunctions,
            seed: own,
          });
          const every = checkpointEvery(iterations, 20);
          const shared = {
            data,
            testData,
            iterations,
            every,
            seed: own,
            signal,
            resumable,
            probe,
            draw: r === 0,
          };
          const [from, middle, to] = [r / repeats, (r + 0.5) / repeats, (r + 1) / repeats];
          const branched = deepONet({ sensors: 100, trunk: [40, 40] });
          const joined = concatenatedNetwork({ sensors: 100, hidden: [40, 40] });
          const first = yield* learn({ ...shared, network: branched, model: models[0], from, to: middle });
          const second = yield* learn({ ...shared, network: joined, model: models[1], from: middle, to });
          return {
            seed: own,
            dropped: data.dropped + testData.dropped,
            deepONet: await trimmedError(branched, first.best.parameters, testData),
            baseline: await trimmedError(joined, second.best.parameters, testData),
          };
        }),
      );
    return { repeats: found };
  },

  judge: ({ repeats }) => [
    check(
      "C1",
      "trimmed test error of DeepONet over the fully connected network’s, medians over repeats",
      median(repeats.map(({ deepONet }) => deepONet)) / median(repeats.map(({ baseline }) => baseline)),
      { atMost: 0.5 },
      criterion("a “significantly” smaller error on a harder operator is at most half"),
    ),
  ],

  present({ repeats }) {
    const own = median(repeats.map(({ deepONet }) => deepONet));
    const baseline = median(repeats.map(({ baseline }) => baseline));
    const dropped = repeats.reduce((sum, one) => sum + one.dropped, 0);
    return {
      headline: `On s′ = −s² + u DeepONet’s trimmed test error is ${formatRounded(own)}, the fully connected network’s ${formatRounded(baseline)} (medians over ${repeats.length} ${repeats.length === 1 ? "repeat" : "repeats"}).`,
      summary: [
        `${formatRounded(dropped)} functions were drawn again because their solution fell below −1000 before the end of the interval.`,
      ],
      captions: {
        prediction:
          "One function of the last repeat: the input, the true solution and both networks’ outputs.",
        training: "The first repeat, errors not trimmed. Training errors dashed, test errors solid.",
      },
      tables: [
        tableOf(
          "repeats",
          "Trimmed test errors",
          { seed: "seed", deepONet: "DeepONet", baseline: "FNN 2x40", dropped: "functions drawn again" },
          repeats,
        ),
      ],
    };
  },
});
